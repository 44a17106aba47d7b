//! People, organisations and bots.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::value::RawValue;

use super::{id::AccountId, moment::Moment};

/// What an account is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A person.
    User,
    /// An organisation: it owns, it does not act.
    Organization,
    /// The account under which an App acts: `name[bot]`.
    Bot,
}

/// A person, an organisation or a bot.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) login: String,
    pub(crate) kind: Kind,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) created_at: Moment,
    pub(crate) site_admin: bool,
    /// The account as it stands inside other things' JSON.
    pub(crate) fragment: Arc<RawValue>,
}

/// All accounts, by id and by name. GitHub's names have no case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    by_id: BTreeMap<AccountId, Account>,
    by_login: BTreeMap<String, AccountId>,
    by_email: BTreeMap<String, AccountId>,
}

/// The domain of the addresses that GitHub lends: `ID+LOGIN@…`.
pub(crate) const NOREPLY: &str = "users.noreply.github.com";

impl Accounts {
    pub(crate) fn insert(&mut self, account: Account) {
        self.by_login.insert(account.login.to_ascii_lowercase(), account.id);
        if let Some(email) = &account.email {
            self.by_email.insert(email.to_ascii_lowercase(), account.id);
        }
        self.by_id.insert(account.id, account);
    }

    pub(crate) fn get(&self, id: AccountId) -> Option<&Account> {
        self.by_id.get(&id)
    }

    pub(crate) fn named(&self, login: &str) -> Option<&Account> {
        self.by_login.get(&login.to_ascii_lowercase()).and_then(|id| self.by_id.get(id))
    }

    /// Whose address this is, as commits are told whose they are.
    pub(crate) fn of_email(&self, email: &str) -> Option<&Account> {
        match email.split_once('@') {
            Some((local, NOREPLY)) => match local.split_once('+') {
                Some((id, _)) => self.by_id.get(&id.parse().ok()?),
                None => self.named(local),
            },
            _ => self.by_email.get(&email.to_ascii_lowercase()).and_then(|id| self.by_id.get(id)),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Account> {
        self.by_id.values()
    }
}
