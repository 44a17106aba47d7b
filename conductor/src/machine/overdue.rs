//! What happens when a wait is over and nothing came: every wait has an end, and a default.

use bus::{
    catalogue::work::{Gated, Hold, Kind, Need, Offered, Parked, Queued, Standing, Verifying, Waiting, Why},
    number::ItemKey,
};

use super::{
    carry,
    matter::Matter,
    order::Target,
    output::{Output, Step},
    rules::Rules,
    settle::to_the_gates,
    state::State,
    turn::{self, span},
    why,
};

/// The default of an item whose wait is over.
pub(super) fn default(state: &State, rules: &Rules, key: ItemKey) -> Option<Output> {
    let matter = Matter::of(state, rules, key)?;
    let item = matter.item;
    let limits = &rules.limits;
    if let Some(hold) = why::holding(item) {
        return Some(held_long(matter, hold));
    }
    Some(match &item.course.standing {
        Standing::Queued(queued) => nobody(matter, queued),
        Standing::Offered(offered) => not_taken(matter, offered),
        Standing::Leased(leased) => {
            let silent = leased.until <= state.now;
            let limit = span(if silent { limits.lease } else { limits.run });
            let what = if silent { "gave no sign of life for" } else { "took longer than" };
            let say = format!("{} {what} {limit}.", leased.agent);
            turn::strike(matter, leased.task.clone(), Kind::Lost, &say)
        }
        Standing::Expected(expected) => {
            let limit = span(limits.expected);
            let say = format!("{} said it was done; GitHub showed nothing in {limit}.", expected.agent);
            turn::strike(matter, expected.task.clone(), Kind::Failed, &say)
        }
        Standing::Gated(_) => {
            let reasons = carry::reasons(state, rules, key);
            let why = reasons.first().map_or("GitHub does not answer", |reason| &reason.say);
            turn::trouble(matter, format!("it has waited for {}: {why}", span(limits.gate)))
        }
        Standing::Landing(_) => {
            to_the_gates(matter, Kind::Gated, "The merge was not seen; it is looked at again.".to_owned())
        }
        Standing::Deploying(deploying) => {
            let why = format!("{} is not on the site after {}", deploying.commit.short(), span(limits.deploy));
            turn::trouble(matter, why)
        }
        Standing::Verifying(verifying) => once_more(matter, verifying),
        Standing::Waiting(waiting) => unanswered(matter, waiting),
        Standing::Parked(parked) => parked_long(matter, parked),
        Standing::Filed
        | Standing::Landed { .. }
        | Standing::Live { .. }
        | Standing::Superseded { .. }
        | Standing::Cancelled { .. } => return None,
    })
}

/// Whoever holds an item is reminded of it.
fn held_long(matter: Matter<'_>, hold: &Hold) -> Output {
    let Matter { state, rules, key, item } = matter;
    let limit = span(rules.limits.parked);
    let say = format!("@{} {} is still held: `release` or `cancel`. Asked again in {limit}.", hold.by, key.issue);
    let until = state.now + rules.limits.parked;
    let standing = match &item.course.standing {
        Standing::Queued(queued) => Standing::Queued(Queued { until, ..queued.clone() }),
        Standing::Gated(gated) => Standing::Gated(Gated { until, ..gated.clone() }),
        other => other.clone(),
    };
    Step::of(matter, Kind::Reminded, say).to(standing).done()
}

/// An offer that nobody takes is offered again, and its place in the queue is kept; when it has waited long, a person is
/// told.
fn not_taken(matter: Matter<'_>, offered: &Offered) -> Output {
    let Matter { state, rules, key, .. } = matter;
    if state.now >= offered.since + rules.limits.queue {
        let offered = Offered { since: state.now, ..offered.clone() };
        return turn::once_more(matter, &offered, Kind::Reminded, nobody_says(rules, key));
    }
    let say = format!("Nobody took {} in {}; it waits again.", key.issue, span(rules.limits.offer));
    turn::once_more(matter, offered, Kind::Queued, say)
}

fn nobody_says(rules: &Rules, key: ItemKey) -> String {
    let (whom, limit) = (&rules.operator, span(rules.limits.queue));
    format!("@{whom} nobody has taken {} for {limit}. Is an agent running? Asked again in {limit}.", key.issue)
}

fn nobody(matter: Matter<'_>, queued: &Queued) -> Output {
    let Matter { state, rules, key, .. } = matter;
    let say = nobody_says(rules, key);
    let next = Queued { until: state.now + rules.limits.queue, ..queued.clone() };
    Step::of(matter, Kind::Reminded, say).to(Standing::Queued(next)).done()
}

/// The target is tried again; a try whose end is never told counts as one.
fn once_more(matter: Matter<'_>, verifying: &Verifying) -> Output {
    let Matter { state, rules, key, .. } = matter;
    if verifying.tries >= rules.limits.smokes {
        let why =
            format!("the site was tried {} times at {}, without an end", verifying.tries, verifying.commit.short());
        return turn::stuck(matter, why, Some(verifying.commit)).done();
    }
    let next = Verifying {
        tries: verifying.tries.saturating_add(1),
        ordered: false,
        until: state.now + rules.limits.smoke,
        ..verifying.clone()
    };
    let tried = verifying.commit.short();
    let say = match state.outbox.at(&Target::Smoke(key.repository)) {
        Some(_) => format!("The smoke test of {tried} has not ended yet."),
        None => format!("The site is tried again at {tried}."),
    };
    Step::of(matter, Kind::Reminded, say).to(Standing::Verifying(next)).done()
}

fn unanswered(matter: Matter<'_>, waiting: &Waiting) -> Output {
    let Matter { key, .. } = matter;
    match &waiting.what {
        Need::Words { .. } => {
            let because = format!("{} did not say what is wanted", waiting.whom);
            let say = format!("No answer; {} is not done.", key.issue);
            Step::of(matter, Kind::Cancelled, say).to(Standing::Cancelled { because }).done()
        }
        Need::Duplicate { of } => {
            let say = format!("No answer; {of} stands for {}.", key.issue);
            Step::of(matter, Kind::Superseded, say).to(Standing::Superseded { by: *of }).done()
        }
        Need::Approval { .. } | Need::Trouble { .. } => remind(matter, waiting),
    }
}

fn remind(matter: Matter<'_>, waiting: &Waiting) -> Output {
    let Matter { state, rules, key, .. } = matter;
    let what = match &waiting.what {
        Need::Trouble { why, .. } => why.clone(),
        _ => "it is ready to land: `approve`".to_owned(),
    };
    let limit = span(rules.limits.person);
    let say = format!("@{} {} still needs you: {what}. Asked again in {limit}.", waiting.whom, key.issue);
    let next = Waiting { until: state.now + rules.limits.person, ..waiting.clone() };
    Step::of(matter, Kind::Reminded, say).to(Standing::Waiting(next)).done()
}

fn parked_long(matter: Matter<'_>, parked: &Parked) -> Output {
    let Matter { state, rules, key, .. } = matter;
    let limit = span(rules.limits.parked);
    let say = match &parked.why {
        Why::Backoff { task } => {
            let say = format!("{} is tried again.", key.issue);
            return turn::again(matter, task.clone(), say);
        }
        Why::After { items } => {
            let names = super::intake::names(state, key, items);
            format!(
                "@{} {} still waits for {names}. `retry` begins without it, `cancel` ends it. Said again in {limit}.",
                rules.operator, key.issue
            )
        }
        Why::Stopped { by } => {
            format!("@{by} {} is still stopped: `resume` or `cancel`. Asked again in {limit}.", key.issue)
        }
        Why::Watched => format!("I would still take {} up.", key.issue),
    };
    let next = Parked { until: state.now + rules.limits.parked, ..parked.clone() };
    Step::of(matter, Kind::Reminded, say).to(Standing::Parked(next)).done()
}
