//! The named checks are green on the head: each of them, by name, on this commit. None named is not green (F-077), and
//! neither is one that has not reported (F-076), was cancelled or was skipped (F-080): it is waited for.

use bus::catalogue::work::Task;

use super::{Case, Verdict};
use crate::machine::{fact::Conclusion, state::RanCheck};

/// What one check says.
enum Colour {
    Green,
    Red,
    /// It has not said yet, or said nothing.
    None(&'static str),
}

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    if case.wanted.checks.is_empty() {
        return Verdict::Human("no required check is named; name one in `checks`".to_owned());
    }
    let head = case.pull.head;
    let mut missing = Vec::new();
    for name in &case.wanted.checks {
        let ran = case.repository.commits.check(head, name);
        match colour(ran) {
            Colour::Green => {}
            Colour::Red => return red(case, name, ran),
            Colour::None(why) => missing.push(format!("`{name}` {why}")),
        }
    }
    if missing.is_empty() {
        return Verdict::Pass;
    }
    Verdict::Wait(format!("{} on {}", missing.join(", "), head.short()))
}

fn red(case: &Case<'_>, name: &str, ran: Option<&RanCheck>) -> Verdict {
    let head = case.pull.head;
    let summary = ran.map_or("", |ran| ran.summary.as_str()).lines().next().unwrap_or_default();
    let separator = if summary.is_empty() { "" } else { ": " };
    let say = format!("`{name}` is red on {}{separator}{summary}", head.short());
    Verdict::Work(say, Task::Mend { head, check: name.to_owned() })
}

/// Only these three are red; only success is green.
const fn colour(ran: Option<&RanCheck>) -> Colour {
    let Some(ran) = ran else {
        return Colour::None("has not reported");
    };
    match ran.conclusion {
        Some(Conclusion::Success) => Colour::Green,
        Some(Conclusion::Failure | Conclusion::TimedOut | Conclusion::StartupFailure) => Colour::Red,
        Some(Conclusion::Cancelled) => Colour::None("was cancelled"),
        Some(Conclusion::Skipped) => Colour::None("was skipped"),
        Some(Conclusion::Neutral) => Colour::None("said nothing"),
        Some(Conclusion::ActionRequired) => Colour::None("asks a person for something"),
        None => Colour::None("is running"),
    }
}
