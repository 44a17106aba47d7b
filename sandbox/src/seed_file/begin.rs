//! A world begins: first what nobody could ask for over HTTP, then what people ask for, then those who listen.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{Method, Request, header::AUTHORIZATION};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use thiserror::Error;

use super::{App, Installed, Issue, Repository, Residents, Seed, Site};
use crate::world::{
    AccountId, AppId, InstallationId, Kind, Limits, NewApp, NewRepository, RepositoryId, Target, World,
};

/// A world that has people, repositories and Apps. What they ask for and who listens comes next.
#[derive(Debug)]
pub struct Begun {
    residents: Residents,
    requests: Vec<Request<Bytes>>,
    hooks: Vec<(RepositoryId, Target, BTreeSet<String>)>,
    sites: Vec<(RepositoryId, String, Site)>,
    installations: Vec<(AppId, String, AccountId)>,
    limits: Limits,
}

/// Why a world does not begin.
#[derive(Debug, Error)]
pub enum Unbegun {
    /// Draw the keys first.
    #[error("the App {0:?} has no key")]
    NoKey(String),
    /// The key that is there is none.
    #[error("the key of the App {app:?} is none")]
    Key {
        /// Which.
        app: String,
        /// Why.
        source: jsonwebtoken::errors::Error,
    },
    /// The file was not checked.
    #[error("{0:?} is no account of this world")]
    Nobody(String),
    /// A request cannot be written.
    #[error("what {0} begins with cannot be asked for")]
    Request(String, #[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Seed {
    /// Makes people, repositories and Apps. Then come [`Begun::requests`], in order, then [`Begun::listen`].
    ///
    /// # Errors
    ///
    /// If an App has no key.
    pub fn begin(&self, world: &mut World) -> Result<Begun, Unbegun> {
        // A long file is not somebody who asks too much.
        world.limit(Limits::NONE);
        let mut accounts = Accounts::default();
        self.people.iter().for_each(|login| accounts.add(world, login, Kind::User));
        self.organisations.iter().for_each(|login| accounts.add(world, login, Kind::Organization));
        let tokens =
            self.people.iter().filter_map(|login| Some((login.clone(), accounts.token(login).ok()?.to_owned())));
        let residents = Residents { tokens: tokens.collect(), apps: Vec::new(), sites: BTreeMap::new() };
        let mut begun = Begun::new(residents, self.limits);
        for repository in &self.repositories {
            let id = found(repository, world, &accounts)?;
            begun.requests.extend(asked_for(repository, &accounts)?);
            begun.sites.extend(repository.site.map(|site| (id, repository.full_name(), site)));
            begun.hooks.extend(repository.hooks.iter().map(|hook| (id, hook.target(), hook.events.clone())));
        }
        for app in &self.apps {
            begun.app(app, world, &accounts)?;
        }
        Ok(begun)
    }
}

impl Begun {
    const fn new(residents: Residents, limits: Limits) -> Self {
        Self {
            residents,
            requests: Vec::new(),
            hooks: Vec::new(),
            sites: Vec::new(),
            installations: Vec::new(),
            limits,
        }
    }

    /// What people and owners ask of the world at its beginning, in order. Each is to be answered with a success.
    #[must_use]
    pub fn requests(&mut self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.requests)
    }

    /// Which sites are to be served, with the names of their repositories.
    pub(super) fn sites(&self) -> &[(RepositoryId, String, Site)] {
        &self.sites
    }

    /// Lets webhooks and Apps listen: they are not told of the beginning.
    #[must_use]
    pub fn listen(self, world: &mut World) -> Residents {
        let Self { mut residents, hooks, installations, limits, requests: _, sites: _ } = self;
        world.limit(limits);
        for (repository, target, events) in hooks {
            world.hook(repository, target, events);
        }
        for (app, login, account) in installations {
            let installed = residents.apps.iter_mut().find(|installed| installed.id == app);
            if let Some((installed, id)) = installed.zip(world.install(app, account)) {
                installed.installations.insert(login, id);
            }
        }
        residents
    }

    fn app(&mut self, app: &App, world: &mut World, accounts: &Accounts) -> Result<(), Unbegun> {
        let key = app.key.as_ref().ok_or_else(|| Unbegun::NoKey(app.name.clone()))?;
        let new = NewApp {
            name: &app.name,
            owner: accounts.id(&app.owner)?,
            permissions: app.permissions.clone(),
            events: app.events.clone(),
            hook: app.hook.as_ref().map(super::Hook::target),
            public_key: &key.public,
        };
        let id = world.app(new).map_err(|source| Unbegun::Key { app: app.name.clone(), source })?;
        let installations = BTreeMap::<String, InstallationId>::new();
        let private_key = key.private.clone();
        self.residents.apps.push(Installed {
            id,
            name: app.name.clone(),
            slug: app.slug(),
            private_key,
            installations,
        });
        for login in &app.installed_on {
            self.installations.push((id, login.clone(), accounts.id(login)?));
        }
        Ok(())
    }
}

/// The accounts by lowercase login, each with a token of its own.
#[derive(Default)]
struct Accounts(BTreeMap<String, (AccountId, String)>);

impl Accounts {
    fn add(&mut self, world: &mut World, login: &str, kind: Kind) {
        let account = world.account(login, kind);
        // An organisation's is used here alone, for what its owners have set up before anybody came.
        self.0.insert(login.to_ascii_lowercase(), (account, world.token(account)));
    }

    fn get(&self, login: &str) -> Result<&(AccountId, String), Unbegun> {
        self.0.get(&login.to_ascii_lowercase()).ok_or_else(|| Unbegun::Nobody(login.to_owned()))
    }

    fn id(&self, login: &str) -> Result<AccountId, Unbegun> {
        self.get(login).map(|(id, _)| *id)
    }

    fn token(&self, login: &str) -> Result<&str, Unbegun> {
        self.get(login).map(|(_, token)| token.as_str())
    }
}

fn found(repository: &Repository, world: &mut World, accounts: &Accounts) -> Result<RepositoryId, Unbegun> {
    let files: Vec<(&str, &[u8])> =
        repository.files.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
    let collaborators = repository.collaborators.iter().map(|(login, role)| Ok((accounts.id(login)?, *role)));
    let id = world.repository(&NewRepository {
        owner: accounts.id(&repository.owner)?,
        name: &repository.name,
        private: repository.private,
        files: &files,
        collaborators: collaborators.collect::<Result<_, Unbegun>>()?,
    });
    for label in &repository.labels {
        world.label(id, &label.name, &label.color, label.description.as_deref());
    }
    Ok(id)
}

fn asked_for(repository: &Repository, accounts: &Accounts) -> Result<Vec<Request<Bytes>>, Unbegun> {
    let owner = accounts.token(&repository.owner)?;
    let desk = Desk { repository: repository.full_name(), path: format!("/repos/{}", repository.full_name()) };
    let mut asked = Vec::new();
    for (number, issue) in (1..).zip(&repository.issues) {
        asked.extend(desk.issue(number, issue, owner, accounts)?);
    }
    for protection in &repository.protections {
        let branch = utf8_percent_encode(&protection.branch, NON_ALPHANUMERIC);
        asked.push(desk.ask(Method::PUT, &format!("/branches/{branch}/protection"), owner, &protection.body())?);
    }
    Ok(asked)
}

/// Writes requests in a repository.
struct Desk {
    repository: String,
    path: String,
}

#[derive(Serialize)]
struct Said<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

#[derive(Serialize)]
struct Triaged<'a> {
    labels: &'a [String],
    assignees: &'a [String],
}

impl Desk {
    /// An issue is filed by its author and triaged by the owner: not everybody who files may label.
    fn issue(
        &self,
        number: u64,
        issue: &Issue,
        owner: &str,
        accounts: &Accounts,
    ) -> Result<Vec<Request<Bytes>>, Unbegun> {
        let filed = Said { title: Some(&issue.title), body: issue.body.as_deref() };
        let mut asked = vec![self.ask(Method::POST, "/issues", accounts.token(&issue.author)?, &filed)?];
        if !issue.labels.is_empty() || !issue.assignees.is_empty() {
            let triaged = Triaged { labels: &issue.labels, assignees: &issue.assignees };
            asked.push(self.ask(Method::PATCH, &format!("/issues/{number}"), owner, &triaged)?);
        }
        for comment in &issue.comments {
            let said = Said { title: None, body: Some(&comment.body) };
            let author = accounts.token(&comment.author)?;
            asked.push(self.ask(Method::POST, &format!("/issues/{number}/comments"), author, &said)?);
        }
        Ok(asked)
    }

    fn ask(&self, method: Method, rest: &str, token: &str, body: &impl Serialize) -> Result<Request<Bytes>, Unbegun> {
        let unwritten =
            |error: Box<dyn std::error::Error + Send + Sync>| Unbegun::Request(self.repository.clone(), error);
        let body = serde_json::to_vec(body).map_err(|error| unwritten(error.into()))?;
        Request::builder()
            .method(method)
            .uri(format!("{}{rest}", self.path))
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .body(body.into())
            .map_err(|error| unwritten(error.into()))
    }
}
