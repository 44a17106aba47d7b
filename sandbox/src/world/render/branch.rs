//! `short-branch` and `branch-with-protection`.

use serde::Serialize;

use super::{commit::Commit, git_commit::Link, protection::url, repository};
use crate::{
    object::Oid,
    world::{
        protection::{Protection, RequiredCheck},
        repository::Repository,
        state::State,
    },
};

#[derive(Serialize)]
pub(crate) struct Short<'a> {
    name: &'a str,
    commit: Link,
    protected: bool,
    protection: Guard<'a>,
    protection_url: String,
}

/// A branch by itself.
#[derive(Serialize)]
pub(crate) struct Branch<'a> {
    name: &'a str,
    commit: Commit<'a>,
    #[serde(rename = "_links")]
    links: Links,
    protected: bool,
    protection: Guard<'a>,
    protection_url: String,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    html: String,
}

/// `branch-protection` in short.
#[derive(Serialize)]
struct Guard<'a> {
    enabled: bool,
    required_status_checks: Checks<'a>,
}

#[derive(Serialize)]
struct Checks<'a> {
    enforcement_level: &'static str,
    contexts: Vec<&'a str>,
    checks: &'a [RequiredCheck],
}

impl<'a> Short<'a> {
    pub(crate) fn of(state: &State, at: &'a Repository, name: &'a str, oid: Oid) -> Self {
        let protection = at.protections.get(name);
        Self {
            name,
            commit: Link::commit(&repository::url(state, at), oid),
            protected: state.is_protected(at, name),
            protection: Guard::of(protection),
            protection_url: url(state, at, name),
        }
    }
}

impl<'a> Branch<'a> {
    pub(crate) fn of(state: &'a State, at: &'a Repository, name: &'a str, oid: Oid) -> Option<Self> {
        let protection = at.protections.get(name);
        let (api, html) = (repository::url(state, at), format!("{}/{}", state.addresses.html, state.full_name(at)));
        Some(Self {
            name,
            commit: Commit::of(state, at, oid)?,
            links: Links { own: format!("{api}/branches/{name}"), html: format!("{html}/tree/{name}") },
            protected: state.is_protected(at, name),
            protection: Guard::of(protection),
            protection_url: url(state, at, name),
        })
    }
}

impl<'a> Guard<'a> {
    fn of(protection: Option<&'a Protection>) -> Self {
        let checks = protection.and_then(|protection| protection.checks.as_ref());
        let enforcement_level = match protection {
            Some(protection) if checks.is_some() && protection.switches.enforce_admins => "everyone",
            Some(_) if checks.is_some() => "non_admins",
            _ => "off",
        };
        let checks = checks.map_or(&[][..], |checks| &checks.checks);
        let contexts = checks.iter().map(|check| check.context.as_str()).collect();
        Self { enabled: protection.is_some(), required_status_checks: Checks { enforcement_level, contexts, checks } }
    }
}
