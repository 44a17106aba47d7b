//! From the gates to the base branch: what an open pull request needs next.

use bus::{
    catalogue::{
        cmd::GithubOrder,
        outcome::PullState,
        work::{Gated, Kind, Landing, Need, Queued, Reason, Standing, Task, Waiting},
    },
    commit::Oid,
    number::{IssueNumber, ItemKey},
};

use super::{
    gate::{self, Case, Verdict},
    order::Order,
    output::{Output, Step},
    rules::{Autonomy, Rules},
    settle::to_the_gates,
    state::{Item, State},
    turn,
};

/// What follows at the gates; nothing where everything that can be done is under way.
pub(super) fn on(state: &State, rules: &Rules, key: ItemKey, gated: &Gated) -> Option<Vec<Output>> {
    let case = Case::of(state, rules, key)?;
    let verdicts = gate::judge(&case);
    if let Some((say, task)) = work(&verdicts) {
        return Some(vec![give(state, rules, key, &case, say, task)]);
    }
    if verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Ask(_, GithubOrder::Look { .. }))) {
        return None;
    }
    let mut reasons: Vec<Reason> = verdicts.iter().filter_map(|(name, verdict)| gate::reason(name, verdict)).collect();
    if reasons.is_empty() {
        match turn_to_land(state, key) {
            Some(reason) => reasons.push(reason),
            None => return Some(land(state, rules, key, &case)),
        }
    }
    wait(state, rules, key, case.item, gated, reasons).map(|output| vec![output])
}

/// The first work that a gate wants, while nothing forbids that anybody works.
fn work<'a>(verdicts: &'a [(&'static str, Verdict)]) -> Option<(&'a str, &'a Task)> {
    let forbids = |(_, verdict): &(&str, Verdict)| matches!(verdict, Verdict::Human(_));
    let idle = ["linked issue", "not a draft"];
    let shut = |(name, verdict): &&(&'static str, Verdict)| idle.contains(name) && *verdict != Verdict::Pass;
    if verdicts.iter().any(forbids) || verdicts.iter().find(shut).is_some() {
        return None;
    }
    verdicts.iter().find_map(|(_, verdict)| match verdict {
        Verdict::Work(say, task) => Some((say.as_str(), task)),
        _ => None,
    })
}

/// The task that the gates want of an item; the outer nothing where it has no pull request.
pub(super) fn wants(state: &State, rules: &Rules, key: ItemKey) -> Option<Option<Task>> {
    let verdicts = gate::judge(&Case::of(state, rules, key)?);
    Some(work(&verdicts).map(|(_, task)| task.clone()))
}

/// Whether every gate of an item is open.
pub(super) fn all_open(state: &State, rules: &Rules, key: ItemKey) -> bool {
    Case::of(state, rules, key)
        .is_some_and(|case| gate::judge(&case).iter().all(|(_, verdict)| *verdict == Verdict::Pass))
}

/// Gives work to the queue, unless it was given too often.
fn give(state: &State, rules: &Rules, key: ItemKey, case: &Case<'_>, say: &str, task: &Task) -> Output {
    let course = &case.item.course;
    let (kind, count, most) = match task {
        Task::Fix { .. } => (Kind::ChangesRequested, course.rounds, rules.limits.rounds),
        Task::Mend { .. } => (Kind::CheckFailed, course.repairs, rules.limits.repairs),
        Task::Rebase { .. } => (Kind::Conflicted, course.repairs, rules.limits.repairs),
        Task::Review { .. } | Task::Build => (Kind::ReviewRequested, 0, 1),
    };
    if count >= most {
        let why = format!("{} still does not pass after {count} tries: {say}.", case.number);
        return turn::trouble(state, rules, key, case.item, why);
    }
    let sentence = match task {
        Task::Review { .. } => format!("{} goes to review: who wrote it may not review it.", case.number),
        _ => format!("{}: {say}.", case.number),
    };
    let standing =
        Standing::Queued(Queued { task: task.clone(), since: state.now, until: state.now + rules.limits.queue });
    let step = Step::of(state, key, case.item, kind, sentence).to(standing).at(case.pull.head);
    step.with(|course| match task {
        Task::Fix { .. } => course.rounds = course.rounds.saturating_add(1),
        Task::Mend { .. } | Task::Rebase { .. } => course.repairs = course.repairs.saturating_add(1),
        Task::Review { .. } | Task::Build => {}
    })
    .done()
}

/// Why it is not this one's turn to land; nothing where it is. One lands at a time, so that what was tested is what
/// lands; and nothing lands on what does not work (F-089).
fn turn_to_land(state: &State, key: ItemKey) -> Option<Reason> {
    let all = ItemKey { issue: IssueNumber(0), ..key }..=ItemKey { issue: IssueNumber(u64::MAX), ..key };
    let say = state.items.range(all).filter(|(other, _)| **other != key).find_map(|(other, item)| {
        match &item.course.standing {
            Standing::Landing(_) => Some(format!("{} lands first", other.issue)),
            Standing::Waiting(Waiting { what: Need::Trouble { .. }, .. }) if is_merged(state, *other) => {
                Some(format!("{} landed, and does not work", other.issue))
            }
            _ => None,
        }
    })?;
    Some(Reason { gate: "turn".to_owned(), say })
}

fn is_merged(state: &State, key: ItemKey) -> bool {
    state.pull_of(key).is_some_and(|pull| matches!(pull.state, PullState::Merged { .. }))
}

/// All gates are open: land, or ask for the word.
fn land(state: &State, rules: &Rules, key: ItemKey, case: &Case<'_>) -> Vec<Output> {
    let head = case.pull.head;
    let permitted = case.item.course.permit.as_ref().is_some_and(|permit| permit.head == head);
    if case.wanted.autonomy != Autonomy::Land && !permitted {
        return vec![ask(state, rules, key, case, head)];
    }
    if case.item.course.merges >= rules.limits.merges {
        let why = format!("{} was ordered to land {} times, and did not.", case.number, case.item.course.merges);
        return vec![turn::trouble(state, rules, key, case.item, why)];
    }
    let Some(look) = case.pull.looked() else {
        return Vec::new();
    };
    let standing = Standing::Landing(Landing { head, tree: look.tree, until: state.now + rules.limits.landing });
    let say = format!("Gates {} of {}; {} lands.", gate::GATES.len(), gate::GATES.len(), case.number);
    let step = Step::of(state, key, case.item, Kind::Landing, say)
        .to(standing)
        .at(head)
        .with(|course| course.merges = course.merges.saturating_add(1));
    let title = format!("{} ({})", case.item.issue.title, key.issue);
    let merge = GithubOrder::Merge { pull: case.number, head, title };
    vec![step.done(), Output::Ordered(Order::Github { repository: key.repository, order: Box::new(merge) })]
}

fn ask(state: &State, rules: &Rules, key: ItemKey, case: &Case<'_>, head: Oid) -> Output {
    let whom = rules.operator.clone();
    let limit = turn::span(rules.limits.person);
    let say = format!(
        "@{whom} {} is ready to land, for {} only: `approve`. Asked again in {limit}.",
        case.number,
        head.short()
    );
    let standing = Standing::Waiting(Waiting {
        whom,
        what: Need::Approval { head },
        since: state.now,
        until: state.now + rules.limits.person,
    });
    Step::of(state, key, case.item, Kind::Asked, say).to(standing).at(head).done()
}

/// Waits, with the reasons as they are now. Only which gates are shut makes a new record, not how their sentences change.
fn wait(
    state: &State,
    rules: &Rules,
    key: ItemKey,
    item: &Item,
    gated: &Gated,
    reasons: Vec<Reason>,
) -> Option<Output> {
    let names = |reasons: &[Reason]| reasons.iter().map(|reason| reason.gate.clone()).collect::<Vec<_>>();
    if names(&gated.reasons) == names(&reasons) {
        return None;
    }
    let first = reasons.first().map_or("", |reason| &reason.say);
    let say = format!("{} waits: {first}.", item.course.pull.map_or_else(String::new, |pull| pull.to_string()));
    let standing = Standing::Gated(Gated { reasons, since: gated.since, until: state.now + rules.limits.gate });
    Some(Step::of(state, key, item, Kind::Gated, say).to(standing).done())
}

/// A merge that was ordered and did not come about.
pub(super) fn landing(state: &State, rules: &Rules, key: ItemKey, item: &Item, landing: &Landing) -> Option<Output> {
    let case = Case::of(state, rules, key)?;
    let target = super::order::Target::Pull(key.repository, case.number);
    if state.outbox.at(&target).is_some() || case.pull.looked().is_some() && case.pull.head == landing.head {
        return None;
    }
    let say = format!("{} did not land; it is looked at again.", case.number);
    Some(to_the_gates(state, key, item, Kind::Gated, say))
}

/// What has to be read back or done on GitHub for an item that has a pull request.
pub(super) fn orders(state: &State, rules: &Rules, key: ItemKey) -> Vec<Output> {
    let Some(case) = Case::of(state, rules, key).filter(|case| case.pull.is_open()) else {
        return Vec::new();
    };
    let target = super::order::Target::Pull(key.repository, case.number);
    if state.outbox.is_busy(&target) || matches!(case.item.course.standing, Standing::Landing(_)) {
        return Vec::new();
    }
    let verdicts = gate::judge(&case);
    let others_open = verdicts.iter().filter(|(_, verdict)| *verdict != Verdict::Pass).count() == 1;
    let rests = matches!(case.item.course.standing, Standing::Gated(_));
    let wanted = verdicts.into_iter().find_map(|(_, verdict)| match verdict {
        Verdict::Ask(_, order @ GithubOrder::Look { .. }) => Some(order),
        Verdict::Ask(_, order) if others_open && rests => Some(order),
        _ => None,
    });
    let closing = (!case.item.issue.open).then_some(GithubOrder::Look { pull: case.number, head: case.pull.head });
    let order = wanted.or(closing.filter(|_| !is_read_back(&case)));
    order
        .map(|order| Output::Ordered(Order::Github { repository: key.repository, order: Box::new(order) }))
        .into_iter()
        .collect()
}

fn is_read_back(case: &Case<'_>) -> bool {
    case.pull.looked().is_some_and(|look| look.updated_at >= case.item.issue.updated_at)
}
