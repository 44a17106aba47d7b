//! The agents that were heard of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::machine::rules::Skill;

/// The agents that were heard of, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Agents(BTreeMap<String, Agent>);

/// An agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Agent {
    /// When it was last heard.
    pub heard_at: OffsetDateTime,
    /// What it can do, where it said so.
    pub skill: Option<Skill>,
    /// It takes nothing before then.
    pub resting_until: Option<OffsetDateTime>,
}

impl Agents {
    /// Notes a sign of life, and what was said with it.
    pub fn note(&mut self, name: &str, now: OffsetDateTime, role: &str, resting_until: Option<OffsetDateTime>) {
        let skill = Skill::named(role);
        self.0.insert(name.to_owned(), Agent { heard_at: now, skill, resting_until });
    }

    /// Whether an agent was heard of.
    #[must_use]
    pub fn is_known(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Notes that an agent was heard, and nothing else of it.
    pub fn heard(&mut self, name: &str, now: OffsetDateTime) {
        self.entry(name, now).heard_at = now;
    }

    /// Notes that an agent takes nothing for a while.
    pub fn rest(&mut self, name: &str, now: OffsetDateTime, until: OffsetDateTime) {
        let agent = self.entry(name, now);
        (agent.heard_at, agent.resting_until) = (now, Some(until));
    }

    fn entry(&mut self, name: &str, now: OffsetDateTime) -> &mut Agent {
        self.0.entry(name.to_owned()).or_insert(Agent { heard_at: now, skill: None, resting_until: None })
    }

    /// Whether an agent takes nothing now.
    #[must_use]
    pub fn is_resting(&self, name: &str, now: OffsetDateTime) -> bool {
        self.0.get(name).and_then(|agent| agent.resting_until).is_some_and(|until| now < until)
    }

    /// The agents that can do this, were heard since, and do not rest.
    pub fn ready(&self, skill: Skill, since: OffsetDateTime, now: OffsetDateTime) -> impl Iterator<Item = &str> {
        let is_ready = move |(name, agent): &(&str, &Agent)| {
            agent.skill == Some(skill) && agent.heard_at > since && !self.is_resting(name, now)
        };
        self.iter().filter(is_ready).map(|(name, _)| name)
    }

    /// Every agent, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Agent)> {
        self.0.iter().map(|(name, agent)| (name.as_str(), agent))
    }
}
