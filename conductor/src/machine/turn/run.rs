//! A run: who claims an offer has it, and what it says at its end leads on.

use bus::catalogue::{
    agent::{Failure, Outcome, Verdict},
    cmd::GithubOrder,
    work::{Expected, Kind, Leased, Queued, Standing, Task},
};
use bus::number::ItemKey;

use super::{again, branch, once_more, strike, trouble};
use crate::machine::{
    fact::{Claim, Says},
    order::Order,
    output::{Output, Step},
    rules::Rules,
    state::{Item, State},
};

/// What an agent's claim leads to. One that is not of the work it holds leads to nothing: it stays on record.
pub(in crate::machine) fn claimed(state: &State, rules: &Rules, claim: &Claim) -> Vec<Output> {
    match &claim.what {
        Says::Alive { .. } => Vec::new(),
        Says::Claimed => take(state, rules, claim).into_iter().collect(),
        Says::Finished(left) => finished(state, rules, claim, left),
        Says::Failed(failure) => ended(state, rules, claim, failure).into_iter().collect(),
        Says::GaveUp(why) => gave_up(state, rules, claim, why).into_iter().collect(),
    }
}

/// The first who claims an offer has it; who said that it rests does not get it.
fn take(state: &State, rules: &Rules, claim: &Claim) -> Option<Output> {
    let (key, item) = state.item_of(claim.fence?)?;
    let Standing::Offered(offered) = &item.course.standing else {
        return None;
    };
    if state.agents.is_resting(&claim.agent, state.now) {
        let say = format!("{} rests; {} is offered again.", claim.agent, key.issue);
        return Some(once_more(state, rules, key, item, offered, Kind::Queued, say));
    }
    let leased = Leased {
        task: offered.task.clone(),
        run: offered.run,
        agent: claim.agent.clone(),
        pool: offered.pool.clone(),
        since: state.now,
        until: state.now + rules.limits.lease,
        last: state.now + rules.limits.run,
    };
    let say = match &offered.task {
        Task::Review { .. } => format!("{} reviews {}.", claim.agent, carried_by(item, key)),
        _ => format!("{} goes to {}.", key.issue, claim.agent),
    };
    Some(Step::of(state, key, item, Kind::Claimed, say).to(Standing::Leased(leased)).by(&claim.agent).done())
}

fn carried_by(item: &Item, key: ItemKey) -> String {
    item.course.pull.map_or_else(|| key.issue.to_string(), |pull| pull.to_string())
}

/// An agent says it is done. What it did has to be seen on GitHub before it counts (F-073).
fn finished(state: &State, rules: &Rules, claim: &Claim, left: &Outcome) -> Vec<Output> {
    let Some((key, leased)) = state.lease_of(claim) else {
        return Vec::new();
    };
    let Some(item) = state.items.get(&key) else {
        return Vec::new();
    };
    if !is_of_the_task(&leased.task, left) {
        let say = format!("{} answered, but not what {} asks for.", claim.agent, key.issue);
        return vec![strike(state, rules, key, item, leased.task.clone(), Kind::Failed, &say)];
    }
    let shown = show(state, key, item, left).map(Output::Ordered);
    if matches!(left, Outcome::Judged { verdict: Verdict::Commented, .. }) {
        let say = format!("{} read {}, and neither approved nor rejected it.", claim.agent, carried_by(item, key));
        let strike = strike(state, rules, key, item, leased.task.clone(), Kind::Failed, &say);
        return std::iter::once(strike).chain(shown).collect();
    }
    let expected = Expected {
        task: leased.task.clone(),
        run: leased.run,
        agent: claim.agent.clone(),
        until: state.now + rules.limits.expected,
    };
    let say = format!("{} says that {} is done.", claim.agent, key.issue);
    let step = Step::of(state, key, item, Kind::Finished, say).to(Standing::Expected(expected)).by(&claim.agent);
    std::iter::once(step.done()).chain(shown).collect()
}

/// The result must be about what was asked (F-009): this head, for a review; commits, for everything else.
fn is_of_the_task(task: &Task, left: &Outcome) -> bool {
    match (task, left) {
        (Task::Review { head, .. }, Outcome::Judged { head: judged, .. }) => head == judged,
        (Task::Review { .. }, Outcome::Pushed { .. }) | (_, Outcome::Judged { .. }) => false,
        (_, Outcome::Pushed { .. }) => true,
    }
}

/// What puts the result on GitHub, where the agent itself may not.
fn show(state: &State, key: ItemKey, item: &Item, left: &Outcome) -> Option<Order> {
    let order = match left {
        Outcome::Judged { head, verdict, body, remarks } => GithubOrder::Review {
            pull: item.course.pull?,
            head: *head,
            verdict: *verdict,
            body: body.clone(),
            remarks: remarks.clone(),
        },
        Outcome::Pushed { title, body, .. } if item.course.pull.is_none() => GithubOrder::Open {
            issue: key.issue,
            branch: branch(key, item),
            base: state.repositories.get(&key.repository)?.base.clone(),
            title: title.clone(),
            body: format!("{body}\n\nCloses {}", key.issue),
        },
        Outcome::Pushed { .. } => return None,
    };
    let order = Order::Github { repository: key.repository, order: Box::new(order) };
    // What was shown by an earlier run and has no answer yet is not ordered a second time.
    let is_open = order.target().is_some_and(|target| state.outbox.is_busy(&target));
    (!is_open).then_some(order)
}

fn ended(state: &State, rules: &Rules, claim: &Claim, failure: &Failure) -> Option<Output> {
    let (key, leased) = state.lease_of(claim)?;
    let item = state.items.get(&key)?;
    let (task, agent) = (leased.task.clone(), &claim.agent);
    Some(match failure {
        Failure::Saturated { .. } => {
            let say = format!("{agent} takes no more for now; {} goes to somebody else.", key.issue);
            again(state, rules, key, item, task, say)
        }
        Failure::Incomplete if item.course.resumes < rules.limits.repairs => {
            resume(state, rules, key, item, task, agent)
        }
        Failure::Incomplete => {
            strike(state, rules, key, item, task, Kind::Failed, &format!("{agent} reached its limit again."))
        }
        Failure::Stopped => again(state, rules, key, item, task, format!("{agent} stopped.")),
        Failure::Nothing => {
            strike(state, rules, key, item, task, Kind::Failed, &format!("{agent} ended, and there is nothing to see."))
        }
        Failure::Broken { error } => {
            let first = error.lines().next().unwrap_or_default();
            strike(state, rules, key, item, task, Kind::Failed, &format!("{agent} broke off: {first}"))
        }
    })
}

fn resume(state: &State, rules: &Rules, key: ItemKey, item: &Item, task: Task, agent: &str) -> Output {
    let standing = Standing::Queued(Queued { task, since: state.now, until: state.now + rules.limits.queue });
    Step::of(state, key, item, Kind::Queued, format!("{agent} reached its limit; it goes on from there."))
        .to(standing)
        .with(|course| course.resumes = course.resumes.saturating_add(1))
        .done()
}

fn gave_up(state: &State, rules: &Rules, claim: &Claim, why: &str) -> Option<Output> {
    let (key, _) = state.lease_of(claim)?;
    let item = state.items.get(&key)?;
    Some(trouble(state, rules, key, item, format!("{} gave up: {why}", claim.agent)))
}
