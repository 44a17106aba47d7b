//! `repository-ruleset` and `repository-rule-detailed`.

use serde::Serialize;

use super::repository;
use crate::world::{
    id::RulesetId,
    moment::Moment,
    repository::Repository,
    ruleset::{self, Bypass, Conditions, Enforcement, Mode, Rule, Target},
    state::State,
    token::Principal,
};

#[derive(Serialize)]
pub(crate) struct Ruleset<'a> {
    id: RulesetId,
    name: &'a str,
    target: Target,
    source_type: &'static str,
    source: String,
    enforcement: Enforcement,
    #[serde(skip_serializing_if = "Option::is_none")]
    bypass_actors: Option<&'a [Bypass]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_user_can_bypass: Option<&'static str>,
    node_id: String,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    conditions: Option<&'a Conditions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<&'a [Rule]>,
    created_at: Moment,
    updated_at: Moment,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    own: Link,
    html: Link,
}

#[derive(Serialize)]
struct Link {
    href: String,
}

impl<'a> Ruleset<'a> {
    /// As it stands in a list.
    pub(crate) fn of(state: &State, at: &Repository, ruleset: &'a ruleset::Ruleset) -> Self {
        let (id, source) = (ruleset.id, state.full_name(at));
        let own = Link { href: format!("{}/rulesets/{id}", repository::url(state, at)) };
        let html = Link { href: format!("{}/{source}/rules/{id}", state.addresses.html) };
        Self {
            id,
            name: &ruleset.name,
            target: ruleset.target,
            source_type: "Repository",
            source,
            enforcement: ruleset.enforcement,
            bypass_actors: None,
            current_user_can_bypass: None,
            node_id: format!("RRS_{:x}", id.0),
            links: Links { own, html },
            conditions: None,
            rules: None,
            created_at: ruleset.created_at,
            updated_at: ruleset.updated_at,
        }
    }

    /// With its rules.
    pub(crate) fn whole(state: &State, at: &Repository, ruleset: &'a ruleset::Ruleset) -> Self {
        let (conditions, rules) = (Some(&ruleset.conditions), Some(ruleset.rules.as_slice()));
        Self { conditions, rules, ..Self::of(state, at, ruleset) }
    }

    /// With those whom it leaves alone.
    pub(crate) fn with_bypass(self, ruleset: &'a ruleset::Ruleset) -> Self {
        Self { bypass_actors: Some(&ruleset.bypass), ..self }
    }

    /// With whether it leaves this one alone.
    pub(crate) fn seen_by(self, state: &State, at: &Repository, ruleset: &ruleset::Ruleset, who: &Principal) -> Self {
        let word = match ruleset.bypassed(state, at, who) {
            None => "never",
            Some(Mode::PullRequest) => "pull_requests_only",
            Some(Mode::Always) => "always",
            Some(Mode::Exempt) => "exempt",
        };
        Self { current_user_can_bypass: Some(word), ..self }
    }
}

/// A rule, and where it comes from.
#[derive(Serialize)]
pub(crate) struct Detailed<'a> {
    #[serde(flatten)]
    rule: &'a Rule,
    ruleset_source_type: &'static str,
    ruleset_source: String,
    ruleset_id: RulesetId,
}

impl<'a> Detailed<'a> {
    pub(crate) fn of(state: &State, at: &Repository, ruleset: &ruleset::Ruleset, rule: &'a Rule) -> Self {
        let ruleset_source = state.full_name(at);
        Self { rule, ruleset_source_type: "Repository", ruleset_source, ruleset_id: ruleset.id }
    }
}
