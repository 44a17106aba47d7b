//! Who may own repositories, and under which names.

use super::{
    account::Kind,
    call::{Call, requires_authentication},
    id::{AccountId, RepositoryId},
    permission::{Access, Permission},
    refusal::Refusal,
    repository::Found,
    token::Principal,
};

/// GitHub's names of repositories are no longer than this.
const LONGEST: usize = 100;

impl Call<'_> {
    /// The principal administers the repository that the path names. The router does not ask it of routes that are
    /// also for archived repositories.
    pub(crate) fn administers(&self) -> Result<(), Refusal> {
        if self.may(Permission::Administration, Access::Write) {
            return Ok(());
        }
        Err(match &self.who {
            Principal::Anonymous => requires_authentication(),
            Principal::Person(_) => Refusal::forbidden("Must have admin rights to Repository."),
            Principal::App(_) | Principal::Installation(_) => {
                Refusal::forbidden("Resource not accessible by integration")
            }
        })
    }

    /// The principal may make repositories that are this account's.
    pub(crate) fn may_own(&self, owner: AccountId) -> Result<(), Refusal> {
        match &self.who {
            Principal::Anonymous => Err(requires_authentication()),
            Principal::Person(person) if *person == owner || self.state.members.contains(&(owner, *person)) => Ok(()),
            Principal::Person(_) => Err(Refusal::forbidden("You need to be a member of the organization.")),
            Principal::Installation(grant) => {
                let installed = self.state.apps.installations.get(&grant.installation);
                let here = installed.is_some_and(|there| there.account == owner);
                let may = grant.permissions.get(&Permission::Administration) >= Some(&Access::Write);
                if here && may { Ok(()) } else { Err(Refusal::forbidden("Resource not accessible by integration")) }
            }
            Principal::App(_) => Err(Refusal::forbidden("Resource not accessible by integration")),
        }
    }

    /// An organisation by its name.
    pub(crate) fn organization(&self, login: &str) -> Result<AccountId, Refusal> {
        let account = self.state.accounts.named(login).filter(|account| account.kind == Kind::Organization);
        account.map(|account| account.id).ok_or_else(Refusal::not_found)
    }

    /// A name that a repository of this account can have: free, or `own` already.
    pub(crate) fn free_name(&self, owner: AccountId, name: &str, own: Option<RepositoryId>) -> Result<String, Refusal> {
        let name = tidy(name).ok_or_else(|| Refusal::custom("Repository", "name", "name is invalid"))?;
        match self.state.repositories.find(owner, &name) {
            Some(Found::Here(id)) if Some(id) != own => {
                Err(Refusal::custom("Repository", "name", "name already exists on this account"))
            }
            _ => Ok(name),
        }
    }
}

/// GitHub puts a dash for each letter that no name has.
fn tidy(name: &str) -> Option<String> {
    let name = name.trim();
    let name = name.strip_suffix(".git").unwrap_or(name);
    let is_known = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let name: String = name.chars().map(|letter| if is_known(letter) { letter } else { '-' }).collect();
    let is_name = !name.is_empty() && name.len() <= LONGEST && name != "." && name != "..";
    is_name.then_some(name)
}
