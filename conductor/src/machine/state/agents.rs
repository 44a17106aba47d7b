//! The agents that were heard of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The agents that were heard of, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Agents(BTreeMap<String, Agent>);

/// An agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Agent {
    /// When it was last heard.
    pub heard_at: OffsetDateTime,
    /// It takes nothing before then.
    pub resting_until: Option<OffsetDateTime>,
}

impl Agents {
    /// Notes a sign of life, and what was said with it.
    pub fn note(&mut self, name: &str, now: OffsetDateTime, resting_until: Option<OffsetDateTime>) {
        self.0.insert(name.to_owned(), Agent { heard_at: now, resting_until });
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
        self.0.entry(name.to_owned()).or_insert(Agent { heard_at: now, resting_until: None })
    }

    /// Whether an agent takes nothing now.
    #[must_use]
    pub fn is_resting(&self, name: &str, now: OffsetDateTime) -> bool {
        self.0.get(name).and_then(|agent| agent.resting_until).is_some_and(|until| now < until)
    }

    /// Whether an agent was heard since, and does not rest.
    #[must_use]
    pub fn is_ready(&self, name: &str, since: OffsetDateTime, now: OffsetDateTime) -> bool {
        self.0.get(name).is_some_and(|agent| agent.heard_at > since) && !self.is_resting(name, now)
    }

    /// Every agent, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Agent)> {
        self.0.iter().map(|(name, agent)| (name.as_str(), agent))
    }
}
