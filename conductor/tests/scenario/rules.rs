//! The rules of the stage: one repository, two pools, the limits as they are.

use std::collections::BTreeMap;

use conductor::machine::{
    Rules,
    rules::{Autonomy, Limits, Pool, Principals, Repository, Skill},
};

pub(crate) fn rules() -> Rules {
    let repository = Repository {
        autonomy: Autonomy::Land,
        label: "agent-ready".to_owned(),
        checks: vec!["build".to_owned()],
        blocking: vec!["do-not-merge".to_owned()],
        site: Some("https://hello.example".to_owned()),
    };
    Rules {
        operator: "nora".to_owned(),
        principals: Principals {
            implementer: "dev-e[bot]".to_owned(),
            reviewer: "review-e[bot]".to_owned(),
            conductor: "conductor-e[bot]".to_owned(),
        },
        repositories: BTreeMap::from([("acme/site".to_owned(), repository)]),
        pools: vec![
            Pool { skill: Skill::Implementer, name: "linux".to_owned(), window: 2 },
            Pool { skill: Skill::Reviewer, name: "linux".to_owned(), window: 2 },
        ],
        limits: Limits::default(),
    }
}
