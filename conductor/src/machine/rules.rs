//! The rules: what an installation decides once, given to the machine as a value.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bus::catalogue::cmd::GithubOrder;
use serde::{Deserialize, Serialize};

/// Everything that is not the same in every installation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Who is asked when nobody else is named.
    pub operator: String,
    /// Who does what on GitHub.
    pub principals: Principals,
    /// The repositories that are looked after, by their name in lower case.
    pub repositories: BTreeMap<String, Repository>,
    /// Who works, and how much at once.
    pub pools: Vec<Pool>,
    /// How long and how often.
    pub limits: Limits,
}

/// Who speaks for us on GitHub, one a role: their logins, in lower case, or whatever else there is of each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principals<T = String> {
    /// Who makes changes.
    pub implementer: T,
    /// Who judges them.
    pub reviewer: T,
    /// Who lands them, and tells people how it stands.
    pub conductor: T,
}

impl<T> Principals<T> {
    /// Whose work an order is.
    #[must_use]
    pub const fn of(&self, order: &GithubOrder) -> &T {
        match order {
            GithubOrder::Open { .. } | GithubOrder::Close { .. } => &self.implementer,
            GithubOrder::Review { .. } => &self.reviewer,
            GithubOrder::File { .. }
            | GithubOrder::Look { .. }
            | GithubOrder::Update { .. }
            | GithubOrder::Merge { .. }
            | GithubOrder::Tell { .. }
            | GithubOrder::Answer { .. }
            | GithubOrder::Judge { .. } => &self.conductor,
        }
    }
}

/// What goes for one repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repository {
    /// How far the Rig goes by itself.
    pub autonomy: Autonomy,
    /// The label that has an issue taken up.
    pub label: String,
    /// The checks that must be green on a head, by name. None named is a gate that stays shut.
    pub checks: Vec<String>,
    /// Labels of an issue or a pull request that keep it from landing.
    pub blocking: Vec<String>,
    /// Where landed commits are to be seen; nothing where nothing is deployed.
    pub site: Option<String>,
}

/// How far the Rig goes by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Autonomy {
    /// It says what it would do.
    Watch,
    /// Everything but the merge.
    Propose,
    /// Everything.
    Land,
}

/// What an agent can do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Skill {
    /// Makes changes.
    Implementer,
    /// Judges them.
    Reviewer,
}

impl Skill {
    /// The name, as subjects have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Implementer => "implementer",
            Self::Reviewer => "reviewer",
        }
    }
}

/// Agents that are offered the same work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    /// What they can do.
    pub skill: Skill,
    /// Its name.
    pub name: String,
    /// Who they are: nobody else gets what is offered here, whatever they say of themselves.
    pub agents: BTreeSet<String>,
    /// How much may be offered and in work at once: its most replicas.
    pub window: u32,
}

/// How long and how often: the bounds of every wait.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How long something may wait for its turn before somebody is told.
    pub queue: Duration,
    /// How long an offer stands.
    pub offer: Duration,
    /// How long an agent may give no sign of life.
    pub lease: Duration,
    /// How long a run may take, signs of life or not.
    pub run: Duration,
    /// How long GitHub may take to show what an agent says it did.
    pub expected: Duration,
    /// How long a check, a review or an update may take to come.
    pub gate: Duration,
    /// How long a person may take before being asked again.
    pub person: Duration,
    /// How long a merge may take to be seen.
    pub landing: Duration,
    /// How long a landed commit may take to be seen on the target.
    pub deploy: Duration,
    /// How long a try of the target may take.
    pub smoke: Duration,
    /// How long after a failed try the next one comes.
    pub backoff: Duration,
    /// How long a comment or a check of ours stays as it is, where nobody has to know better at once.
    pub words: Duration,
    /// How long a wait for other items may last before somebody is told.
    pub parked: Duration,
    /// Runs that may fail one after the other.
    pub strikes: u8,
    /// Reviews that may ask for changes.
    pub rounds: u8,
    /// Tasks because of conflicts and red checks.
    pub repairs: u8,
    /// Merges that may be ordered for one head.
    pub merges: u8,
    /// Tries of a target.
    pub smokes: u8,
}

impl Default for Limits {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        Self {
            queue: Duration::from_secs(4 * HOUR),
            offer: Duration::from_secs(5 * MINUTE),
            lease: Duration::from_secs(3 * MINUTE),
            run: Duration::from_secs(2 * HOUR),
            expected: Duration::from_secs(3 * MINUTE),
            gate: Duration::from_secs(HOUR),
            person: Duration::from_secs(24 * HOUR),
            landing: Duration::from_secs(2 * MINUTE),
            deploy: Duration::from_secs(30 * MINUTE),
            smoke: Duration::from_secs(2 * MINUTE),
            backoff: Duration::from_secs(30),
            words: Duration::from_secs(15),
            parked: Duration::from_secs(24 * HOUR),
            strikes: 2,
            rounds: 3,
            repairs: 3,
            merges: 5,
            smokes: 3,
        }
    }
}

impl Rules {
    /// What goes for a repository; nothing where it is not looked after.
    #[must_use]
    pub fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(&name.to_lowercase())
    }

    /// The pools of a skill.
    pub fn pools(&self, skill: Skill) -> impl Iterator<Item = &Pool> {
        self.pools.iter().filter(move |pool| pool.skill == skill)
    }

    /// The agents that have a skill, each once.
    #[must_use]
    pub fn agents(&self, skill: Skill) -> BTreeSet<&str> {
        self.pools(skill).flat_map(|pool| &pool.agents).map(String::as_str).collect()
    }

    /// Whether an agent works in a pool of this skill.
    #[must_use]
    pub fn works_in(&self, agent: &str, skill: Skill, name: &str) -> bool {
        self.pools(skill).any(|pool| pool.name == name && pool.agents.contains(agent))
    }
}
