//! What is put on GitHub for people: one comment an issue, one a pull request, edited in place; the check `rig / gate`.

use bus::{
    catalogue::{
        cmd::GithubOrder,
        outcome::PullState,
        work::{Expected, Leased, Offered, Standing, Task, Waiting},
    },
    commit::Oid,
    number::{ItemKey, PullKey},
};

use super::{
    gate::{self, Case, Verdict},
    matter::Matter,
    order::{Order, Target},
    output::Output,
    rules::Rules,
    state::{State, digest},
    turn, why,
};

/// What is to be said for an item that stays where it is.
pub(super) fn orders(matter: Matter<'_>) -> Vec<Output> {
    let Matter { state, rules, key, .. } = matter;
    let comment = comment(matter);
    comment.into_iter().chain(check(state, rules, key)).map(Output::Ordered).collect()
}

/// The comment on the issue, where what it would say now is not what it says. Its first words, its last, and what is
/// asked of a person come at once.
fn comment(matter: Matter<'_>) -> Option<Order> {
    let Matter { state, key, item, .. } = matter;
    let text = text(matter);
    let thread = key.issue.0;
    let standing = &item.course.standing;
    let at_once = item.told.is_none() || standing.is_end() || matches!(standing, Standing::Waiting(_));
    let said = item.told == Some(digest(&[&text]));
    let may_say = state.outbox.may_say(&Target::Thread(key.repository, thread), at_once);
    (!said && may_say).then(|| github(key, GithubOrder::Tell { thread, text }))
}

/// Where it stands, without moments: those would make a new text each time.
fn text(matter: Matter<'_>) -> String {
    let Matter { state, rules, key, item } = matter;
    let standing = &item.course.standing;
    // GitHub makes a link of `#`, not of our `!`.
    let pull = item.course.pull.map_or_else(String::new, |pull| format!(" · #{}", pull.0));
    let first = format!("**{}**{pull}", stands(standing));
    match standing {
        Standing::Waiting(waiting @ Waiting { whom, .. }) => {
            let (need, default) = (why::need(waiting), why::default(standing).unwrap_or_default());
            let limit = turn::span(rules.limits.person);
            format!("{first}\n\n@{whom}: {need}\n\nNo answer in {limit}: {default}.")
        }
        Standing::Live { .. } => format!("{first}\n\n{}", rules_site(state, rules, key).unwrap_or_default()),
        _ => first,
    }
}

/// Where it stands, in people's words: who took an offer, and whether its end was seen yet, is for `why` to say.
fn stands(standing: &Standing) -> String {
    match standing {
        Standing::Offered(Offered { task: Task::Build, .. }) => "queued".to_owned(),
        Standing::Leased(Leased { task: Task::Build, .. }) | Standing::Expected(Expected { task: Task::Build, .. }) => {
            "in work".to_owned()
        }
        Standing::Verifying(_) => "deploying".to_owned(),
        _ => standing.name().replace('_', " "),
    }
}

fn rules_site(state: &State, rules: &Rules, key: ItemKey) -> Option<String> {
    rules.repository(&state.repositories.get(&key.repository)?.name)?.site.clone()
}

/// The check on the head, where what it would say now is not what it says. That it may land comes
/// at once.
fn check(state: &State, rules: &Rules, key: ItemKey) -> Option<Order> {
    let case = Case::of(state, rules, key)?;
    let head = case.pull.head;
    let (open, landed, summary) = word(&case)?;
    let may_say = state.outbox.may_say(&Target::Gate(key.repository, head), open || landed);
    (!is_judged(&case, open, landed, &summary) && may_say)
        .then(|| github(key, GithubOrder::Judge { head, open, landed, summary }))
}

fn is_judged(case: &Case<'_>, open: bool, landed: bool, summary: &str) -> bool {
    case.pull.judged == Some((case.pull.head, digest_of_check(summary, open, landed)))
}

/// What a check says, as a digest.
pub(super) fn digest_of_check(summary: &str, open: bool, landed: bool) -> u64 {
    digest(&[summary, if open { "open" } else { "shut" }, if landed { "landed" } else { "" }])
}

/// What the check is to say: whether the head may land, whether it did so past the gates, and why.
fn word(case: &Case<'_>) -> Option<(bool, bool, String)> {
    match case.pull.state {
        PullState::Open => {
            let verdicts = gate::judge(case);
            let open = verdicts.iter().all(|(_, verdict)| *verdict == Verdict::Pass);
            Some((open, false, lines(&verdicts)))
        }
        PullState::Merged { commit } => Some(last_word(case, commit)),
        PullState::Closed => None,
    }
}

fn lines(verdicts: &[(&'static str, Verdict)]) -> String {
    let line = |(name, verdict): &(&'static str, Verdict)| match gate::reason(name, verdict) {
        None => format!("✓ {name}"),
        Some(reason) => format!("✗ {name}: {}", reason.say),
    };
    verdicts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a check says for good, so that no landed head waits for ever. What we ordered to land, or said may land, had all
/// gates open.
fn last_word(case: &Case<'_>, commit: Oid) -> (bool, bool, String) {
    let all_open = lines(&gate::GATES.map(|gate| (gate.name, Verdict::Pass)));
    if case.pull.ordered == Some(case.pull.head) || is_judged(case, true, false, &all_open) {
        return (true, false, all_open);
    }
    (false, true, format!("Merged past the gates, as {}.", commit.short()))
}

/// Whether nothing more is to be said of a head that landed.
fn is_judged_for_good(state: &State, rules: &Rules, key: ItemKey) -> bool {
    let merged = |case: &Case<'_>| matches!(case.pull.state, PullState::Merged { .. });
    let Some(case) = Case::of(state, rules, key).filter(merged) else {
        return true;
    };
    let said = word(&case).is_some_and(|(open, landed, summary)| is_judged(&case, open, landed, &summary));
    said && state.outbox.at(&Target::Gate(key.repository, case.pull.head)).is_none()
}

fn github(key: ItemKey, order: GithubOrder) -> Order {
    Order::Github { repository: key.repository, order: Box::new(order) }
}

/// A pull request of our implementer's that is for no issue is told what to add (F-070).
pub(super) fn stray(state: &State, rules: &Rules, key: PullKey) -> Option<Output> {
    let pull = state.pulls.get(&key)?;
    let text =
        "This pull request names no issue, so it cannot land here. Add a line `Closes #…` to its text.".to_owned();
    let ours = pull.author == rules.principals.implementer;
    let said = pull.told == Some(digest(&[&text]));
    let may_say = state.outbox.may_say(&Target::Thread(key.repository, key.pull.0), true);
    let order = GithubOrder::Tell { thread: key.pull.0, text };
    (ours && pull.is_open() && !said && may_say)
        .then(|| Output::Ordered(Order::Github { repository: key.repository, order: Box::new(order) }))
}

/// Whether an ended item has said its last word.
pub(super) fn is_over(state: &State, rules: &Rules, key: ItemKey) -> bool {
    let Some(matter) = Matter::of(state, rules, key).filter(|matter| matter.item.course.standing.is_end()) else {
        return false;
    };
    let quiet = state.outbox.at(&Target::Thread(key.repository, key.issue.0)).is_none();
    let told = matter.item.told == Some(digest(&[&text(matter)]));
    quiet && told && is_judged_for_good(state, rules, key)
}
