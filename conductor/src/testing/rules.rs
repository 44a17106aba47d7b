//! The rules of a test.

use std::collections::BTreeMap;

use crate::machine::{
    Rules,
    rules::{Autonomy, Limits, Pool, Principals, Repository, Skill},
};

/// Rules, to be changed where a test needs others.
#[derive(Clone, Debug)]
pub struct Builder {
    names: Vec<String>,
    repository: Repository,
    principals: Principals,
    pools: Vec<Pool>,
    limits: Limits,
}

/// Nora operates; `acme/hello.site` is landed without her, once `build` is green; there is an implementer's and a
/// reviewer's pool `linux`, of two agents each, with room for one.
#[must_use]
pub fn rules() -> Builder {
    let pool = |skill, agents: [&str; 2]| Pool {
        skill,
        name: "linux".to_owned(),
        agents: agents.map(str::to_owned).into(),
        window: 1,
    };
    Builder {
        names: vec!["acme/hello.site".to_owned()],
        repository: Repository {
            autonomy: Autonomy::Land,
            label: "agent-ready".to_owned(),
            checks: vec!["build".to_owned()],
            blocking: Vec::new(),
            site: None,
        },
        principals: Principals {
            implementer: "dev-e[bot]".to_owned(),
            reviewer: "review-e[bot]".to_owned(),
            conductor: "conductor-e[bot]".to_owned(),
        },
        pools: vec![pool(Skill::Implementer, ["dev-e", "dev-f"]), pool(Skill::Reviewer, ["review-e", "review-f"])],
        limits: Limits::default(),
    }
}

impl Builder {
    /// These repositories instead.
    #[must_use]
    pub fn repositories(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// This check has to be green instead.
    #[must_use]
    pub fn check(mut self, name: &str) -> Self {
        self.repository.checks = vec![name.to_owned()];
        self
    }

    /// This label keeps from landing.
    #[must_use]
    pub fn blocking(mut self, label: &str) -> Self {
        self.repository.blocking.push(label.to_owned());
        self
    }

    /// What landed is to be seen here.
    #[must_use]
    pub fn site(mut self, address: &str) -> Self {
        self.repository.site = Some(address.to_owned());
        self
    }

    /// These speak on GitHub instead.
    #[must_use]
    pub fn principals(mut self, implementer: &str, reviewer: &str, conductor: &str) -> Self {
        let [implementer, reviewer, conductor] = [implementer, reviewer, conductor].map(str::to_owned);
        self.principals = Principals { implementer, reviewer, conductor };
        self
    }

    /// Each pool has this much room.
    #[must_use]
    pub fn window(mut self, window: u32) -> Self {
        self.pools.iter_mut().for_each(|pool| pool.window = window);
        self
    }

    /// These agents have a skill as well.
    #[must_use]
    pub fn agents(mut self, skill: Skill, names: impl IntoIterator<Item = String> + Clone) -> Self {
        let of_it = self.pools.iter_mut().filter(|pool| pool.skill == skill);
        of_it.for_each(|pool| pool.agents.extend(names.clone()));
        self
    }

    /// Nobody has another skill.
    #[must_use]
    pub fn only(mut self, skill: Skill) -> Self {
        self.pools.retain(|pool| pool.skill == skill);
        self
    }

    /// These limits instead.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The rules.
    #[must_use]
    pub fn build(self) -> Rules {
        let Self { names, repository, principals, pools, limits } = self;
        let repositories: BTreeMap<_, _> = names.into_iter().map(|name| (name, repository.clone())).collect();
        Rules { operator: "nora".to_owned(), principals, repositories, pools, limits }
    }
}
