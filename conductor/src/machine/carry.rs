//! From the gates to the base branch: what an open pull request needs next.

use bus::{
    catalogue::{
        cmd::GithubOrder,
        work::{Gated, Kind, Landing, Need, Queued, Reason, Standing, Task, Waiting},
    },
    commit::Oid,
    number::{IssueNumber, ItemKey, RepositoryId},
};

use super::{
    fact::Conclusion,
    gate::{self, Case, Verdict},
    matter::Matter,
    order::{Order, Target},
    output::{Output, Step},
    rules::Rules,
    settle::to_the_gates,
    state::State,
    turn,
};

/// What follows at the gates; nothing where everything that can be done is under way.
pub(super) fn on(matter: Matter<'_>, gated: &Gated) -> Option<Vec<Output>> {
    let Matter { state, rules, key, .. } = matter;
    let case = Case::of(state, rules, key)?;
    if is_being_updated(state, key, &case) {
        return None;
    }
    let verdicts = gate::judge(&case);
    if let Some((say, task)) = work(&case, &verdicts) {
        return Some(vec![give(matter, &case, say, task)]);
    }
    if verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Ask(_, GithubOrder::Look { .. }))) {
        return None;
    }
    let mut reasons: Vec<Reason> = verdicts.iter().filter_map(|(name, verdict)| gate::reason(name, verdict)).collect();
    if reasons.is_empty() {
        match turn_to_land(state, key) {
            Some(reason) => reasons.push(reason),
            None if state.outbox.is_busy(&Target::Pull(key.repository, case.number)) => return None,
            None => return Some(land(matter, &case, &verdicts)),
        }
    }
    wait(matter, gated, reasons).map(|output| vec![output])
}

/// Whether our own update of the head is under way: what is known of the head is not what it will be.
fn is_being_updated(state: &State, key: ItemKey, case: &Case<'_>) -> bool {
    let order = state.outbox.at(&Target::Pull(key.repository, case.number)).map(|pending| &pending.order);
    matches!(order, Some(Order::Github { order, .. }) if matches!(**order, GithubOrder::Update { .. }))
}

/// The first work that a gate wants, while nothing forbids that anybody works. What only its author can push to is
/// reviewed, and its author mends it.
fn work<'a>(case: &Case<'_>, verdicts: &'a [(&'static str, Verdict)]) -> Option<(&'a str, &'a Task)> {
    let forbids = |(_, verdict): &(&str, Verdict)| matches!(verdict, Verdict::Human(_));
    let idle = ["linked issue", "not a draft"];
    let shut = |(name, verdict): &&(&'static str, Verdict)| idle.contains(name) && !verdict.is_open();
    if verdicts.iter().any(forbids) || verdicts.iter().find(shut).is_some() {
        return None;
    }
    verdicts.iter().find_map(|(_, verdict)| match verdict {
        Verdict::Work(say, task) if task.is_review() || case.pull.is_ours => Some((say.as_str(), task)),
        _ => None,
    })
}

/// The task that the gates want of an item.
pub(super) fn wants(state: &State, rules: &Rules, key: ItemKey) -> Option<Task> {
    let case = Case::of(state, rules, key)?;
    let verdicts = gate::judge(&case);
    work(&case, &verdicts).map(|(_, task)| task.clone())
}

/// Whether a review is still of use: one is missing, and nothing else has to be done to the head first.
pub(super) fn wants_review(state: &State, rules: &Rules, key: ItemKey) -> bool {
    let Some(case) = Case::of(state, rules, key) else {
        return true;
    };
    let verdicts = gate::judge(&case);
    let missing = verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Work(_, task) if task.is_review()));
    missing && work(&case, &verdicts).is_none_or(|(_, task)| task.is_review())
}

/// Whether work on a head, which nobody has begun, is still of use. A check that runs again is still to be mended until it
/// is green.
pub(super) fn wants_still(state: &State, rules: &Rules, key: ItemKey, task: &Task) -> bool {
    let Some(case) = Case::of(state, rules, key) else {
        return true;
    };
    match task {
        Task::Mend { head, check } => {
            let ran = case.repository.commits.check(*head, check);
            ran.is_none_or(|ran| ran.conclusion != Some(Conclusion::Success))
        }
        task => {
            gate::judge(&case).iter().any(|(_, verdict)| matches!(verdict, Verdict::Work(_, other) if other == task))
        }
    }
}

/// Why an item does not land, as things are now; nothing where every gate is open.
pub(super) fn reasons(state: &State, rules: &Rules, key: ItemKey) -> Vec<Reason> {
    let Some(case) = Case::of(state, rules, key) else {
        return Vec::new();
    };
    let shut: Vec<Reason> =
        gate::judge(&case).iter().filter_map(|(name, verdict)| gate::reason(name, verdict)).collect();
    let mut shut = if shut.is_empty() { turn_to_land(state, key).into_iter().collect() } else { shut };
    if shut.is_empty() && state.outbox.is_busy(&Target::Pull(key.repository, case.number)) {
        shut.push(Reason { gate: "turn".to_owned(), say: "GitHub has not answered the last order".to_owned() });
    }
    shut.dedup_by(|next, before| next.say == before.say);
    shut
}

/// Whether every gate of an item is open.
pub(super) fn all_open(state: &State, rules: &Rules, key: ItemKey) -> bool {
    Case::of(state, rules, key).is_some_and(|case| gate::is_open(&case))
}

/// Gives work to the queue, unless it was given too often.
fn give(matter: Matter<'_>, case: &Case<'_>, say: &str, task: &Task) -> Output {
    let Matter { state, rules, .. } = matter;
    let course = &case.item.course;
    if task.is_review() && case.pull.is_judged_by(&rules.principals.reviewer, case.pull.head) {
        return turn::trouble(matter, in_vain(case));
    }
    let (kind, count, most) = match task {
        Task::Fix { .. } => (Kind::ChangesRequested, course.rounds, rules.limits.rounds),
        Task::Mend { .. } => (Kind::CheckFailed, course.repairs, rules.limits.repairs),
        Task::Rebase { .. } => (Kind::Conflicted, course.repairs, rules.limits.repairs),
        Task::Review { .. } | Task::Build => (Kind::ReviewRequested, 0, 1),
    };
    if count >= most {
        let why = format!("{} still does not pass after {count} tries: {say}.", case.number);
        return turn::trouble(matter, why);
    }
    let sentence = match task {
        Task::Review { .. } => format!("{} goes to review: who wrote it may not review it.", case.number),
        _ => format!("{}: {say}.", case.number),
    };
    let standing =
        Standing::Queued(Queued { task: task.clone(), since: state.now, until: state.now + rules.limits.queue });
    let step = Step::of(matter, kind, sentence).to(standing).at(case.pull.head);
    step.with(|course| match task {
        Task::Fix { .. } => course.rounds = course.rounds.saturating_add(1),
        Task::Mend { .. } | Task::Rebase { .. } => course.repairs = course.repairs.saturating_add(1),
        Task::Review { .. } | Task::Build => {}
    })
    .done()
}

/// Another review of ours would count as little as the one that is there.
fn in_vain(case: &Case<'_>) -> String {
    let reviewer = &case.rules.principals.reviewer;
    format!(
        "{reviewer} has judged {}, and that does not count: it wrote part of it, or the repository gives it no say. A \
         person has to review it",
        case.number
    )
}

/// Why it is not this one's turn to land; nothing where it is. One lands at a time, so that what was tested is what
/// lands; and nothing lands on what is not known to work (F-089), unless a person says so: a fix has to land there too.
fn turn_to_land(state: &State, key: ItemKey) -> Option<Reason> {
    let all = ItemKey { issue: IssueNumber(0), ..key }..=ItemKey { issue: IssueNumber(u64::MAX), ..key };
    let has_a_word = is_landed_by_a_word(state, key);
    let say = state.items.range(all).filter(|(other, _)| **other != key).find_map(|(other, item)| {
        match &item.course.standing {
            Standing::Landing(_) => Some(format!("{} lands first", other.issue)),
            _ if has_a_word => None,
            Standing::Waiting(Waiting { what: Need::Trouble { .. }, .. }) if item.course.landed.is_some() => {
                Some(format!("{} landed, and does not work", other.issue))
            }
            Standing::Verifying(_) => Some(format!("{} is on the site, and is being tried", other.issue)),
            Standing::Deploying(deploying) if is_shown(state, key.repository, deploying.commit) => {
                Some(format!("{} is on the site, and is being tried", other.issue))
            }
            _ => None,
        }
    })?;
    Some(Reason { gate: "turn".to_owned(), say })
}

fn is_landed_by_a_word(state: &State, key: ItemKey) -> bool {
    let permit = state.items.get(&key).and_then(|item| item.course.permit.as_ref());
    let head = state.pull_of(key).map(|pull| pull.head);
    permit.is_some_and(|permit| permit.because.is_some() && Some(permit.head) == head)
}

fn is_shown(state: &State, repository: RepositoryId, commit: Oid) -> bool {
    state.repositories.get(&repository).is_some_and(|known| known.shown.is_some_and(|shown| known.has(shown, commit)))
}

/// All gates are open: land, or ask for the word.
fn land(matter: Matter<'_>, case: &Case<'_>, verdicts: &[(&'static str, Verdict)]) -> Vec<Output> {
    let Matter { state, rules, key, .. } = matter;
    let head = case.pull.head;
    if !case.is_permitted() {
        return vec![ask(matter, case, head)];
    }
    if case.item.course.merges >= rules.limits.merges {
        let why = format!("{} was ordered to land {} times, and did not.", case.number, case.item.course.merges);
        return vec![turn::trouble(matter, why)];
    }
    let Some(look) = case.pull.looked() else {
        return Vec::new();
    };
    let standing =
        Standing::Landing(Landing { head, tree: look.tree, since: state.now, until: state.now + rules.limits.landing });
    let say = format!("{}; {} lands.", gate::count(verdicts), case.number);
    let step = Step::of(matter, Kind::Landing, say)
        .to(standing)
        .at(head)
        .with(|course| course.merges = course.merges.saturating_add(1));
    let title = format!("{} ({})", case.item.issue.title, key.issue);
    let merge = GithubOrder::Merge { pull: case.number, head, title };
    vec![step.done(), Output::Ordered(Order::Github { repository: key.repository, order: Box::new(merge) })]
}

fn ask(matter: Matter<'_>, case: &Case<'_>, head: Oid) -> Output {
    let Matter { state, rules, .. } = matter;
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
    Step::of(matter, Kind::Asked, say).to(standing).at(head).done()
}

/// Waits, with the reasons as they are now. Only which gates are shut makes a new record, not how their sentences change.
fn wait(matter: Matter<'_>, gated: &Gated, reasons: Vec<Reason>) -> Option<Output> {
    let Matter { state, rules, item, .. } = matter;
    let names = |reasons: &[Reason]| reasons.iter().map(|reason| reason.gate.clone()).collect::<Vec<_>>();
    if names(&gated.reasons) == names(&reasons) {
        return None;
    }
    let first = reasons.first().map_or("", |reason| &reason.say);
    let say = format!("{} waits: {first}.", item.course.pull.map_or_else(String::new, |pull| pull.to_string()));
    let limit = if item.course.hold.is_some() { rules.limits.parked } else { rules.limits.gate };
    let standing = Standing::Gated(Gated { reasons, since: gated.since, until: state.now + limit });
    Some(Step::of(matter, Kind::Gated, say).to(standing).done())
}

/// A merge that was ordered and did not come about.
pub(super) fn landing(matter: Matter<'_>, landing: &Landing) -> Option<Output> {
    let Matter { state, rules, key, .. } = matter;
    let case = Case::of(state, rules, key)?;
    let target = Target::Pull(key.repository, case.number);
    let may_merge = case.pull.looked().is_some_and(|look| look.mergeable == Some(true));
    if state.outbox.is_busy(&target) || may_merge && case.pull.head == landing.head {
        return None;
    }
    let say = format!("{} did not land; it is looked at again.", case.number);
    Some(to_the_gates(matter, Kind::Gated, say))
}

/// What has to be read back or done on GitHub for an item that has a pull request.
pub(super) fn orders(state: &State, rules: &Rules, key: ItemKey) -> Vec<Output> {
    let Some(case) = Case::of(state, rules, key).filter(|case| case.pull.is_open()) else {
        return Vec::new();
    };
    let target = Target::Pull(key.repository, case.number);
    if state.outbox.is_busy(&target) || matches!(case.item.course.standing, Standing::Landing(_)) {
        return Vec::new();
    }
    let verdicts = gate::judge(&case);
    let others_open = verdicts.iter().filter(|(_, verdict)| !verdict.is_open()).count() == 1;
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

/// Older pull requests of ours for the same issue, which the one that carries it now stands for (F-074).
pub(super) fn replaced(matter: Matter<'_>) -> Vec<Output> {
    let Matter { state, key, item, .. } = matter;
    let Some(by) = item.course.pull else {
        return Vec::new();
    };
    let older = state.carriers(key).filter(|(number, pull)| {
        let free = !state.outbox.is_busy(&Target::Pull(key.repository, *number));
        *number < by && pull.is_open() && pull.is_ours && pull.replaced.is_none() && free
    });
    let close = |pull| Order::Github { repository: key.repository, order: Box::new(GithubOrder::Close { pull, by }) };
    older.map(|(number, _)| Output::Ordered(close(number))).collect()
}

fn is_read_back(case: &Case<'_>) -> bool {
    case.pull.looked().is_some_and(|look| look.updated_at >= case.item.issue.updated_at)
}
