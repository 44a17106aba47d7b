//! Why an item stands where it stands, in three lines: what it waits for, what happens next and when, what a person can
//! do.

mod lasting;

use bus::{
    catalogue::work::{self, Hold, Need, Parked, Place, Standing, Waiting, Why},
    number::ItemKey,
    service::why::{Needed, Queued},
};
use time::{OffsetDateTime, UtcOffset, macros::format_description};

pub(super) use self::lasting::lasting;
use super::{
    carry,
    gate::{self, Case},
    intake,
    matter::Matter,
    rules::{Rules, Skill},
    state::{Ending, Item, State},
};

/// The three lines.
#[must_use]
pub fn why(state: &State, rules: &Rules, key: ItemKey) -> [String; 3] {
    let [waits, next, can] = match (state.items.get(&key), state.ended.get(&key)) {
        (Some(item), _) => {
            let matter = Matter { state, rules, key, item };
            [waits_for(matter), next(matter), words(item)]
        }
        (None, Some(ended)) => [ended_as(&ended.end), "nothing".to_owned(), "file it anew".to_owned()],
        (None, None) => [not_known(state, key), "nothing".to_owned(), "file it".to_owned()],
    };
    [format!("waits for {waits}"), format!("next      {next}"), format!("you can   {can}")]
}

fn not_known(state: &State, key: ItemKey) -> String {
    format!("nothing: {} was never taken up", state.name_of(key))
}

/// What its gates say, by name: why each is shut, or nothing. None where there is no open pull request to judge.
#[must_use]
pub fn gates(state: &State, rules: &Rules, key: ItemKey) -> Vec<(&'static str, Option<String>)> {
    let Some(case) = Case::of(state, rules, key).filter(|case| case.pull.is_open()) else {
        return Vec::new();
    };
    let verdicts = gate::judge(&case).into_iter();
    verdicts.map(|(name, verdict)| (name, gate::reason(name, &verdict).map(|reason| reason.say))).collect()
}

/// What waits for a person, the next deadline first.
#[must_use]
pub fn inbox(state: &State) -> Vec<Needed> {
    let waiting = |(key, item): (ItemKey, &Item)| match &item.course.standing {
        standing @ Standing::Waiting(waiting) => Some(Needed {
            item: state.name_of(key),
            title: item.issue.title.clone(),
            whom: waiting.whom.clone(),
            what: need(waiting),
            since: waiting.since,
            until: waiting.until,
            default: default(standing).unwrap_or_default().to_owned(),
            you_can: words(item),
        }),
        _ => None,
    };
    let mut needed: Vec<Needed> = state.lying(Place::Waiting).filter_map(waiting).collect();
    needed.sort_by_key(|needed| needed.until);
    needed
}

/// What waits for its turn: each kind of work has a turn of its own, the next first.
#[must_use]
pub fn queue(state: &State) -> Vec<Queued> {
    let keys = [Skill::Implementer, Skill::Reviewer].into_iter().flat_map(|skill| state.queue.waiting(skill));
    let queued = |key: ItemKey| {
        let item = state.items.get(&key)?;
        let Standing::Queued(work::Queued { since, .. }) = &item.course.standing else {
            return None;
        };
        Some(Queued { item: state.name_of(key), title: item.issue.title.clone(), since: *since })
    };
    keys.filter_map(queued).collect()
}

/// Whom or what an item waits for.
fn waits_for(matter: Matter<'_>) -> String {
    let Matter { state, rules, key, item } = matter;
    let clock = |moment| clock(state, moment);
    if let Some(hold) = holding(item) {
        return format!("{} to release it, since {}", hold.by, clock(hold.since));
    }
    match &item.course.standing {
        Standing::Filed => "the conductor to look at it".to_owned(),
        Standing::Queued(queued) => format!("its turn, since {}", clock(queued.since)),
        Standing::Offered(offered) => {
            format!("an agent of {} to take it, since {}", offered.pool, clock(offered.since))
        }
        Standing::Leased(leased) => format!("{}, at work since {}", leased.agent, clock(leased.since)),
        Standing::Expected(expected) => {
            format!("GitHub to show what {} did, since {}", expected.agent, clock(expected.since))
        }
        Standing::Gated(gated) => {
            let reasons = carry::reasons(state, rules, key);
            let all: Vec<&str> = reasons.iter().map(|reason| reason.say.as_str()).collect();
            let colon = if all.is_empty() { "" } else { ": " };
            format!("its gates since {}{colon}{}", clock(gated.since), all.join("; "))
        }
        Standing::Waiting(waiting) => {
            format!("{}, since {}: {}", waiting.whom, clock(waiting.since), need(waiting))
        }
        Standing::Parked(Parked { why, since, .. }) => {
            format!("{}, since {}", put_aside_for(state, key, why), clock(*since))
        }
        Standing::Landing(landing) => {
            format!("GitHub to merge {}, since {}", landing.head.short(), clock(landing.since))
        }
        Standing::Deploying(deploying) => {
            let name = state.repositories.get(&key.repository).map_or("", |repository| &repository.name);
            let site = rules.repository(name).and_then(|rules| rules.site.as_deref()).unwrap_or("the site");
            format!("{site} to show {}, since {}", deploying.commit.short(), clock(deploying.since))
        }
        Standing::Verifying(verifying) => {
            format!("the smoke test of {}, since {}", verifying.commit.short(), clock(verifying.since))
        }
        ended @ (Standing::Landed { .. }
        | Standing::Live { .. }
        | Standing::Superseded { .. }
        | Standing::Cancelled { .. }) => Ending::of(ended).as_ref().map_or_else(String::new, ended_as),
    }
}

fn put_aside_for(state: &State, key: ItemKey, why: &Why) -> String {
    match why {
        Why::After { items } => intake::names(state, key, items),
        Why::Watched => "nothing: this repository is only watched".to_owned(),
        Why::Stopped { by } => format!("{by} to resume it"),
        Why::Backoff { .. } => "the next try".to_owned(),
    }
}

/// The hold, where it is what keeps the item: what is under way goes on whoever holds it.
pub(super) fn holding(item: &Item) -> Option<&Hold> {
    item.course.hold.as_ref().filter(|_| matches!(item.course.standing, Standing::Queued(_) | Standing::Gated(_)))
}

fn ended_as(end: &Ending) -> String {
    match end {
        Ending::Landed { commit } => format!("nothing: it landed as {}", commit.short()),
        Ending::Live { commit } => format!("nothing: it is live at {}", commit.short()),
        Ending::Superseded { by } => format!("nothing: {by} stands for it"),
        Ending::Cancelled { because } => format!("nothing: {because}"),
    }
}

/// What a person is asked for.
pub(super) fn need(waiting: &Waiting) -> String {
    match &waiting.what {
        Need::Words { question, .. } => question.clone(),
        Need::Approval { head } => format!("{} is ready to land", head.short()),
        Need::Duplicate { of } => format!("is it the same as {of}?"),
        Need::Trouble { why, .. } => why.clone(),
    }
}

fn next(matter: Matter<'_>) -> String {
    match (then(matter), matter.item.course.standing.until()) {
        (Some(then), Some(until)) => format!("{then} at {}", clock(matter.state, until)),
        (Some(then), None) => then,
        (None, _) => "nothing".to_owned(),
    }
}

/// What happens when the wait is over: and to whom, where it is a person to whom something happens.
fn then(Matter { rules, item, .. }: Matter<'_>) -> Option<String> {
    let standing = &item.course.standing;
    let reminded = match standing {
        Standing::Queued(_) | Standing::Gated(_) => holding(item).map(|hold| &hold.by),
        Standing::Parked(Parked { why: Why::Stopped { by }, .. }) => Some(by),
        Standing::Parked(Parked { why: Why::After { .. }, .. }) => Some(&rules.operator),
        _ => None,
    };
    let default = || default(standing).map(|default| default.replace("the operator", &rules.operator));
    reminded.map(|whom| format!("{whom} is reminded")).or_else(default)
}

/// What happens where nothing else does before the wait is over; nothing at an end.
#[must_use]
pub const fn default(standing: &Standing) -> Option<&'static str> {
    Some(match standing {
        Standing::Filed => "taken up, asked about or put behind others, at once",
        Standing::Queued(_) => "the operator is told that nobody takes it",
        Standing::Offered(_) => "back into the queue",
        Standing::Leased(_) => "taken from the agent unless it gives a sign of life",
        Standing::Expected(_) => "counted as not done",
        Standing::Gated(_) => "the operator is asked",
        Standing::Waiting(Waiting { what: Need::Words { .. }, .. }) => "not done",
        Standing::Waiting(Waiting { what: Need::Duplicate { .. }, .. }) => "the other one stands for it",
        Standing::Waiting(_) => "asked again",
        Standing::Parked(Parked { why: Why::Backoff { .. }, .. }) => "tried again",
        Standing::Parked(Parked { why: Why::Watched, .. }) => "said again",
        Standing::Parked(_) => "somebody is reminded",
        Standing::Landing(_) => "looked at again",
        Standing::Deploying(_) => "the operator is told",
        Standing::Verifying(_) => "tried again",
        Standing::Landed { .. } | Standing::Live { .. } | Standing::Superseded { .. } | Standing::Cancelled { .. } => {
            return None;
        }
    })
}

fn words(item: &Item) -> String {
    let standing = &item.course.standing;
    let is_held = item.course.hold.is_some();
    let words: &[&str] = match standing {
        Standing::Waiting(Waiting { what: Need::Approval { .. }, .. }) => &["approve", "reject …", "hold"],
        Standing::Waiting(Waiting { what: Need::Words { .. }, .. }) => &["edit the issue", "retry", "cancel"],
        Standing::Waiting(_) => &["retry", "cancel"],
        Standing::Parked(Parked { why: Why::Stopped { .. }, .. }) => &["resume", "cancel"],
        Standing::Parked(_) => &["retry", "cancel"],
        Standing::Gated(_) if is_held => &["cancel"],
        Standing::Gated(_) => &["hold", "cancel", "land … because …"],
        Standing::Landing(_) | Standing::Deploying(_) | Standing::Verifying(_) => return "wait".to_owned(),
        standing if standing.is_end() => return "file it anew".to_owned(),
        _ => &["hold", "stop", "cancel"],
    };
    let release = is_held.then_some("release");
    let others = words.iter().copied().filter(|word| !(is_held && *word == "hold"));
    release.into_iter().chain(others).collect::<Vec<_>>().join(", ")
}

/// The time of day, in UTC: who reads it may be anywhere; with its date, where that is not today's.
pub(super) fn clock(state: &State, moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(UtcOffset::UTC);
    let time = moment.format(format_description!("[hour]:[minute]:[second] UTC")).unwrap_or_default();
    if moment.date() == state.now.to_offset(UtcOffset::UTC).date() {
        return time;
    }
    format!("{time} on {} {}", moment.day(), moment.month())
}
