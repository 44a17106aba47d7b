//! A run: who claims an offer has it, and what it says at its end leads on.

use bus::catalogue::{
    agent::{Failure, Outcome, Verdict},
    cmd::GithubOrder,
    work::{Expected, Kind, Leased, Offered, Parked, Queued, Standing, Task, Why},
};
use bus::number::ItemKey;

use super::{back, branch, once_more, span, strike, trouble};
use crate::machine::{
    fact::{Claim, Says},
    matter::Matter,
    order::Order,
    output::{Output, Step},
    rules::{Rules, Skill},
    state::{Item, State, skill},
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
    let matter = Matter { state, rules, key, item };
    let Standing::Offered(offered) = &item.course.standing else {
        return None;
    };
    if !is_offered_to(rules, offered, &claim.agent) {
        return None;
    }
    if state.agents.is_resting(&claim.agent, state.now) {
        let say = format!("{} rests; {} is offered again.", claim.agent, key.issue);
        return Some(once_more(matter, offered, Kind::Queued, say));
    }
    if let Some(refused) = for_another(matter, &offered.task, &claim.agent) {
        return Some(refused);
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
    Some(Step::of(matter, Kind::Claimed, say).to(Standing::Leased(leased)).by(&claim.agent).done())
}

/// An offer is for the agents of its pool. Who makes changes never gets to judge one, whatever it claims (I-01).
pub(in crate::machine) fn is_offered_to(rules: &Rules, offered: &Offered, agent: &str) -> bool {
    rules.works_in(agent, skill(&offered.task), &offered.pool)
}

/// Who read this head and judged nothing does not read it again while another reviewer is there. When that one does not
/// come either, a person is told (F-041).
fn for_another(matter: Matter<'_>, task: &Task, agent: &str) -> Option<Output> {
    let Matter { state, rules, key, item } = matter;
    let Task::Review { head, .. } = task else {
        return None;
    };
    let abstained = |name: &str| item.abstained.iter().find(|known| known.head == *head && known.agent == name);
    let at = abstained(agent)?.at;
    let limits = &rules.limits;
    let is_ready = |name: &&str| state.agents.is_ready(name, state.now - limits.lease, state.now);
    rules.agents(Skill::Reviewer).into_iter().filter(is_ready).find(|name| abstained(name).is_none())?;
    let pull = carried_by(item, key);
    if state.now >= at + limits.offer {
        let why = format!("{agent} did not judge {pull}, and no other reviewer took it in {}", span(limits.offer));
        return Some(trouble(matter, why));
    }
    let say = format!("{agent} has read {pull} already; another reviewer is waited for.");
    let why = Why::Backoff { task: task.clone() };
    let standing = Standing::Parked(Parked { why, since: state.now, until: state.now + limits.backoff });
    Some(Step::of(matter, Kind::Parked, say).to(standing).done())
}

fn carried_by(item: &Item, key: ItemKey) -> String {
    item.course.pull.map_or_else(|| key.issue.to_string(), |pull| pull.to_string())
}

/// An agent says it is done. What it did has to be seen on GitHub before it counts (F-073).
fn finished(state: &State, rules: &Rules, claim: &Claim, left: &Outcome) -> Vec<Output> {
    let Some((key, leased)) = state.lease_of(claim) else {
        return Vec::new();
    };
    let Some(matter) = Matter::of(state, rules, key) else {
        return Vec::new();
    };
    let item = matter.item;
    if !is_of_the_task(&leased.task, left) {
        let say = format!("{} answered, but not what {} asks for.", claim.agent, key.issue);
        return vec![strike(matter, leased.task.clone(), Kind::Failed, &say)];
    }
    let shown = show(matter, left).map(Output::Ordered);
    if matches!(left, Outcome::Judged { verdict: Verdict::Commented, .. }) {
        let say = format!("{} read {}, and neither approved nor rejected it.", claim.agent, carried_by(item, key));
        let strike = strike(matter, leased.task.clone(), Kind::Failed, &say);
        return std::iter::once(strike).chain(shown).collect();
    }
    let expected = Expected {
        task: leased.task.clone(),
        run: leased.run,
        agent: claim.agent.clone(),
        since: state.now,
        until: state.now + rules.limits.expected,
    };
    let say = format!("{} says that {} is done.", claim.agent, key.issue);
    let step = Step::of(matter, Kind::Finished, say).to(Standing::Expected(expected)).by(&claim.agent);
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
fn show(matter: Matter<'_>, left: &Outcome) -> Option<Order> {
    let Matter { state, key, item, .. } = matter;
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
    let matter = Matter::of(state, rules, key)?;
    let (task, agent) = (leased.task.clone(), &claim.agent);
    Some(match failure {
        Failure::Saturated { .. } => {
            let say = format!("{agent} takes no more for now; {} goes to somebody else.", key.issue);
            turned_away(matter, task, say)
        }
        Failure::Incomplete if matter.item.course.resumes < rules.limits.repairs => resume(matter, task, agent),
        Failure::Incomplete => strike(matter, task, Kind::Failed, &format!("{agent} reached its limit again.")),
        Failure::Stopped => turned_away(matter, task, format!("{agent} stopped.")),
        Failure::Nothing => strike(matter, task, Kind::Failed, &format!("{agent} ended, and there is nothing to see.")),
        Failure::Broken { error } => {
            let first = error.lines().next().unwrap_or_default();
            strike(matter, task, Kind::Failed, &format!("{agent} broke off: {first}"))
        }
    })
}

/// Back into the queue, where it has waited since it was turned away for the first time: an agent that is always full
/// keeps nobody waiting unseen (F-022).
fn turned_away(matter: Matter<'_>, task: Task, say: String) -> Output {
    let Matter { state, rules, key, item } = matter;
    let since = item.turned_away.unwrap_or(state.now);
    if state.now < since + rules.limits.queue {
        return back(matter, task, since, Kind::Queued, say);
    }
    let (whom, limit) = (&rules.operator, span(rules.limits.queue));
    let say = format!("@{whom} {say} No agent has had room for {} for {limit}. Said again in {limit}.", key.issue);
    back(matter, task, state.now, Kind::Reminded, say)
}

fn resume(matter: Matter<'_>, task: Task, agent: &str) -> Output {
    let Matter { state, rules, .. } = matter;
    let standing = Standing::Queued(Queued { task, since: state.now, until: state.now + rules.limits.queue });
    Step::of(matter, Kind::Queued, format!("{agent} reached its limit; it goes on from there."))
        .to(standing)
        .with(|course| course.resumes = course.resumes.saturating_add(1))
        .done()
}

fn gave_up(state: &State, rules: &Rules, claim: &Claim, why: &str) -> Option<Output> {
    let (key, _) = state.lease_of(claim)?;
    let matter = Matter::of(state, rules, key)?;
    Some(trouble(matter, format!("{} gave up: {why}", claim.agent)))
}
