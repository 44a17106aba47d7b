//! What names a commit in a path: its id, a branch, a tag.

use super::{repository::Repository, state::State};
use crate::object::Oid;

impl State {
    /// The commit that a name means in a repository.
    pub(crate) fn commit_named(&self, repository: &Repository, name: &str) -> Option<Oid> {
        let reference = |name: &str| repository.references.get(name).copied();
        let found = match name {
            "HEAD" => repository.branch(&repository.default_branch),
            _ => name
                .parse()
                .ok()
                .filter(|oid| self.holds(repository, *oid))
                .or_else(|| reference(&format!("refs/heads/{name}")))
                .or_else(|| reference(&format!("refs/tags/{name}")))
                .or_else(|| reference(&format!("refs/{name}")))
                .or_else(|| reference(name)),
        };
        found.and_then(|oid| self.objects.peel(oid))
    }
}
