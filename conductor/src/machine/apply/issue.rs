//! How an issue is: an item comes in, goes on, or begins again.

use bus::{
    RecordId,
    catalogue::work::{Course, Standing},
    number::{ItemKey, PullNumber},
};

use crate::machine::{
    fact::{Issue, Place, Said},
    rules::Rules,
    state::{Ended, Ending, Item, KnownIssue, State},
};

pub(super) fn apply_issue(state: &mut State, rules: &Rules, place: &Place, issue: &Issue, told_in: RecordId) {
    let key = ItemKey { repository: place.id, issue: issue.number };
    let next = KnownIssue::of(issue, &place.name);
    let label = rules.repository(&place.name).map_or("", |rules| &rules.label);
    let wanted = is_wanted(&next, label);
    if let Some(item) = state.items.get(&key) {
        if !(wanted && is_back(item, &next, label)) {
            return follow(state, place, issue, next, told_in);
        }
        state.retire(key, label);
    }
    if !issue.open && state.is_awaited(key) {
        state.note_closed(key);
    }
    if !wanted {
        note_unwanted(state, key, &next);
    }
    let begins = match state.ended.get(&key) {
        Some(ended) => begins_again(ended, &next),
        // GitHub tells whole seconds: of two reports of one second the one that wants it counts, and where that was the
        // older one, the next look at GitHub withdraws it.
        None => state.unwanted.at(key).is_none_or(|unwanted| next.updated_at >= unwanted),
    };
    if wanted && begins {
        let ended = state.ended.remove(&key);
        let generation = ended.as_ref().map_or(0, |ended| ended.generation);
        add_item(state, key, next, generation, ended.and_then(|ended| ended.pull));
    }
}

fn is_wanted(issue: &KnownIssue, label: &str) -> bool {
    issue.open && issue.has(label)
}

/// Whether an issue that was not wanted any more is wanted again before the last words of its end are said.
fn is_back(item: &Item, next: &KnownIssue, label: &str) -> bool {
    let standing = &item.course.standing;
    let ended = standing.is_end() && !matches!(standing, Standing::Superseded { .. });
    ended && !is_wanted(&item.issue, label) && next.updated_at > item.issue.updated_at
}

/// Takes over how the issue of an item is now, unless that is older than what is known.
fn follow(state: &mut State, place: &Place, issue: &Issue, next: KnownIssue, told_in: RecordId) {
    let key = ItemKey { repository: place.id, issue: issue.number };
    let Some(item) = state.items.get(&key).filter(|item| next.updated_at >= item.issue.updated_at) else {
        return;
    };
    if next.text != item.issue.text && was_offered(item) {
        state.words.note(key, &edited(place, issue, told_in));
    }
    state.set_issue(key, next);
}

/// From then on somebody may have read it; and what is told of it last has to be how it is.
const fn was_offered(item: &Item) -> bool {
    item.course.generation > 0
}

/// What is told to whoever works on an issue that says something else now (F-019): quoted, so that nobody takes it for the
/// word of somebody who may order.
fn edited(place: &Place, issue: &Issue, record: RecordId) -> Said {
    let text = format!("{}\n\n{}", issue.title, issue.body);
    let quoted: Vec<String> = text.trim_end().lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
    Said {
        record,
        who: issue.by.clone().unwrap_or_else(|| issue.author.clone()),
        repository: place.name.clone(),
        issue: issue.number,
        say: format!("The issue says now:\n{}", quoted.join("\n")),
    }
}

fn note_unwanted(state: &mut State, key: ItemKey, issue: &KnownIssue) {
    match state.ended.get_mut(&key) {
        Some(ended) if issue.updated_at < ended.known_at => {}
        Some(ended) => ended.unwanted_at = ended.unwanted_at.max(Some(issue.updated_at)),
        None => state.unwanted.note(key, issue.updated_at),
    }
}

/// An item that ended is taken up again only when its issue was closed, or lost its label, and is wanted again since: any
/// other change of the issue, as our own comment on it, says nothing of that.
fn begins_again(ended: &Ended, issue: &KnownIssue) -> bool {
    let wanted_since = ended.unwanted_at.is_some_and(|unwanted| issue.updated_at > unwanted);
    wanted_since && !matches!(ended.end, Ending::Superseded { .. })
}

fn add_item(state: &mut State, key: ItemKey, issue: KnownIssue, generation: u32, spent: Option<PullNumber>) {
    let course = Course {
        standing: Standing::Filed,
        generation,
        strikes: 0,
        resumes: 0,
        rounds: 0,
        repairs: 0,
        merges: 0,
        pull: None,
        hold: None,
        permit: None,
        landed: None,
        passed_by: Vec::new(),
        asked_for: false,
    };
    state.add_item(
        key,
        Item {
            issue,
            course,
            told: None,
            refused: None,
            abstained: Vec::new(),
            turned_away: None,
            branch: None,
            spent,
        },
    );
}
