//! Which item is meant.

use bus::{
    ask::Which,
    catalogue::work::Place,
    number::{IssueNumber, ItemKey, PullKey, PullNumber, RepositoryId},
};

use crate::machine::{rules::Rules, state::State};

/// The item that is meant by whoever speaks here: the one that is named, the one whose room it is, or the only one
/// there is. Where it is several, says what to name.
pub fn find(state: &State, rules: &Rules, which: &Which, here: Option<ItemKey>) -> Result<ItemKey, String> {
    let Some(issue) = which.issue else {
        let thread = here.or_else(|| only_waiting(state)).ok_or_else(|| "Which one? Add its number.".to_owned())?;
        return Ok(item_of_thread(state, thread));
    };
    let repository = match (&which.repository, here) {
        (Some(name), _) => repository_named(state, rules, name)?,
        (None, Some(here)) => here.repository,
        (None, None) => having(state, issue)?,
    };
    Ok(item_of_thread(state, ItemKey { repository, issue }))
}

/// The repository of this name.
pub(super) fn repository_named(state: &State, rules: &Rules, name: &str) -> Result<RepositoryId, String> {
    match state.repository_named(name) {
        Some((id, _)) => Ok(id),
        None if rules.repository(name).is_some() => Err(format!("GitHub has told nothing of {name} yet.")),
        None => Err(format!("{name} is not looked after here.")),
    }
}

/// The one repository that has something of this number.
fn having(state: &State, issue: IssueNumber) -> Result<RepositoryId, String> {
    let has = |repository: &&RepositoryId| {
        let (item, pull) = (ItemKey { repository: **repository, issue }, PullNumber(issue.0));
        state.items.contains_key(&item)
            || state.ended.contains_key(&item)
            || state.pulls.contains_key(&PullKey { repository: **repository, pull })
    };
    let found: Vec<&RepositoryId> = state.repositories.keys().filter(has).collect();
    match found.as_slice() {
        [repository] => Ok(**repository),
        [] => Err(format!("There is no {issue} here.")),
        several => {
            let name = |id: &&RepositoryId| state.name_of(ItemKey { repository: **id, issue });
            let names: Vec<String> = several.iter().map(name).collect();
            Err(format!("Which one: {}?", names.join(" or ")))
        }
    }
}

/// The item that a thread is about: its own, or the one that a pull request is for. GitHub counts both together.
fn item_of_thread(state: &State, thread: ItemKey) -> ItemKey {
    let pull = PullKey { repository: thread.repository, pull: PullNumber(thread.issue.0) };
    let carried = state.pulls.get(&pull).and_then(|pull| pull.issue);
    carried.filter(|_| !state.items.contains_key(&thread)).map_or(thread, |issue| ItemKey { issue, ..thread })
}

fn only_waiting(state: &State) -> Option<ItemKey> {
    let mut waiting = state.lying(Place::Waiting).map(|(key, _)| key);
    waiting.next().filter(|_| waiting.next().is_none())
}
