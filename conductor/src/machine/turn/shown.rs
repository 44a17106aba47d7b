//! Whether what an agent said to be done is there to see.

use bus::{
    catalogue::work::{Expected, Task},
    number::PullKey,
};

use crate::machine::{
    matter::Matter,
    state::{Item, KnownPull, State, fence_of},
};

/// Whether what an agent said to be done is there to see.
pub(in crate::machine) fn is_shown(matter: Matter<'_>, expected: &Expected) -> bool {
    let Matter { state, rules, key, item } = matter;
    let Some((pull, known)) = item.course.pull.and_then(|pull| {
        let key = PullKey { repository: key.repository, pull };
        Some((key, state.pulls.get(&key)?))
    }) else {
        return false;
    };
    match &expected.task {
        Task::Review { head, .. } => known.is_judged_by(&rules.principals.reviewer, *head),
        Task::Build => true,
        Task::Fix { head } | Task::Mend { head, .. } | Task::Rebase { head } => {
            known.head != *head && is_of_the_run(state, pull, known, item)
        }
    }
}

/// A head that names another run is never evidence of this one.
fn is_of_the_run(state: &State, key: PullKey, pull: &KnownPull, item: &Item) -> bool {
    let repository = state.repositories.get(&key.repository);
    let head = repository.and_then(|repository| repository.commits.get(pull.head));
    head.is_some_and(|head| head.run.is_some() && head.run == fence_of(&item.course))
}
