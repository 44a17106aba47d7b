//! The roles there are, which of them a configuration has work for, and what is off.

use agents::character::Role as Hand;
use bus::roles::{Name, Role as Right};

use crate::{
    config::{self, Config},
    exit::Failure,
};

/// A part of the rig that could run in a process of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// Takes GitHub's deliveries.
    Ingest,
    /// Writes every record into PostgreSQL.
    Projector,
    /// Carries words between people and the channel.
    Chat,
    /// Decides.
    Conductor,
    /// Does what is ordered on GitHub.
    Github,
    /// Looks at what landed.
    Probe,
    /// Works.
    Agent(Box<config::Agent>),
}

/// What does not run, and what it lacks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Off {
    /// What does not run.
    pub(crate) what: &'static str,
    /// What to do, as a sentence.
    pub(crate) lacks: &'static str,
}

impl Role {
    /// Those this configuration has work for.
    pub(crate) fn of(config: &Config) -> Vec<Self> {
        let mut roles = vec![Self::Ingest, Self::Projector, Self::Chat];
        if has_work(config) {
            roles.extend([Self::Conductor, Self::Github, Self::Probe]);
            roles.extend(config.agents.iter().cloned().map(|agent| Self::Agent(Box::new(agent))));
        }
        roles
    }

    /// The one of this name, where the configuration has work for it.
    ///
    /// # Errors
    /// With the names there are.
    pub(crate) fn named(name: &str, config: &Config) -> Result<Self, Failure> {
        let roles = Self::of(config);
        let names: Vec<String> = roles.iter().map(Self::name).collect();
        roles.into_iter().find(|role| role.name() == name).ok_or_else(|| {
            let off = Off::of(config);
            let what =
                format!("there is no work here for `{}`; the roles are {}", name.escape_debug(), names.join(", "));
            let advice: Vec<String> = off.iter().map(|off| format!("{}: {}", off.what, off.lacks)).collect();
            Failure::usage(what).advice(advice.join("\n"))
        })
    }

    /// Its name: its user on the channel.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Ingest => "ingest".to_owned(),
            Self::Projector => "projector".to_owned(),
            Self::Chat => "chat".to_owned(),
            Self::Conductor => "conductor".to_owned(),
            Self::Github => "github".to_owned(),
            Self::Probe => "probe".to_owned(),
            Self::Agent(agent) => agent.character.name.to_string(),
        }
    }

    /// Whether nothing can be taken in, or nothing be done, without it (F-150).
    pub(super) const fn is_critical(&self) -> bool {
        matches!(self, Self::Ingest | Self::Github)
    }
}

impl Off {
    /// What this configuration has no work for.
    pub(crate) fn of(config: &Config) -> Vec<Self> {
        let off = |what, lacks| Self { what, lacks };
        let lacks = match &config.github.apps {
            None => "rig.toml names no Apps: `rig github setup` makes them",
            Some(_) if config.repositories.is_empty() => "rig.toml names no [[repository]]",
            Some(_) => return Self::hands(config),
        };
        ["conductor", "agents", "GitHub's door", "probe"].map(|what| off(what, lacks)).to_vec()
    }

    /// Which hands are missing where there is work.
    fn hands(config: &Config) -> Vec<Self> {
        let lacks = |role| !config.agents.iter().any(|agent| agent.character.role == role);
        let implementer = lacks(Hand::Implementer)
            .then_some(Self { what: "implementer", lacks: "no [[agent]] makes changes: docs/github.md shows one" });
        let reviewer = lacks(Hand::Reviewer)
            .then_some(Self { what: "reviewer", lacks: "no [[agent]] judges changes: docs/github.md shows one" });
        let deploys = config.repositories.iter().all(|repository| repository.site.is_none());
        let deploys = deploys
            .then_some(Self { what: "deploys", lacks: "no [[repository]] names a site: what landed is not looked at" });
        [implementer, reviewer, deploys].into_iter().flatten().collect()
    }
}

fn has_work(config: &Config) -> bool {
    config.github.apps.is_some() && !config.repositories.is_empty()
}

/// The users of the channel that this configuration's agents are.
pub(crate) fn users(config: &Config) -> Result<Vec<(Right, Name)>, Failure> {
    let user = |agent: &config::Agent| {
        let right = agent.character.on_the_channel().map_err(|error| Failure::failed(error.to_string()))?;
        Ok((right, agent.character.name.clone()))
    };
    config.agents.iter().map(user).collect()
}
