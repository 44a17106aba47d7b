//! Turns: who waits, what is offered, who has it, and what becomes of a run that ends.

use std::time::Duration;

use bus::{
    RecordId,
    catalogue::{
        agent::{Failure, Fence, Outcome, Verdict},
        cmd::{GithubOrder, Offer},
        work::{About, Expected, Kind, Leased, Need, Offered, Parked, Queued, Standing, Task, Waiting, Why},
    },
    commit::Oid,
    number::{ItemKey, PullKey},
};

use super::{
    fact::{Claim, Says},
    order::Order,
    output::{Output, Step},
    rules::{Pool, Rules, Skill},
    run::run_of,
    state::{Item, KnownPull, State, fence_of, skill},
};

/// A duration as people say it, in its largest whole unit.
pub(super) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

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

/// The next that may be offered: while the pool's window has room, nobody holds the item, and the repository works.
pub(super) fn dispatch(state: &State, rules: &Rules) -> Option<[Output; 2]> {
    [Skill::Reviewer, Skill::Implementer].into_iter().find_map(|wanted| {
        let pool = rules.pools(wanted).find(|pool| state.queue.busy(wanted, &pool.name) < pool.window)?;
        let key = state.queue.waiting(wanted).find(|key| may_begin(state, *key))?;
        offer(state, rules, key, pool)
    })
}

fn may_begin(state: &State, key: ItemKey) -> bool {
    state.items.get(&key).is_some_and(|item| item.course.hold.is_none())
}

fn offer(state: &State, rules: &Rules, key: ItemKey, pool: &Pool) -> Option<[Output; 2]> {
    let item = state.items.get(&key)?;
    let Standing::Queued(Queued { task, since, .. }) = &item.course.standing else {
        return None;
    };
    let generation = item.course.generation.saturating_add(1);
    let run = run_of(key, generation);
    let (since, until) = (*since, state.now + rules.limits.offer);
    let offered = Offered { task: task.clone(), run, pool: pool.name.clone(), since, until };
    let say = format!("{} is offered to {}.", key.issue, pool.name);
    let step = Step::of(state, key, item, Kind::Offered, say)
        .to(Standing::Offered(offered))
        .with(|course| course.generation = generation);
    Some([step.done(), command(state, key, item, pool, run, generation, task)])
}

fn command(
    state: &State,
    key: ItemKey,
    item: &Item,
    pool: &Pool,
    run: RecordId,
    generation: u32,
    task: &Task,
) -> Output {
    let repository = state.repositories.get(&key.repository);
    let offer = Offer {
        say: format!("{} {}{}", word(task), state.name_of(key), cause(state, key, task)),
        fence: Fence { run, generation },
        item: About {
            repository_id: key.repository,
            repository: repository.map_or_else(String::new, |known| known.name.clone()),
            number: key.issue,
            title: item.issue.title.clone(),
        },
        task: task.clone(),
        attempt: item.course.strikes.saturating_add(item.course.resumes).saturating_add(1),
        branch: branch(key, item),
        base: repository.map_or_else(String::new, |known| known.base.clone()),
        pull: item.course.pull,
    };
    Output::Ordered(Order::Agent {
        role: skill(task).name().to_owned(),
        pool: pool.name.clone(),
        offer: Box::new(offer),
    })
}

/// What there is to mend: the failing step, and where it may be looked at (I-18).
fn cause(state: &State, key: ItemKey, task: &Task) -> String {
    let Task::Mend { head, check } = task else {
        return String::new();
    };
    let ran = state.repositories.get(&key.repository).and_then(|known| known.commits.check(*head, check));
    let said = ran.into_iter().flat_map(|ran| [ran.summary.lines().next().unwrap_or_default(), ran.url.as_str()]);
    std::iter::once(format!(": `{check}` is red"))
        .chain(said.filter(|text| !text.is_empty()).map(str::to_owned))
        .collect::<Vec<_>>()
        .join(" · ")
}

const fn word(task: &Task) -> &'static str {
    match task {
        Task::Build => "build",
        Task::Fix { .. } => "answer the review of",
        Task::Mend { .. } => "mend",
        Task::Rebase { .. } => "rebase",
        Task::Review { .. } => "review",
    }
}

/// The branch of an item: the one it has, or a new one, computed from its number and title: letters and digits alone, whatever the title says.
#[must_use]
pub(super) fn branch(key: ItemKey, item: &Item) -> String {
    item.branch.clone().unwrap_or_else(|| new_branch(key, item))
}

fn new_branch(key: ItemKey, item: &Item) -> String {
    const LONGEST: usize = 40;
    let plain = item.issue.plain_title();
    let words =
        plain.split_whitespace().map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>());
    let mut slug = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if slug.len() + word.len() >= LONGEST {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word);
    }
    let slug = if slug.is_empty() { "change" } else { &slug };
    format!("{}{}-{slug}", super::apply::OUR_BRANCHES, key.issue.0)
}

/// What an agent's claim leads to. One that is not of the work it holds leads to nothing: it stays on record.
pub(super) fn claimed(state: &State, rules: &Rules, claim: &Claim) -> Vec<Output> {
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

/// Whether what an agent said to be done is there to see.
pub(super) fn is_shown(state: &State, key: ItemKey, item: &Item, expected: &Expected) -> bool {
    let Some((pull, known)) = item.course.pull.and_then(|pull| {
        let key = PullKey { repository: key.repository, pull };
        Some((key, state.pulls.get(&key)?))
    }) else {
        return false;
    };
    match &expected.task {
        Task::Review { head, .. } => is_judged(known, *head),
        Task::Build => true,
        Task::Fix { head } | Task::Mend { head, .. } | Task::Rebase { head } => {
            known.head != *head && is_of_the_run(state, pull, known, item)
        }
    }
}

fn is_judged(pull: &KnownPull, head: Oid) -> bool {
    let judged = |verdict| matches!(verdict, Some(Verdict::Approved | Verdict::ChangesRequested));
    pull.judgements.iter().any(|judgement| judgement.head == head && judged(judgement.verdict))
}

/// A head that names another run is never evidence of this one.
fn is_of_the_run(state: &State, key: PullKey, pull: &KnownPull, item: &Item) -> bool {
    let repository = state.repositories.get(&key.repository);
    let head = repository.and_then(|repository| repository.commits.get(pull.head));
    head.is_some_and(|head| head.run.is_some() && head.run == fence_of(&item.course))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_in_its_largest_whole_unit() {
        let spans = [45, 180, 3 * 3600, 86_400, 3 * 86_400].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(spans, ["45 s", "3 min", "3 h", "24 h", "3 days"]);
    }
}
