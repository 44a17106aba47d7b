//! What people do without the REST API: scripted ones, and tests before a push.

use super::{
    World,
    id::{AccountId, Number, RepositoryId},
    pull::event,
    state::State,
};
use crate::object::{Change, Commit, Mode, Object, Oid};

/// A commit to be made on a branch.
#[derive(Clone, Copy, Debug)]
pub struct NewCommit<'a> {
    /// Who makes it.
    pub author: AccountId,
    /// What it says.
    pub message: &'a str,
    /// Path and content of each file; nothing for a file that goes.
    pub files: &'a [(&'a str, Option<&'a [u8]>)],
}

impl World {
    /// Commits to a branch, which begins at the default branch where it is not there. Returns the commit; none where
    /// there is no such repository or a path is none.
    pub fn commit(&mut self, repository: RepositoryId, branch: &str, new: &NewCommit<'_>) -> Option<Oid> {
        let commit = self.state.commit_on(repository, branch, new)?;
        self.state.change_reference(repository, &format!("refs/heads/{branch}"), Some(commit), new.author);
        Some(commit)
    }

    /// Moves a branch to a commit, or removes it.
    pub fn move_branch(&mut self, repository: RepositoryId, branch: &str, to: Option<Oid>, by: AccountId) {
        self.state.change_reference(repository, &format!("refs/heads/{branch}"), to, by);
    }

    /// Where a branch stands.
    #[must_use]
    pub fn branch(&self, repository: RepositoryId, branch: &str) -> Option<Oid> {
        self.state.repositories.get(repository)?.branch(branch)
    }

    /// Makes a draft of an open pull request, or says that it is ready for review: over the wire that is GraphQL's.
    pub fn set_draft(&mut self, repository: RepositoryId, number: Number, draft: bool, by: AccountId) {
        self.state.set_draft(repository, number, draft, by);
    }

    /// A fork of a repository, with its branches.
    pub fn fork(&mut self, of: RepositoryId, owner: AccountId) -> Option<RepositoryId> {
        let name = self.state.repositories.get(of)?.name.clone();
        self.state.fork(of, owner, &name, false)
    }
}

impl State {
    fn commit_on(&mut self, id: RepositoryId, branch: &str, new: &NewCommit<'_>) -> Option<Oid> {
        let repository = self.repositories.get(id)?;
        let parent = repository.branch(branch).or_else(|| repository.branch(&repository.default_branch));
        let tree = parent.and_then(|parent| self.objects.commit(parent)).map_or(Oid::EMPTY_TREE, |parent| parent.tree);
        let mut changes: Vec<(&str, Change)> = Vec::new();
        for (path, content) in new.files {
            let blob = content.map(|content| self.objects.insert(Object::Blob(bytes::Bytes::copy_from_slice(content))));
            changes.push((path, blob.map(|blob| (Mode::FILE, blob))));
        }
        let tree = self.objects.edit(tree, &changes).ok()?;
        let author = self.signature(new.author);
        Some(self.objects.insert(Commit {
            tree,
            parents: parent.into_iter().collect(),
            committer: author.clone(),
            author,
            message: new.message.to_owned(),
            extra: bytes::Bytes::new(),
        }))
    }

    fn set_draft(&mut self, repository: RepositoryId, number: Number, draft: bool, by: AccountId) {
        let Some((pull, _)) = self.pull_mut(repository, number).filter(|(_, issue)| issue.is_open()) else { return };
        if pull.draft == draft {
            return;
        }
        pull.draft = draft;
        let action = if draft { "converted_to_draft" } else { "ready_for_review" };
        self.tell_pull(event(action, repository, by), number, |_, _| {});
    }
}
