//! A commit that a request makes on a branch.

use super::{call::Call, moving::Denied};
use crate::object::{Commit, Oid, Signature};

/// A commit to be made on a branch.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) branch: String,
    pub(crate) parents: Vec<Oid>,
    pub(crate) tree: Oid,
    pub(crate) message: String,
    pub(crate) author: Signature,
    pub(crate) committer: Signature,
}

impl Call<'_> {
    /// Makes a commit and moves the branch to it, if the principal may.
    pub(crate) fn commit(&mut self, draft: Draft) -> Result<Oid, Denied> {
        let Draft { branch, parents, tree, message, author, committer } = draft;
        let extra = bytes::Bytes::new();
        let oid = self.state.objects.insert(Commit { tree, parents, author, committer, message, extra });
        self.move_reference(&format!("refs/heads/{branch}"), Some(oid))?;
        Ok(oid)
    }
}
