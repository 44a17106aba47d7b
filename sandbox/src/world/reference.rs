//! References move: by a push, a merge, a file that is written over the API. Whoever moves one, all that follows from it
//! follows here.

use super::{
    effect::Effect,
    id::{AccountId, RepositoryId},
    state::State,
};
use crate::object::Oid;

/// A reference that moved.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) repository: RepositoryId,
    /// `refs/heads/main`.
    pub(crate) reference: String,
    pub(crate) before: Option<Oid>,
    pub(crate) after: Option<Oid>,
    /// Who moved it.
    pub(crate) sender: AccountId,
}

impl State {
    /// Moves, makes or removes a reference, and does what follows from it.
    pub(crate) fn change_reference(
        &mut self,
        repository: RepositoryId,
        reference: &str,
        after: Option<Oid>,
        sender: AccountId,
    ) {
        let before = self.place_reference(repository, reference, after);
        if before != after {
            let reference = reference.to_owned();
            self.follow(&Moved { repository, reference, before, after, sender });
        }
    }

    /// Moves, makes or removes a reference, here and in the mirror, and tells nobody. Returns where it stood.
    pub(crate) fn place_reference(&mut self, id: RepositoryId, reference: &str, after: Option<Oid>) -> Option<Oid> {
        let now = self.now;
        after.into_iter().for_each(|oid| self.hold(id, oid));
        let repository = self.repositories.get_mut(id)?;
        let before = match after {
            Some(oid) => repository.references.insert(reference.to_owned(), oid),
            None => repository.references.remove(reference),
        };
        repository.pushed_at = now;
        repository.touch(now);
        self.effects.push(Effect::Move { repository: id, references: vec![(reference.to_owned(), after)] });
        before
    }

    /// What follows when a reference has moved: a line a follower.
    fn follow(&mut self, moved: &Moved) {
        self.tell_moved(moved);
        self.pulls_follow(moved);
        self.closings_follow(moved);
        self.suites_follow(moved);
        self.runs_follow(moved);
        self.site_follows(moved);
    }
}
