//! Somebody approved the head who is no author or committer of it. Computed here, from GitHub's own facts: nobody's words
//! count (F-040, F-045, I-01).

use bus::catalogue::{agent::Verdict as Judged, cmd::GithubOrder, outcome::Look, work::Task};

use super::{Case, Verdict};
use crate::machine::state::Judgement;

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let permit = case.item.course.permit.as_ref().filter(|permit| permit.head == case.pull.head);
    let waiver = permit.and_then(|permit| Some((&permit.by, permit.because.as_ref()?)));
    match (judge_reviews(case), waiver) {
        (Verdict::Pass, _) => Verdict::Pass,
        (_, Some((by, because))) => Verdict::Waived(format!("waived by {by}: {because}")),
        (shut, None) => shut,
    }
}

fn judge_reviews(case: &Case<'_>) -> Verdict {
    let head = case.pull.head;
    let Some(look) = case.pull.looked() else {
        return unread(case);
    };
    if let Some(judgement) = counting(case, look, Judged::ChangesRequested).next() {
        return Verdict::Work(format!("{} asks for changes", judgement.reviewer), Task::Fix { head });
    }
    if look.more_authors {
        let why = "it has more commits than can be read, so who wrote it is not known";
        return Verdict::Human(format!("{why}; make it fewer, or `land … because …`"));
    }
    if counting(case, look, Judged::Approved).next().is_some() {
        return Verdict::Pass;
    }
    let by_itself = case.pull.standing_judgements().any(|judgement| judgement.verdict == Some(Judged::Approved));
    review(case, if by_itself { "only who wrote it has approved" } else { "nobody has approved" })
}

/// As long as it is not read back who wrote it, a judgement that may count is not asked for a second time.
fn unread(case: &Case<'_>) -> Verdict {
    let (pull, head) = (case.number, case.pull.head);
    if case.pull.may_be_judged() {
        return Verdict::Ask("GitHub is being asked how it is now".to_owned(), GithubOrder::Look { pull, head });
    }
    review(case, "nobody has approved")
}

fn review(case: &Case<'_>, why: &str) -> Verdict {
    let head = case.pull.head;
    let round = case.item.course.rounds.saturating_add(1);
    Verdict::Work(format!("{why} {}", head.short()), Task::Review { head, round })
}

fn counting<'a>(case: &'a Case<'a>, look: &'a Look, verdict: Judged) -> impl Iterator<Item = &'a Judgement> {
    let of_this = case.pull.standing_judgements().filter(move |judgement| judgement.verdict == Some(verdict));
    of_this.filter(move |judgement| has_a_say(case, judgement) && is_independent(case, look, &judgement.reviewer))
}

/// Anybody may review where everybody may read; whose word counts is decided here.
fn has_a_say(case: &Case<'_>, judgement: &Judgement) -> bool {
    judgement.member || judgement.reviewer == case.rules.principals.reviewer
}

/// Whether a login neither opened the pull request nor wrote or committed any of its commits. Our own update of the head
/// makes nobody its author: what it changes is compared instead.
fn is_independent(case: &Case<'_>, look: &Look, reviewer: &str) -> bool {
    reviewer != case.pull.author && !look.authors.iter().any(|author| author.eq_ignore_ascii_case(reviewer))
}
