//! Turns: who waits, what is offered, who has it, and what becomes of a run that ends.

mod offer;
mod run;
mod shown;
mod span;

use bus::{
    catalogue::{
        cmd::GithubOrder,
        work::{Expected, Kind, Need, Offered, Parked, Queued, Standing, Task, Waiting, Why},
    },
    commit::Oid,
    number::{ItemKey, PullKey},
};
use time::OffsetDateTime;

pub(super) use self::{
    offer::{branch, dispatch},
    run::{claimed, is_offered_to},
    shown::is_shown,
    span::span,
};
use super::{
    matter::Matter,
    order::Order,
    output::{Output, Step},
    state::State,
};

/// Puts a task into the queue.
pub(super) fn queue(matter: Matter<'_>, kind: Kind, task: Task, say: String) -> Output {
    back(matter, task, matter.state.now, kind, say)
}

/// Puts a task into the queue again, as it was.
pub(super) fn again(matter: Matter<'_>, task: Task, say: String) -> Output {
    queue(matter, Kind::Queued, task, say)
}

/// Takes an offer back into the queue, where it keeps its place.
pub(super) fn once_more(matter: Matter<'_>, offered: &Offered, kind: Kind, say: String) -> Output {
    back(matter, offered.task.clone(), offered.since, kind, say)
}

/// Back into the queue, where it has waited since then.
fn back(matter: Matter<'_>, task: Task, since: OffsetDateTime, kind: Kind, say: String) -> Output {
    let Matter { state, rules, .. } = matter;
    let standing = Standing::Queued(Queued { task, since, until: state.now + rules.limits.queue });
    Step::of(matter, kind, say).to(standing).done()
}

/// Whether an order that failed a while ago is given once more. What follows from how things are is asked anew instead.
pub(super) fn is_still_wanted(state: &State, order: &Order) -> bool {
    let Order::Github { repository, order } = order else {
        return matches!(order, Order::Say { .. });
    };
    let issue = match order.as_ref() {
        GithubOrder::File { .. } | GithubOrder::Answer { .. } => return true,
        GithubOrder::Open { issue, .. } => Some(*issue),
        GithubOrder::Review { pull, .. } | GithubOrder::Merge { pull, .. } => {
            state.pulls.get(&PullKey { repository: *repository, pull: *pull }).and_then(|pull| pull.issue)
        }
        _ => None,
    };
    let item = issue.and_then(|issue| state.items.get(&ItemKey { repository: *repository, issue }));
    match (item.map(|item| &item.course.standing), order.as_ref()) {
        (
            Some(Standing::Expected(Expected { task: Task::Review { head, .. }, .. })),
            GithubOrder::Review { head: of, .. },
        ) => head == of,
        (Some(Standing::Expected(Expected { task: Task::Build, .. })), GithubOrder::Open { .. }) => true,
        (Some(Standing::Landing(landing)), GithubOrder::Merge { head, .. }) => landing.head == *head,
        _ => false,
    }
}

/// A run that came to nothing. The first time it is tried again after a while; then a person is told (F-118).
pub(super) fn strike(matter: Matter<'_>, task: Task, kind: Kind, say: &str) -> Output {
    let Matter { state, rules, item, .. } = matter;
    let strikes = item.course.strikes.saturating_add(1);
    let say = if say.ends_with('.') { say.to_owned() } else { format!("{say}.") };
    if strikes >= rules.limits.strikes {
        let why = format!("{say} That was try {strikes} of {}.", rules.limits.strikes);
        return trouble(matter, why);
    }
    let standing = Standing::Parked(Parked {
        why: Why::Backoff { task },
        since: state.now,
        until: state.now + rules.limits.backoff,
    });
    let say = format!("{say} Once more in {}.", span(rules.limits.backoff));
    Step::of(matter, kind, say).to(standing).with(|course| course.strikes = strikes).done()
}

/// Nothing goes on by itself: the operator is told, with the words for what can be done.
pub(super) fn trouble(matter: Matter<'_>, why: String) -> Output {
    stuck(matter, why, None).done()
}

/// The same, of a commit that landed and was found wanting.
pub(super) fn stuck(matter: Matter<'_>, why: String, tried: Option<Oid>) -> Step {
    let Matter { state, rules, key, .. } = matter;
    let whom = rules.operator.clone();
    let why = why.trim_end_matches('.').to_owned();
    let limit = span(rules.limits.person);
    let say = format!("@{whom} {}: {why}. `retry`, `cancel`, or mend it by hand. Asked again in {limit}.", key.issue);
    let what = Need::Trouble { why, tried };
    let standing = Standing::Waiting(Waiting { whom, what, since: state.now, until: state.now + rules.limits.person });
    Step::of(matter, Kind::Escalated, say).to(standing)
}
