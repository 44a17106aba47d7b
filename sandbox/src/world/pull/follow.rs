//! Branches move, and pull requests follow.

use super::event;
use crate::{
    object::Oid,
    world::{
        id::{AccountId, Number, RepositoryId},
        pull::Merge,
        reference::Moved,
        state::State,
    },
};

impl State {
    pub(crate) fn pulls_follow(&mut self, moved: &Moved) {
        let Some(branch) = moved.reference.strip_prefix("refs/heads/") else { return };
        for number in self.open_pulls.of_base(moved.repository, branch) {
            self.base_moves(moved, number);
        }
        for (repository, number) in self.open_pulls.of_head(moved.repository, branch) {
            self.head_moves(moved, repository, number);
        }
    }

    fn base_moves(&mut self, moved: &Moved, number: Number) {
        let (repository, sender) = (moved.repository, moved.sender);
        if self.pull(repository, number).is_none_or(|whole| whole.pull.merge.is_some()) {
            return;
        }
        let Some(tip) = moved.after else { return self.close_pull(repository, number, sender) };
        match self.merged_by_hand(repository, number, tip) {
            Some(commit) => self.mark_merged(repository, number, sender, commit),
            None => self.ask_mergeability(repository, number),
        }
    }

    /// The commit by which the head came into the base, if it did.
    fn merged_by_hand(&self, repository: RepositoryId, number: Number, tip: Oid) -> Option<Oid> {
        let head = self.pull(repository, number)?.pull.head.sha;
        if !self.objects.is_ancestor(head, tip) {
            return None;
        }
        let first_parents = std::iter::successors(Some(tip), |commit| self.first_parent(*commit));
        first_parents.take_while(|commit| self.objects.is_ancestor(head, *commit)).last()
    }

    fn first_parent(&self, commit: Oid) -> Option<Oid> {
        self.objects.commit(commit)?.parents.first().copied()
    }

    /// It is merged by this commit: closes it, and the issues that it says it closes.
    pub(crate) fn mark_merged(&mut self, repository: RepositoryId, number: Number, by: AccountId, commit: Oid) {
        let at = self.now;
        let Some((pull, _)) = self.pull_mut(repository, number) else { return };
        pull.merge = Some(Merge { at, by, commit });
        self.close_pull(repository, number, by);
        self.close_what_it_names(repository, number, by);
    }

    fn head_moves(&mut self, moved: &Moved, repository: RepositoryId, number: Number) {
        let Some(after) = moved.after else { return self.close_pull(repository, number, moved.sender) };
        let Some((pull, _)) = self.pull_mut(repository, number) else { return };
        let before = std::mem::replace(&mut pull.head.sha, after);
        self.head_moved(repository, number);
        self.outdate(repository, number);
        self.tell_pull(event("synchronize", repository, moved.sender), number, |_, payload| {
            payload.field("before", &before);
            payload.field("after", &after);
        });
        self.dismiss_stale(repository, number, moved.sender);
        self.runs_follow_pull(repository, number, moved.sender);
        let nothing_left = self.pull(repository, number).is_some_and(|whole| whole.pull.size.commits == 0);
        if nothing_left {
            self.close_pull(repository, number, moved.sender);
        }
    }
}
