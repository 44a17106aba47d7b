//! All that the world holds.

use std::collections::BTreeMap;

use super::{
    account::Accounts,
    agenda::Agenda,
    app::Apps,
    commit_logs::CommitLogs,
    deliveries::Deliveries,
    draw::Draw,
    effect::Effect,
    holding::Holdings,
    hook::Hook,
    id::{AccountId, AppId, JobId, RepositoryId},
    limits::Usage,
    moment::Moment,
    question::{Known, Merged, Question},
    refusal::{Refusal, Stop},
    relation::Relations,
    repository::{Found, Repositories, Repository},
    token::Tokens,
};
use crate::object::Objects;

/// All that the world holds.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) addresses: Addresses,
    pub(crate) draw: Draw,
    pub(crate) now: Moment,
    pub(crate) accounts: Accounts,
    pub(crate) apps: Apps,
    pub(crate) app_hooks: BTreeMap<AppId, Hook>,
    /// Each organisation with each of its people.
    pub(crate) members: std::collections::BTreeSet<(AccountId, AccountId)>,
    pub(crate) tokens: Tokens,
    pub(crate) repositories: Repositories,
    pub(crate) deliveries: Deliveries,
    pub(crate) usage: Usage,
    pub(crate) relations: Relations,
    pub(crate) objects: Objects,
    /// Which of them are whose.
    pub(crate) holdings: Holdings,
    pub(crate) commit_logs: CommitLogs,
    pub(crate) known: Known,
    /// Which open pull requests a branch matters to.
    pub(crate) open_pulls: super::pull::Open,
    /// What is to be done when its time has come.
    pub(crate) agenda: Agenda,
    /// Where each job of a workflow run is.
    pub(crate) jobs: BTreeMap<JobId, RepositoryId>,
    /// What is to be done outside since the last step.
    pub(crate) effects: Vec<Effect>,
}

/// Where the world is to be found, as its answers say. No slash at the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addresses {
    /// Of the REST API: `http://127.0.0.1:8480/api/v3`.
    pub api: String,
    /// Of the pages and of git: `http://127.0.0.1:8480`.
    pub html: String,
}

impl State {
    pub(crate) fn repository(&self, id: RepositoryId) -> Result<&Repository, Refusal> {
        self.repositories.get(id).ok_or_else(Refusal::not_found)
    }

    pub(crate) fn repository_mut(&mut self, id: RepositoryId) -> Result<&mut Repository, Refusal> {
        self.repositories.get_mut(id).ok_or_else(Refusal::not_found)
    }

    /// `owner/name`.
    pub(crate) fn full_name(&self, repository: &Repository) -> String {
        [self.login(repository.owner), "/", &repository.name].concat()
    }

    /// The login of an account; `ghost` where it is gone, as on GitHub.
    pub(crate) fn login(&self, account: AccountId) -> &str {
        self.accounts.get(account).map_or("ghost", |account| &account.login)
    }

    pub(crate) fn find(&self, owner: &str, name: &str) -> Option<Found> {
        self.repositories.find(self.accounts.named(owner)?.id, name)
    }

    /// What git says to a question of merge; it must be asked where it was not yet.
    pub(crate) fn merged(&self, question: Question) -> Result<&Merged, Stop> {
        self.known.get(&question).ok_or(Stop::Unknown(question))
    }
}
