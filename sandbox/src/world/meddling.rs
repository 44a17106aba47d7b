//! What faults do from within: a token dies, a branch moves under a merge.

use http::HeaderMap;

use super::{
    World,
    id::{AccountId, Number, RepositoryId},
    repository::Found,
    scripted::NewCommit,
    token,
};

impl World {
    /// Makes the token that a request carries void.
    pub fn revoke(&mut self, headers: &HeaderMap) {
        if let Ok(Some(token)) = token::given(headers) {
            self.state.tokens.remove(&*token);
        }
    }

    /// Somebody pushes to the head of the pull request that a path names, `/repos/acme/site/pulls/3/…`; nothing if it
    /// names none.
    pub fn move_head(&mut self, path: &str) -> Option<()> {
        let mut parts = path.strip_prefix("/repos/")?.split('/');
        let (owner, name) = (parts.next()?, parts.next()?);
        let (Found::Here(id) | Found::Moved(id)) = self.state.find(owner, name)?;
        let number = parts.nth(1)?.parse().ok()?;
        let (at, branch, author) = self.head(id, number)?;
        let files: &[(&str, Option<&[u8]>)] = &[("moved.txt", Some(b"Somebody pushed in between.\n"))];
        self.commit(at, &branch, &NewCommit { author, message: "Push in between\n", files }).map(|_| ())
    }

    fn head(&self, id: RepositoryId, number: Number) -> Option<(RepositoryId, String, AccountId)> {
        let head = &self.state.repositories.get(id)?.pulls.get(number)?.head;
        Some((head.repository, head.branch.clone(), head.owner))
    }
}
