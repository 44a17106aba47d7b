//! One request on its way through a handler.

use std::{borrow::Cow, str::FromStr};

use bytes::Bytes;
use http::{Request, StatusCode};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    account::Account,
    event::Event,
    id::{AccountId, AppId, RepositoryId},
    permission::{Access, Permission, Role},
    refusal::Refusal,
    repository::Repository,
    state::State,
    token::Principal,
};

/// One request, who asks it, and the world it is asked of.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) who: Principal,
    pub(crate) request: &'a Request<Bytes>,
    pub(crate) parameters: Parameters,
    /// The repository that the path names: it is there, and the principal may do what the route needs.
    pub(super) repository: Option<RepositoryId>,
}

/// The path's parameters, decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn decoded<'p>(given: impl Iterator<Item = (&'p str, &'p str)>) -> Self {
        Self(given.map(|(name, value)| (name.to_owned(), decode(value).into_owned())).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

impl Call<'_> {
    /// The id of the repository that the path names.
    pub(crate) fn repository_id(&self) -> Result<RepositoryId, Refusal> {
        self.repository.ok_or_else(Refusal::not_found)
    }

    /// The repository that the path names.
    pub(crate) fn repository(&self) -> Result<&Repository, Refusal> {
        self.state.repository(self.repository_id()?)
    }

    pub(crate) fn repository_mut(&mut self) -> Result<&mut Repository, Refusal> {
        let id = self.repository_id()?;
        self.state.repository_mut(id)
    }

    /// A parameter of the path as text.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.parameters.get(name).ok_or_else(Refusal::not_found)
    }

    /// A parameter of the path; what cannot be one names nothing.
    pub(crate) fn parameter<T: FromStr>(&self, name: &str) -> Result<T, Refusal> {
        self.text(name)?.parse().map_err(|_| Refusal::not_found())
    }

    /// The query, as a struct whose fields have defaults.
    pub(crate) fn query<'q, T: Deserialize<'q>>(&'q self) -> Result<T, Refusal> {
        serde_urlencoded::from_str(self.request.uri().query().unwrap_or(""))
            .map_err(|error| Refusal::unprocessable(format!("Invalid request.\n\n{error}")))
    }

    /// The JSON body; none at all is an empty object, as on GitHub.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body: &[u8] = if self.request.body().is_empty() { b"{}" } else { self.request.body() };
        serde_json::from_slice(body).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Refusal::unprocessable(format!("Invalid request.\n\n{error}")),
            _ => Refusal::new(StatusCode::BAD_REQUEST, "Problems parsing JSON"),
        })
    }

    /// The account under which the principal acts.
    pub(crate) fn actor(&self) -> Result<AccountId, Refusal> {
        match &self.who {
            Principal::Person(person) => Ok(*person),
            Principal::Installation(grant) => Ok(grant.bot),
            Principal::App(_) | Principal::Anonymous => Err(requires_authentication()),
        }
    }

    /// The same, as an account.
    pub(crate) fn account(&self) -> Result<&Account, Refusal> {
        let actor = self.actor()?;
        self.state.accounts.get(actor).ok_or_else(requires_authentication)
    }

    /// The App through which the principal acts.
    pub(crate) fn app(&self) -> Option<AppId> {
        match &self.who {
            Principal::Installation(grant) => {
                self.state.apps.installations.get(&grant.installation).map(|there| there.app)
            }
            Principal::App(app) => Some(*app),
            Principal::Person(_) | Principal::Anonymous => None,
        }
    }

    /// Whether the principal may do this much in the repository that the path names.
    pub(crate) fn may(&self, permission: Permission, access: Access) -> bool {
        self.repository().is_ok_and(|repository| self.state.may(&self.who, repository, permission, access))
    }

    /// An event in this repository, by this principal.
    pub(crate) fn event(&self, name: &'static str, action: &'static str) -> Result<Event, Refusal> {
        Ok(Event { name, action: Some(action), repository: self.repository_id()?, sender: self.actor()? })
    }
}

impl State {
    /// Whether a principal may do this much in a repository.
    pub(crate) fn may(&self, who: &Principal, repository: &Repository, what: Permission, access: Access) -> bool {
        match who {
            Principal::Anonymous | Principal::App(_) => !repository.private && access == Access::Read,
            Principal::Person(person) => repository.role(*person) >= Some(Role::needed(what, access)),
            Principal::Installation(grant) => {
                let installed = self.apps.installations.get(&grant.installation);
                let here =
                    installed.is_some_and(|there| there.holds(repository)) && grant.repositories.holds(repository.id);
                let public = !repository.private && access == Access::Read;
                public || here && grant.permissions.get(&what) >= Some(&access)
            }
        }
    }

    /// Whether a principal may know that a repository is there.
    pub(crate) fn sees(&self, who: &Principal, repository: &Repository) -> bool {
        self.may(who, repository, Permission::Metadata, Access::Read)
    }
}

pub(crate) fn requires_authentication() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "Requires authentication")
}
