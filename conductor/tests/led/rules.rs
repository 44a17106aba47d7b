//! The rules of the tests.

use std::{collections::BTreeMap, time::Duration};

use conductor::machine::{
    Rules,
    rules::{Autonomy, Limits, Pool, Principals, Repository, Skill},
};

/// Rules under which so many issues are worked on at once.
pub(crate) fn window(window: u32) -> Rules {
    let repository = Repository {
        autonomy: Autonomy::Land,
        label: "agent-ready".to_owned(),
        checks: vec!["build".to_owned()],
        blocking: Vec::new(),
        site: None,
    };
    Rules {
        operator: "nora".to_owned(),
        principals: Principals {
            implementer: "dev-e[bot]".to_owned(),
            reviewer: "review-e[bot]".to_owned(),
            conductor: "conductor-e[bot]".to_owned(),
        },
        repositories: BTreeMap::from([("acme/hello.site".to_owned(), repository)]),
        pools: vec![Pool { skill: Skill::Implementer, name: "linux".to_owned(), window }],
        limits: Limits::default(),
    }
}

/// Rules under which nothing is offered, and whoever waits is reminded of at every tick.
pub(crate) fn impatient() -> Rules {
    let mut rules = window(0);
    rules.limits.queue = Duration::from_millis(1);
    rules
}
