//! A push: what someone wishes of references, and what becomes of each wish.

mod workflow;

use std::fmt;

use gix_validate::reference;
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::{
    id::{AccountId, RepositoryId},
    permission::{Access, Permission},
    repository::Repository,
    state::State,
    token::{self, Principal},
};
use crate::object::{Object, Oid};

/// A push that git has unpacked. Its objects came before it, by [`World::insert`](super::World::insert).
#[derive(Clone)]
pub struct Push {
    /// Where to.
    pub repository: RepositoryId,
    /// The `Authorization` header as it came.
    pub authorization: Option<String>,
    /// What is wished of which reference.
    pub commands: Vec<Command>,
    /// All or nothing.
    pub atomic: bool,
}

/// One reference's wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// The whole name: `refs/heads/main`.
    pub reference: String,
    /// Where the pusher believes it stands; nothing where there is none.
    pub before: Option<Oid>,
    /// Where it shall stand; nothing where it shall go.
    pub after: Option<Oid>,
}

/// The header is a secret.
impl fmt::Debug for Push {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { repository, authorization: _, commands, atomic } = self;
        formatter
            .debug_struct("Push")
            .field("repository", repository)
            .field("commands", commands)
            .field("atomic", atomic)
            .finish_non_exhaustive()
    }
}

/// What became of a push.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pushed {
    /// For each command, in order: done, or why not, on one line.
    pub references: Vec<Result<(), String>>,
    /// What the pusher reads behind `remote: `, a line each.
    pub messages: Vec<String>,
}

/// A no to one command.
struct No {
    reason: String,
    /// What is told at more length.
    said: Vec<String>,
}

impl From<String> for No {
    fn from(reason: String) -> Self {
        Self { reason, said: Vec::new() }
    }
}

/// GitHub tells nobody of tags when more than this many come at once.
const TAGS_TOLD: usize = 3;

/// Git's files of references have names, and names have an end.
const LONGEST: usize = 244;

/// Who asks, by an `Authorization` header.
pub(crate) fn principal(state: &State, authorization: Option<&str>) -> Option<Principal> {
    let mut headers = HeaderMap::new();
    if let Some(header) = authorization {
        headers.insert(AUTHORIZATION, HeaderValue::from_str(header).ok()?);
    }
    token::authenticate(state, &headers).ok()
}

impl State {
    /// Does what a push wishes, and says for each command what became of it.
    pub(crate) fn push(&mut self, push: &Push) -> Pushed {
        let who = principal(self, push.authorization.as_deref());
        let allowed = who.and_then(|who| {
            let repository = self.repositories.get(push.repository)?;
            let sender = self.pusher(&who, repository).ok()?;
            Some((who, sender))
        });
        match allowed {
            Some((who, sender)) if push.atomic => self.push_all(push, &who, sender),
            Some((who, sender)) => self.push_each(push, &who, sender),
            None => Pushed::of(push.commands.iter().map(|_| Err("permission denied".to_owned().into()))),
        }
    }

    /// Under which account one pushes to a repository, or what is said to one who may not.
    pub(crate) fn pusher(&self, who: &Principal, repository: &Repository) -> Result<AccountId, String> {
        let account = match who {
            Principal::Person(person) => Some(*person),
            Principal::Installation(grant) => Some(grant.bot),
            Principal::App(_) | Principal::Anonymous => None,
        };
        let login = account.map_or("anonymous", |account| self.login(account));
        let denied = || format!("Permission to {}.git denied to {login}.", self.full_name(repository));
        match account {
            _ if repository.archived => Err("This repository was archived so it is read-only.".to_owned()),
            Some(account) if self.may(who, repository, Permission::Contents, Access::Write) => Ok(account),
            _ => Err(denied()),
        }
    }

    fn push_each(&mut self, push: &Push, who: &Principal, sender: AccountId) -> Pushed {
        let quiet = has_many_tags(push);
        Pushed::of(push.commands.iter().map(|command| {
            self.refusal(push.repository, command, who).map_or(Ok(()), Err)?;
            self.obey(push.repository, command, sender, quiet);
            Ok(())
        }))
    }

    fn push_all(&mut self, push: &Push, who: &Principal, sender: AccountId) -> Pushed {
        let noes: Vec<_> = push.commands.iter().map(|command| self.refusal(push.repository, command, who)).collect();
        if noes.iter().any(Option::is_some) {
            let other = || "atomic push failure".to_owned().into();
            return Pushed::of(noes.into_iter().map(|no| Err(no.unwrap_or_else(other))));
        }
        let quiet = has_many_tags(push);
        push.commands.iter().for_each(|command| self.obey(push.repository, command, sender, quiet));
        Pushed::of(push.commands.iter().map(|_| Ok(())))
    }

    fn obey(&mut self, repository: RepositoryId, command: &Command, sender: AccountId, quiet: bool) {
        if quiet && is_tag(command) {
            self.place_reference(repository, &command.reference, command.after);
        } else {
            self.change_reference(repository, &command.reference, command.after, sender);
        }
    }

    /// Why a push may not do this.
    fn refusal(&self, id: RepositoryId, command: &Command, who: &Principal) -> Option<No> {
        let Command { reference, before, after } = command;
        let repository = self.repositories.get(id)?;
        let plain = name_refusal(reference)
            .or_else(|| stands_elsewhere(repository, command))
            .or_else(|| self.move_refusal(repository, reference, *after))
            .or_else(|| self.workflow_refusal(who, repository, (*after)?));
        plain.map(No::from).or_else(|| {
            let declined = self.push_refusal(id, reference, *before, *after, who)?;
            Some(No { reason: declined.reason().to_owned(), said: declined.lines() })
        })
    }

    /// Why a reference of this repository cannot be moved there, be it pushed or asked for.
    pub(crate) fn move_refusal(&self, repository: &Repository, name: &str, after: Option<Oid>) -> Option<String> {
        let Some(after) = after else {
            let is_default = name.strip_prefix("refs/heads/") == Some(&*repository.default_branch);
            return is_default.then(|| format!("refusing to delete the current branch: {name}"));
        };
        match self.objects.get(after) {
            None => Some("missing necessary objects".to_owned()),
            Some(Object::Commit(_)) => neighbour(repository, name),
            Some(_) if name.starts_with("refs/heads/") => Some(format!(
                "cannot update ref '{name}': trying to write non-commit object {after} to branch '{name}'"
            )),
            Some(_) => neighbour(repository, name),
        }
    }
}

impl Pushed {
    fn of(verdicts: impl Iterator<Item = Result<(), No>>) -> Self {
        let mut messages = Vec::new();
        let references = verdicts.map(|verdict| {
            verdict.map_err(|no| {
                messages.extend(no.said);
                no.reason
            })
        });
        Self { references: references.collect(), messages }
    }
}

/// Why nobody may have a reference of this name.
pub(crate) fn name_refusal(name: &str) -> Option<String> {
    let levels = name.strip_prefix("refs/").is_some_and(|rest| rest.contains('/'));
    let short = name.split('/').nth_back(0).unwrap_or_default();
    if !levels || name.len() > LONGEST || reference::name(name.into()).is_err() {
        Some("funny refname".to_owned())
    } else if name.starts_with("refs/pull/") {
        Some("deny updating a hidden ref".to_owned())
    } else if short.len() == 40 && short.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Some("GH002: Sorry, branch or tag names consisting of 40 hex characters are not allowed.".to_owned())
    } else {
        None
    }
}

fn stands_elsewhere(repository: &Repository, command: &Command) -> Option<String> {
    let Command { reference, before, after: _ } = command;
    match (before, repository.references.get(reference)) {
        (None, Some(_)) => Some(format!("cannot lock ref '{reference}': reference already exists")),
        (Some(_), None) => Some(format!("cannot lock ref '{reference}': unable to resolve reference '{reference}'")),
        (Some(before), Some(at)) if before != at => {
            Some(format!("cannot lock ref '{reference}': is at {at} but expected {before}"))
        }
        _ => None,
    }
}

/// `a` and `a/b` cannot both be there: each would have to be the other's folder.
fn neighbour(repository: &Repository, name: &str) -> Option<String> {
    let known = &repository.references;
    let above = name.match_indices('/').filter_map(|(at, _)| name.get(..at)).find(|above| known.contains_key(*above));
    let folder = format!("{name}/");
    let below = known.range(folder.clone()..).next().map(|(below, _)| below.as_str());
    let other = above.or_else(|| below.filter(|below| below.starts_with(&folder)))?;
    Some(format!("cannot lock ref '{name}': '{other}' exists; cannot create '{name}'"))
}

fn has_many_tags(push: &Push) -> bool {
    push.commands.iter().filter(|command| is_tag(command)).count() > TAGS_TOLD
}

fn is_tag(command: &Command) -> bool {
    command.reference.starts_with("refs/tags/")
}
