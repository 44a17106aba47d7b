//! What holds after every record, whatever it was.

use std::collections::BTreeSet;

use bus::{
    catalogue::work::{Need, Standing, Waiting},
    number::ItemKey,
};
use conductor::machine::{State, rules::Skill, state::fence_of};

/// The past, replayed, gives the same state; nothing is left undone; every item lies in exactly one place, with a wait
/// that ends, and the lists beside the items say the same as the items.
pub(crate) fn are_kept(state: &State, twin: &State) {
    assert!(twin == state, "the past, replayed, gives another state");
    let undone = [state.agenda.len(), state.strays.len(), state.follow.len()];
    assert_eq!(undone, [0; 3], "something was left undone");
    waits_end(state);
    the_queue_is_the_items(state);
    the_next_deadline_is_the_first(state);
    work_is_of_one_item(state);
}

/// What a snapshot keeps is read back as it was.
pub(crate) fn is_kept_whole(state: &State) {
    let kept = serde_json::to_string(state).unwrap();
    assert!(serde_json::from_str::<State>(&kept).unwrap() == *state, "the state does not read back");
}

fn waits_end(state: &State) {
    for (key, item) in &state.items {
        let standing = &item.course.standing;
        assert!(standing.until().is_some() != standing.is_end(), "{} waits for ever: {standing:?}", key.issue);
        if let Standing::Waiting(Waiting { whom, what, .. }) = standing {
            assert!(!whom.is_empty(), "{} waits for nobody", key.issue);
            let says = match what {
                Need::Words { question, .. } => question,
                Need::Trouble { why, .. } => why,
                Need::Approval { .. } | Need::Duplicate { .. } => continue,
            };
            assert!(!says.is_empty(), "{} asks for nothing", key.issue);
        }
    }
}

fn the_queue_is_the_items(state: &State) {
    let queued: BTreeSet<ItemKey> =
        [Skill::Implementer, Skill::Reviewer].into_iter().flat_map(|skill| state.queue.waiting(skill)).collect();
    let standing = state.items.iter().filter(|(_, item)| matches!(item.course.standing, Standing::Queued(_)));
    assert_eq!(queued, standing.map(|(key, _)| *key).collect(), "the queue is not what is queued");
}

fn the_next_deadline_is_the_first(state: &State) {
    let first = state.items.iter().filter_map(|(key, item)| Some((item.course.standing.until()?, *key))).min();
    assert_eq!(state.next_deadline(), first, "the next deadline is another one");
}

fn work_is_of_one_item(state: &State) {
    for (key, item) in &state.items {
        if let Some(fence) = fence_of(&item.course) {
            assert_eq!(state.item_of(fence).map(|(key, _)| key), Some(*key), "{} lost its work", key.issue);
        }
    }
}
