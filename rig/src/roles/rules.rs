//! What is configured, as the rules by which the conductor decides.

use std::collections::{BTreeMap, BTreeSet};

use agents::character;
use conductor::machine::{
    Rules,
    rules::{Limits, Pool, Principals, Repository, Skill},
};

use crate::config::{self, Config};

/// By which the conductor decides; nothing where it has no work.
pub(super) fn rules(config: &Config) -> Option<Rules> {
    let apps = config.github.apps.as_ref()?;
    let repositories = config.repositories.iter().map(|repository| {
        let config::Repository { name, autonomy, label, checks, blocking, site, smoke: _ } = repository.clone();
        (name.to_lowercase(), Repository { autonomy, label, checks, blocking, site })
    });
    Some(Rules {
        operator: config.operator.name.clone(),
        principals: Principals {
            implementer: apps.implementer.login.clone(),
            reviewer: apps.reviewer.login.clone(),
            conductor: apps.conductor.login.clone(),
        },
        repositories: repositories.collect(),
        pools: pools(&config.agents),
        limits: Limits::default(),
    })
}

/// As much may be offered in a pool as there are hands in it.
fn pools(agents: &[config::Agent]) -> Vec<Pool> {
    let mut pools: BTreeMap<(Skill, String), Pool> = BTreeMap::new();
    for config::Agent { character, replicas } in agents {
        let skill = match character.role {
            character::Role::Implementer => Skill::Implementer,
            character::Role::Reviewer => Skill::Reviewer,
        };
        let name = character.pool.to_string();
        let empty = Pool { skill, name: name.clone(), agents: BTreeSet::new(), window: 0 };
        let pool = pools.entry((skill, name)).or_insert(empty);
        pool.agents.insert(character.name.to_string());
        pool.window += replicas;
    }
    pools.into_values().collect()
}
