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
    /// Notes a sign of life.
    pub fn note(&mut self, name: &str, now: OffsetDateTime, resting_until: Option<OffsetDateTime>) {
        let agent = self.0.entry(name.to_owned()).or_insert(Agent { heard_at: now, resting_until: None });
        *agent = Agent { heard_at: now, resting_until };
    }

    /// Whether an agent was heard of.
    #[must_use]
    pub fn is_known(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Notes that an agent was heard, and nothing else of it.
    pub fn heard(&mut self, name: &str, now: OffsetDateTime) {
        self.0.entry(name.to_owned()).or_insert(Agent { heard_at: now, resting_until: None }).heard_at = now;
    }

    /// Notes that an agent takes nothing for a while.
    pub fn rest(&mut self, name: &str, now: OffsetDateTime, until: OffsetDateTime) {
        self.note(name, now, Some(until));
    }

    /// Whether an agent takes nothing now.
    #[must_use]
    pub fn is_resting(&self, name: &str, now: OffsetDateTime) -> bool {
        self.0.get(name).and_then(|agent| agent.resting_until).is_some_and(|until| now < until)
    }

    /// Every agent, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Agent)> {
        self.0.iter().map(|(name, agent)| (name.as_str(), agent))
    }
}
