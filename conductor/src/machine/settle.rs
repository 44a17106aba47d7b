//! What an item does next, given everything that is known: asked again after each record that touched it, so that what
//! happens follows from how things are, not from which record came last (I-12).

use bus::{
    catalogue::{
        outcome::PullState,
        work::{Expected, Gated, Kind, Need, Parked, Queued, Standing, Task, Waiting, Why},
    },
    number::{ItemKey, PullNumber},
};

use super::{
    after, carry, intake,
    matter::Matter,
    output::{Output, Step},
    rules::Rules,
    state::{Ending, Item, KnownPull, State},
    tell, turn,
};

/// What follows for an item: the next transition, or, where it stays, what has to be ordered meanwhile.
pub(super) fn settle(state: &State, rules: &Rules, key: ItemKey) -> Vec<Output> {
    let Some(matter) = Matter::of(state, rules, key) else {
        return Vec::new();
    };
    match next(matter) {
        Some(outputs) => outputs,
        None => {
            let mut outputs = carry::orders(state, rules, key);
            outputs.extend(carry::replaced(matter));
            outputs.extend(after::orders(matter));
            outputs.extend(tell::orders(matter));
            outputs
        }
    }
}

fn next(matter: Matter<'_>) -> Option<Vec<Output>> {
    let Matter { state, rules, key, item } = matter;
    let standing = &item.course.standing;
    if standing.is_end() {
        return None;
    }
    if let Some(PullState::Merged { commit }) = state.pull_of(key).map(|pull| pull.state) {
        return after::merged(matter, commit).map(one);
    }
    if let Some(why) = &item.refused {
        let stuck = turn::stuck(matter, why.clone(), None);
        // The same would be refused again: only a person's word has it ordered again.
        return Some(one(stuck.with(|course| course.merges = rules.limits.merges).done()));
    }
    let linked = link(matter).or_else(|| closed(matter));
    linked.map(one).or_else(|| by_standing(matter))
}

fn one(output: Output) -> Vec<Output> {
    vec![output]
}

fn by_standing(matter: Matter<'_>) -> Option<Vec<Output>> {
    let item = matter.item;
    match &item.course.standing {
        Standing::Filed => Some(one(intake::take_up(matter))),
        Standing::Gated(gated) => carry::on(matter, gated),
        Standing::Landing(landing) => carry::landing(matter, landing).map(one),
        Standing::Queued(Queued { task, .. }) => unwanted(matter, task).map(one),
        Standing::Offered(offered) => unwanted(matter, &offered.task).map(one),
        Standing::Leased(leased) => outdated(matter, &leased.task).map(one),
        Standing::Expected(expected) => shown(matter, expected).map(one),
        Standing::Waiting(waiting @ Waiting { what: Need::Words { .. } | Need::Duplicate { .. }, .. }) => {
            withdrawn(matter).or_else(|| answered(matter, waiting)).map(one)
        }
        Standing::Waiting(waiting) => answered(matter, waiting).map(one),
        Standing::Parked(parked @ Parked { why: Why::After { .. } | Why::Watched, .. }) => {
            withdrawn(matter).or_else(|| freed(matter, parked)).map(one)
        }
        Standing::Parked(parked) => freed(matter, parked).map(one),
        _ => None,
    }
}

/// A pull request that carries the item now: one that is merged, whoever merged it, or the newest that is open.
fn link(matter: Matter<'_>) -> Option<Output> {
    let Matter { state, key, item, .. } = matter;
    let merged = |(number, pull): &(PullNumber, &KnownPull)| {
        pull.may_carry && matches!(pull.state, PullState::Merged { .. }) && Some(*number) > item.spent
    };
    let open = |(_, pull): &(PullNumber, &KnownPull)| pull.may_carry && pull.is_open();
    let (number, pull) = state.carriers(key).find(merged).or_else(|| state.carriers(key).rev().find(open))?;
    if item.course.pull == Some(number) || matches!(item.course.standing, Standing::Landing(_)) {
        return None;
    }
    let is = if pull.is_open() { "is up" } else { "was" };
    let say = format!("{number} {is} for {}, at {}.", key.issue, pull.head.short());
    Some(gate(matter, Kind::Opened, say, Some(number)))
}

/// To the gates, with nothing said against it yet.
fn gate(matter: Matter<'_>, kind: Kind, say: String, pull: Option<PullNumber>) -> Output {
    let Matter { state, rules, .. } = matter;
    let standing =
        Standing::Gated(Gated { reasons: Vec::new(), since: state.now, until: state.now + rules.limits.gate });
    Step::of(matter, kind, say)
        .to(standing)
        .with(|course| {
            course.pull = pull;
            course.strikes = 0;
            course.resumes = 0;
        })
        .done()
}

pub(super) fn to_the_gates(matter: Matter<'_>, kind: Kind, say: String) -> Output {
    let Matter { item, .. } = matter;
    gate(matter, kind, say, item.course.pull)
}

/// The issue, or the pull request, was closed by somebody.
fn closed(matter: Matter<'_>) -> Option<Output> {
    let Matter { state, key, item, .. } = matter;
    if !item.issue.open {
        return issue_closed(matter);
    }
    let pull = state.pull_of(key)?;
    if !matches!(pull.state, PullState::Closed) || is_being_changed(&item.course.standing) {
        return None;
    }
    let number = item.course.pull.map(|pull| pull.to_string()).unwrap_or_default();
    let say = format!("{number} was closed; {} is looked at again.", key.issue);
    let step = Step::of(matter, Kind::Filed, say).to(Standing::Filed);
    Some(step.with(|course| course.pull = None).done())
}

/// Whoever works on the change goes on, and may bring it up anew: what is there when the lease ends is looked at then
/// (F-061).
const fn is_being_changed(standing: &Standing) -> bool {
    matches!(standing, Standing::Leased(leased) if !leased.task.is_review())
}

/// A merge closes the issue too, and its own report may come later: an open pull request is read back first.
fn issue_closed(matter: Matter<'_>) -> Option<Output> {
    let Matter { state, key, item, .. } = matter;
    if let Some(pull) = state.pull_of(key).filter(|pull| pull.is_open()) {
        let seen = pull.looked().is_some_and(|look| look.updated_at >= item.issue.updated_at);
        if !seen || matches!(item.course.standing, Standing::Landing(_)) {
            return None;
        }
    }
    if let Some(by) = state.done_with(key) {
        let say = format!("{} is done with {by}.", key.issue);
        return Some(Step::of(matter, Kind::Superseded, say).to(Standing::Superseded { by }).done());
    }
    let by = item.issue.by.as_deref().unwrap_or("somebody");
    let open = item.course.pull.filter(|_| state.pull_of(key).is_some_and(KnownPull::is_open));
    let left = open.map_or_else(String::new, |pull| format!(" {pull} stays open, for a person to close or to merge."));
    let say = format!("{by} closed {}; it is not done.{left}", key.issue);
    let standing = Standing::Cancelled { because: format!("{by} closed the issue") };
    Some(Step::of(matter, Kind::Cancelled, say).to(standing).by(by).done())
}

/// Nobody has begun: the label may have been taken off, or what was to be done is done.
fn unwanted(matter: Matter<'_>, task: &Task) -> Option<Output> {
    let withdrawn = if *task == Task::Build { withdrawn(matter) } else { None };
    withdrawn.or_else(|| outdated(matter, task))
}

/// The label was taken off before anybody began.
fn withdrawn(matter: Matter<'_>) -> Option<Output> {
    let Matter { state, rules, key, item } = matter;
    let label = state.repositories.get(&key.repository).and_then(|known| rules.repository(&known.name));
    let wanted = item.course.asked_for || label.is_none_or(|rules| item.issue.has(&rules.label));
    (!wanted).then(|| {
        let say = format!("{} is withdrawn: its label was taken off.", key.issue);
        let standing = Standing::Cancelled { because: "its label was taken off".to_owned() };
        Step::of(matter, Kind::Cancelled, say).to(standing).done()
    })
}

/// What is being done is about a head that is no longer there, or about a pull request that cannot use it.
fn outdated(matter: Matter<'_>, task: &Task) -> Option<Output> {
    let Matter { state, rules, key, item } = matter;
    let head = task.head()?;
    let pull = state.pull_of(key)?;
    let gone = match task {
        Task::Review { .. } => pull.head != head || pull.draft || !carry::wants_review(state, rules, key),
        // Its own pushes move the head while it works.
        _ if matches!(item.course.standing, Standing::Leased(_)) => false,
        _ => pull.head != head || pull.draft || !carry::wants_still(state, rules, key, task),
    };
    gone.then(|| {
        let what = match carry::wants(state, rules, key) {
            _ if pull.head != head => "has moved on",
            _ if pull.draft => "is a draft now",
            Some(_) => "needs something else first",
            None if task.is_review() => "was judged by somebody else",
            None => "needs nothing now",
        };
        let say = format!("{} {what}; this is no longer wanted.", name(item, key));
        to_the_gates(matter, Kind::Withdrawn, say)
    })
}

fn name(item: &Item, key: ItemKey) -> String {
    item.course.pull.map_or_else(|| key.issue.to_string(), |pull| pull.to_string())
}

/// What an agent said to be done is there to see.
fn shown(matter: Matter<'_>, expected: &Expected) -> Option<Output> {
    let Matter { key, item, .. } = matter;
    if turn::is_shown(matter, expected) {
        let say = format!("{} shows what {} did.", name(item, key), expected.agent);
        return Some(to_the_gates(matter, Kind::Gated, say));
    }
    match &expected.task {
        Task::Review { .. } => outdated(matter, &expected.task),
        _ => None,
    }
}

/// What a person was asked for has come about in another way.
fn answered(matter: Matter<'_>, waiting: &Waiting) -> Option<Output> {
    let Matter { state, rules, key, item } = matter;
    match &waiting.what {
        Need::Words { text, .. } if *text != format!("{:016x}", item.issue.text) => {
            let say = format!("{} says more now; it is looked at again.", key.issue);
            Some(Step::of(matter, Kind::Filed, say).to(Standing::Filed).done())
        }
        Need::Duplicate { of } => {
            let other = ItemKey { repository: key.repository, issue: *of };
            let gone = matches!(state.end_of(other), Some(Ending::Cancelled { .. }));
            gone.then(|| {
                let say = format!("{of} is not to be done; {} is looked at again.", key.issue);
                Step::of(matter, Kind::Filed, say).to(Standing::Filed).done()
            })
        }
        Need::Approval { head } => {
            let open = carry::all_open(state, rules, key) && state.pull_of(key).is_some_and(|pull| pull.head == *head);
            let permitted = item.course.permit.as_ref().is_some_and(|permit| permit.head == *head);
            (!open || permitted).then(|| {
                let say = format!("{} is looked at again.", name(item, key));
                to_the_gates(matter, Kind::Gated, say)
            })
        }
        Need::Trouble { .. } => resolved(matter),
        Need::Words { .. } => None,
    }
}

/// Trouble is over when everything that was missing is there (F-156).
fn resolved(matter: Matter<'_>) -> Option<Output> {
    let Matter { state, rules, key, item } = matter;
    let orders_left = item.course.merges < rules.limits.merges;
    (carry::all_open(state, rules, key) && orders_left).then(|| {
        let say = format!("{} has all it needs now.", name(item, key));
        to_the_gates(matter, Kind::Gated, say)
    })
}

/// What an item was put aside for has come about.
fn freed(matter: Matter<'_>, parked: &Parked) -> Option<Output> {
    let Matter { state, rules, key, .. } = matter;
    match &parked.why {
        Why::After { items } => {
            if let Some(lost) = intake::lost_prerequisite(state, items) {
                let why = format!("{} is not going to be done.", intake::names(state, key, std::slice::from_ref(lost)));
                return Some(turn::trouble(matter, why));
            }
            let wanted = intake::open_prerequisites(matter);
            (wanted != *items).then(|| intake::take_up(matter))
        }
        Why::Watched => {
            let watched = intake::autonomy(state, rules, key) == super::rules::Autonomy::Watch;
            (!watched).then(|| intake::take_up(matter))
        }
        Why::Backoff { task } => outdated(matter, task),
        Why::Stopped { .. } => None,
    }
}
