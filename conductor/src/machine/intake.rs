//! An issue that is wanted: taken up, asked about, or put behind others. Never nothing (F-001).

use bus::{
    catalogue::work::{Kind, Need, Parked, Prerequisite, Standing, Task, Waiting, Why},
    number::{IssueNumber, ItemKey},
};

use super::{
    matter::Matter,
    output::{Output, Step},
    rules::{Autonomy, Rules},
    state::{Ending, State},
    turn,
};

/// What becomes of an issue that was just taken up, or whose text changed.
pub(super) fn take_up(matter: Matter<'_>) -> Output {
    let Matter { state, rules, key, item } = matter;
    if autonomy(state, rules, key) == Autonomy::Watch {
        return watch(matter);
    }
    if let Some(question) = question(matter) {
        return ask(matter, question);
    }
    if let Some(of) = state.with_same_title(key, &item.issue).filter(|_| !item.course.asked_for) {
        return ask_whether_same(matter, of.issue);
    }
    let open = open_prerequisites(matter);
    if open.is_empty() {
        return turn::queue(matter, Kind::Queued, Task::Build, format!("{} is next in the queue.", key.issue));
    }
    wait(matter, open)
}

pub(super) fn autonomy(state: &State, rules: &Rules, key: ItemKey) -> Autonomy {
    let name = state.repositories.get(&key.repository).map_or("", |repository| &repository.name);
    rules.repository(name).map_or(Autonomy::Watch, |repository| repository.autonomy)
}

fn watch(matter: Matter<'_>) -> Output {
    let Matter { state, rules, key, .. } = matter;
    let say = format!("I would take {} up; this repository is only watched.", key.issue);
    let standing =
        Standing::Parked(Parked { why: Why::Watched, since: state.now, until: state.now + rules.limits.parked });
    Step::of(matter, Kind::Parked, say).to(standing).done()
}

fn question(matter: Matter<'_>) -> Option<String> {
    let Matter { rules, key, item, .. } = matter;
    if !item.issue.says_enough {
        return Some("What should be different afterwards? One sentence in the issue is enough.".to_owned());
    }
    let strange = item.issue.depends.iter().find(|first| rules.repository(&first.repository).is_none());
    if let Some(first) = strange {
        let name = format!("{}{}", first.repository, first.issue);
        return Some(format!("It depends on {name}, and that repository is not looked after here. Take the line out?"));
    }
    cycle(matter).map(|other| {
        if other == key.issue {
            return format!("{other} waits for itself. Take its \"Depends on\" line out.");
        }
        format!(
            "{} and {other} wait for each other. Which one goes first? Take its \"Depends on\" line out.",
            key.issue
        )
    })
}

/// The issue through which this one would wait for itself.
fn cycle(matter: Matter<'_>) -> Option<IssueNumber> {
    let Matter { state, key, item, .. } = matter;
    let mut seen = std::collections::BTreeSet::new();
    let mut open: Vec<(ItemKey, IssueNumber)> =
        keys(state, &item.issue.depends).map(|first| (first, first.issue)).collect();
    while let Some((next, through)) = open.pop() {
        if next == key {
            return Some(through);
        }
        if let Some(other) = state.items.get(&next).filter(|_| seen.insert(next)) {
            open.extend(keys(state, &other.issue.depends).map(|first| (first, through)));
        }
    }
    None
}

fn keys(state: &State, depends: &[Prerequisite]) -> impl Iterator<Item = ItemKey> {
    depends.iter().filter_map(|first| key_of(state, first))
}

pub(super) fn key_of(state: &State, first: &Prerequisite) -> Option<ItemKey> {
    let (repository, _) = state.repository_named(&first.repository)?;
    Some(ItemKey { repository, issue: first.issue })
}

fn ask(matter: Matter<'_>, question: String) -> Output {
    let Matter { state, rules, item, .. } = matter;
    let whom = item.issue.author.clone();
    let say = format!("@{whom} {question} No answer in {}: not done.", turn::span(rules.limits.person));
    let what = Need::Words { question, text: format!("{:016x}", item.issue.text) };
    let standing = Standing::Waiting(Waiting { whom, what, since: state.now, until: state.now + rules.limits.person });
    Step::of(matter, Kind::Asked, say).to(standing).done()
}

fn ask_whether_same(matter: Matter<'_>, of: IssueNumber) -> Output {
    let Matter { state, rules, key, item } = matter;
    let whom = item.issue.author.clone();
    let limit = turn::span(rules.limits.person);
    let say = format!(
        "@{whom} {} has the title of {of}. `retry` does both; no answer in {limit}: {of} stands for it.",
        key.issue
    );
    let standing = Standing::Waiting(Waiting {
        whom,
        what: Need::Duplicate { of },
        since: state.now,
        until: state.now + rules.limits.person,
    });
    Step::of(matter, Kind::Asked, say).to(standing).done()
}

/// What this item waits for and is not done.
pub(super) fn open_prerequisites(matter: Matter<'_>) -> Vec<Prerequisite> {
    let Matter { state, key, item, .. } = matter;
    let is_open = |first: &&Prerequisite| match key_of(state, first) {
        Some(first) => first != key && !is_done(state, first),
        None => true,
    };
    item.issue.depends.iter().filter(is_open).cloned().collect()
}

fn is_done(state: &State, key: ItemKey) -> bool {
    match state.end_of(key) {
        Some(end) => matches!(end, Ending::Live { .. } | Ending::Landed { .. }),
        None => state.was_closed(key),
    }
}

/// The first of what this item waits for that will never be done.
pub(super) fn lost_prerequisite<'a>(state: &State, items: &'a [Prerequisite]) -> Option<&'a Prerequisite> {
    let is_lost = |first: &&Prerequisite| {
        let end = key_of(state, first).and_then(|first| state.end_of(first));
        matches!(end, Some(Ending::Cancelled { .. } | Ending::Superseded { .. }))
    };
    items.iter().find(is_lost)
}

fn wait(matter: Matter<'_>, open: Vec<Prerequisite>) -> Output {
    let Matter { state, rules, key, .. } = matter;
    let say = format!("{} waits for {}.", key.issue, names(state, key, &open));
    let standing = Standing::Parked(Parked {
        why: Why::After { items: open },
        since: state.now,
        until: state.now + rules.limits.parked,
    });
    Step::of(matter, Kind::Parked, say).to(standing).done()
}

/// How prerequisites are called in the room of an item: those of its own repository by number alone.
pub(super) fn names(state: &State, key: ItemKey, items: &[Prerequisite]) -> String {
    let own = state.repositories.get(&key.repository).map_or("", |repository| &repository.name);
    let name = |first: &Prerequisite| {
        let repository = if first.repository.eq_ignore_ascii_case(own) { "" } else { &first.repository };
        format!("{repository}{}", first.issue)
    };
    items.iter().map(name).collect::<Vec<_>>().join(", ")
}
