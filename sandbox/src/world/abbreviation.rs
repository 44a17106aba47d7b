//! The beginning of a commit's id may stand for it.

use super::{refusal::Refusal, repository::Repository, state::State};
use crate::object::Oid;

/// No shorter one is taken for an id.
const SHORTEST: usize = 4;

impl State {
    /// The commit that a branch, a tag, an id or the beginning of an id names.
    pub(crate) fn committed(&self, repository: &Repository, name: &str) -> Option<Oid> {
        self.commit_named(repository, name).or_else(|| self.abbreviated(repository, name))
    }

    /// The same for something that a repository without a commit cannot answer.
    pub(crate) fn committed_or_empty(&self, repository: &Repository, name: &str) -> Result<Oid, Refusal> {
        not_empty(repository)?;
        self.committed(repository, name).ok_or_else(Refusal::not_found)
    }

    fn abbreviated(&self, repository: &Repository, name: &str) -> Option<Oid> {
        if !(SHORTEST..40).contains(&name.len()) || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let name = name.to_ascii_lowercase();
        let tips = repository.references.values().filter_map(|tip| self.objects.peel(*tip));
        let mut found =
            tips.flat_map(|tip| self.objects.log(tip, &[])).filter(|oid| oid.to_string().starts_with(&name));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }
}

/// Git has nothing to say of a repository without a commit.
pub(crate) fn not_empty(repository: &Repository) -> Result<(), Refusal> {
    if repository.references.is_empty() {
        return Err(Refusal::new(http::StatusCode::CONFLICT, "Git Repository is empty."));
    }
    Ok(())
}
