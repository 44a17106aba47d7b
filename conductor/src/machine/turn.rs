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

pub(super) use self::{
    offer::{branch, dispatch},
    run::claimed,
    shown::is_shown,
    span::span,
};
use super::{
    order::Order,
    output::{Output, Step},
    rules::Rules,
    state::{Item, State},
};

/// Puts a task into the queue.
pub(super) fn queue(
    state: &State,
    rules: &Rules,
    key: ItemKey,
    item: &Item,
    kind: Kind,
    task: Task,
    say: String,
) -> Output {
    let standing = Standing::Queued(Queued { task, since: state.now, until: state.now + rules.limits.queue });
    Step::of(state, key, item, kind, say).to(standing).done()
}

/// Puts a task into the queue again, as it was.
pub(super) fn again(state: &State, rules: &Rules, key: ItemKey, item: &Item, task: Task, say: String) -> Output {
    queue(state, rules, key, item, Kind::Queued, task, say)
}

/// Takes an offer back into the queue, where it keeps its place.
pub(super) fn once_more(
    state: &State,
    rules: &Rules,
    key: ItemKey,
    item: &Item,
    offered: &Offered,
    kind: Kind,
    say: String,
) -> Output {
    let (task, since) = (offered.task.clone(), offered.since);
    let standing = Standing::Queued(Queued { task, since, until: state.now + rules.limits.queue });
    Step::of(state, key, item, kind, say).to(standing).done()
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
pub(super) fn strike(
    state: &State,
    rules: &Rules,
    key: ItemKey,
    item: &Item,
    task: Task,
    kind: Kind,
    say: &str,
) -> Output {
    let strikes = item.course.strikes.saturating_add(1);
    let say = if say.ends_with('.') { say.to_owned() } else { format!("{say}.") };
    if strikes >= rules.limits.strikes {
        let why = format!("{say} That was try {strikes} of {}.", rules.limits.strikes);
        return trouble(state, rules, key, item, why);
    }
    let standing = Standing::Parked(Parked { why: Why::Backoff { task }, until: state.now + rules.limits.backoff });
    let say = format!("{say} Once more in {}.", span(rules.limits.backoff));
    Step::of(state, key, item, kind, say).to(standing).with(|course| course.strikes = strikes).done()
}

/// Nothing goes on by itself: the operator is told, with the words for what can be done.
pub(super) fn trouble(state: &State, rules: &Rules, key: ItemKey, item: &Item, why: String) -> Output {
    stuck(state, rules, key, item, why, None).done()
}

/// The same, of a commit that landed and was found wanting.
pub(super) fn stuck(state: &State, rules: &Rules, key: ItemKey, item: &Item, why: String, tried: Option<Oid>) -> Step {
    let whom = rules.operator.clone();
    let why = why.trim_end_matches('.').to_owned();
    let say = format!("@{whom} {}: {why}. `retry`, `cancel`, or mend it by hand.", key.issue);
    let what = Need::Trouble { why, tried };
    let standing = Standing::Waiting(Waiting { whom, what, since: state.now, until: state.now + rules.limits.person });
    Step::of(state, key, item, Kind::Escalated, say).to(standing)
}
