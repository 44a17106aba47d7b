//! Whether a git client may in.

use super::{
    World,
    id::RepositoryId,
    moment::Moment,
    permission::{Access, Permission},
    push::principal,
    repository::{Found, Repository},
    state::State,
    token::Principal,
};

/// Whether a git client may in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// Yes, to this repository.
    Granted(RepositoryId),
    /// 401: it is not known who asks. Also for one without a name who asks for what only some may see.
    Unknown,
    /// 404: there is none, or this caller may not know of it.
    Hidden,
    /// 403, with this message.
    Denied(String),
}

impl World {
    /// Whether the one behind an `Authorization` header may fetch from a repository, or push to it. An old name leads
    /// to the repository, as it does on GitHub.
    pub fn entry(
        &mut self,
        now: Moment,
        owner: &str,
        name: &str,
        access: Access,
        authorization: Option<&str>,
    ) -> Entry {
        self.state.now = self.state.now.max(now);
        let Some(who) = principal(&self.state, authorization).filter(|who| !matches!(who, Principal::App(_))) else {
            return Entry::Unknown;
        };
        let found = self.state.find(owner, name).map(|(Found::Here(id) | Found::Moved(id))| id);
        let seen = found.and_then(|id| self.state.repositories.get(id)).filter(|there| self.state.sees(&who, there));
        match seen {
            None if who == Principal::Anonymous => Entry::Unknown,
            None => Entry::Hidden,
            Some(_) if who == Principal::Anonymous && access > Access::Read => Entry::Unknown,
            Some(repository) if access == Access::Read => read(&self.state, &who, repository),
            Some(repository) => {
                self.state.pusher(&who, repository).map_or_else(Entry::Denied, |_| Entry::Granted(repository.id))
            }
        }
    }
}

fn read(state: &State, who: &Principal, repository: &Repository) -> Entry {
    if state.may(who, repository, Permission::Contents, Access::Read) {
        return Entry::Granted(repository.id);
    }
    let login = match who {
        Principal::Installation(grant) => state.login(grant.bot),
        Principal::Person(person) => state.login(*person),
        Principal::App(_) | Principal::Anonymous => "anonymous",
    };
    Entry::Denied(format!("Permission to {}.git denied to {login}.", state.full_name(repository)))
}
