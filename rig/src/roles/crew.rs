//! Who works: the roles that a configuration has work for, and how each is started.

use std::{collections::BTreeMap, ffi::OsString, net::TcpListener, path::PathBuf, time::Duration};

use agents::character;
use bus::{
    connect::Connection,
    roles::{Name, Role as Right},
};
use conductor::{
    github::reconcile::{self, Deliveries},
    machine::{
        Rules,
        rules::{Limits, Pool, Principals, Repository, Skill},
    },
    probe as look,
};
use tokio::sync::watch;

use super::{
    agent, chat, conductor as decides, github, ingest, probe,
    process::{self, Pids},
    projector,
};
use crate::{
    config::{self, Config},
    exit::Failure,
    health::{Check, Part},
    home::Home,
    up::{Shift, Staff},
};

/// How often GitHub's list is read where deliveries come by nothing else. It costs nothing of the limits where there is
/// no news.
const POLLED_EVERY: Duration = Duration::from_secs(5);

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

    /// Whether nothing can be taken in without it.
    const fn is_critical(&self) -> bool {
        matches!(self, Self::Ingest)
    }
}

impl Off {
    /// What this configuration has no work for.
    pub(crate) fn of(config: &Config) -> Vec<Self> {
        let off = |what, lacks| Self { what, lacks };
        let mut all = Vec::new();
        if config.github.apps.is_none() {
            all.push(off("agents, conductor", "rig.toml names no Apps: `rig github setup` makes them"));
        } else if config.repositories.is_empty() {
            all.push(off("agents, conductor", "rig.toml names no [[repository]]"));
        } else if config.agents.is_empty() {
            all.push(off("agents", "rig.toml names no [[agent]]"));
        }
        if has_work(config) && config.repositories.iter().all(|repository| repository.site.is_none()) {
            all.push(off("deploys", "no [[repository]] names a site: what landed is not looked at"));
        }
        all
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

/// By which the conductor decides; nothing where it has no work.
fn rules(config: &Config) -> Option<Rules> {
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
    let mut windows: BTreeMap<(Skill, String), u32> = BTreeMap::new();
    for config::Agent { character, replicas } in agents {
        let skill = match character.role {
            character::Role::Implementer => Skill::Implementer,
            character::Role::Reviewer => Skill::Reviewer,
        };
        *windows.entry((skill, character.pool.to_string())).or_default() += replicas;
    }
    windows.into_iter().map(|((skill, name), window)| Pool { skill, name, window }).collect()
}

/// Roles run in processes of their own.
#[derive(Clone, Debug)]
pub(crate) struct Apart {
    /// The file of the configuration, which each process reads for itself.
    pub(crate) config: PathBuf,
    /// Where their process ids are told.
    pub(crate) pids: Pids,
}

/// What it takes to start roles.
pub(crate) struct Crew<'a> {
    /// What is configured.
    pub(crate) config: &'a Config,
    /// Whose secrets and folders they use.
    pub(crate) home: &'a Home,
    /// Where GitHub's webhooks come in, for ingest.
    pub(crate) webhooks: Option<&'a TcpListener>,
    /// Who asks the roles that can be asked over the channel; without one, each is asked for its line to it.
    pub(crate) operator: Option<&'a Connection>,
    /// Where agents' programs are sought.
    pub(crate) path: OsString,
}

impl Crew<'_> {
    /// Starts a role; the part that it is in the health.
    ///
    /// # Errors
    /// When it lacks what it needs.
    pub(crate) fn employ(&self, role: &Role, staff: &mut Staff) -> Result<Part, Failure> {
        let check = match role {
            Role::Ingest => self.ingest(staff)?,
            Role::Projector => self.projector(staff),
            Role::Chat => self.chat(staff),
            Role::Conductor => self.conductor(staff)?,
            Role::Github => self.github(staff)?,
            Role::Probe => self.probe(staff),
            Role::Agent(agent) => self.agent(agent, staff)?,
        };
        Ok(Part { name: role.name(), critical: role.is_critical(), check })
    }

    /// Starts a role in a process of its own, under this name.
    pub(crate) fn employ_apart(&self, role: &Role, name: &str, apart: &Apart, staff: &mut Staff) -> Part {
        let settings = process::Settings {
            name: name.to_owned(),
            role: role.name(),
            home: self.home.path().to_owned(),
            config: apart.config.clone(),
            log: self.home.logs().join(format!("{name}.screen")),
            pids: apart.pids.clone(),
        };
        let shift = staff.employ(name, settings, process::run);
        let check = match (role, self.operator) {
            (Role::Projector, Some(operator)) => Check::Projector { shift, operator: operator.clone() },
            (Role::Chat, Some(operator)) => Check::Chat { shift, operator: operator.clone() },
            _ => Check::Process(shift),
        };
        Part { name: name.to_owned(), critical: role.is_critical(), check }
    }

    fn ingest(&self, staff: &mut Staff) -> Result<Check, Failure> {
        let secrets = self.home.secrets();
        let previous = Some(secrets.previous_webhook_file()).filter(|file| file.exists());
        let listener = self.webhooks.ok_or_else(|| Failure::failed("ingest has nowhere to listen"))?;
        let listener = listener.try_clone();
        let (told, health) = watch::channel(None);
        let settings = ingest::Settings {
            nats_url: secrets.nats_url_file("ingest"),
            listener: listener.map_err(|error| Failure::failed("a listener cannot be shared").because(error))?,
            secret: self.config.ingest.webhook_secret_file.clone().unwrap_or_else(|| secrets.webhook_file()),
            previous: self.config.ingest.webhook_secret_previous_file.clone().or(previous),
            health: told,
            line: watch::Sender::new(None),
        };
        Ok(Check::Ingest { shift: staff.employ("ingest", settings, ingest::run), health })
    }

    fn projector(&self, staff: &mut Staff) -> Check {
        let secrets = self.home.secrets();
        let (line, heard) = watch::channel(None);
        let settings = projector::Settings {
            nats_url: secrets.nats_url_file("projector"),
            postgres_url: secrets.postgres_url_file(),
            line,
        };
        let shift = staff.employ("projector", settings, projector::run);
        match self.operator {
            Some(operator) => Check::Projector { shift, operator: operator.clone() },
            None => Check::Line { shift, line: heard },
        }
    }

    fn chat(&self, staff: &mut Staff) -> Check {
        let (line, heard) = watch::channel(None);
        let nats_url = self.home.secrets().nats_url_file("chat");
        let settings = chat::Settings { nats_url, operator: self.config.operator.name.clone(), line };
        let shift = staff.employ("chat door", settings, chat::run);
        match self.operator {
            Some(operator) => Check::Chat { shift, operator: operator.clone() },
            None => Check::Line { shift, line: heard },
        }
    }

    fn conductor(&self, staff: &mut Staff) -> Result<Check, Failure> {
        let rules = rules(self.config).ok_or_else(no_apps)?;
        let (told, report) = watch::channel(None);
        let (line, heard) = watch::channel(None);
        let nats_url = self.home.secrets().nats_url_file("conductor");
        let settings = decides::Settings { nats_url, rules, told, line };
        let shift = staff.employ("conductor", settings, decides::run);
        Ok(Check::Conductor { shift, line: heard, report })
    }

    fn github(&self, staff: &mut Staff) -> Result<Check, Failure> {
        let config::Github { api, apps, webhook, look_every, list_every, .. } = self.config.github.clone();
        let usual = reconcile::Settings::default();
        let (deliveries, list) = match webhook {
            Some(webhook) => (Deliveries::Posted { webhook: Some(webhook) }, usual.list_every),
            None => (Deliveries::Polled, POLLED_EVERY),
        };
        let repositories = self.config.repositories.iter().map(|repository| repository.name.clone()).collect();
        let reconcile = reconcile::Settings {
            repositories,
            every: look_every,
            deliveries,
            list_every: list_every.unwrap_or(list),
            ..usual
        };
        let (progress, known) = watch::channel(reconcile::Progress::default());
        let (line, heard) = watch::channel(None);
        let nats_url = self.home.secrets().nats_url_file("github");
        let apps = apps.ok_or_else(no_apps)?;
        let settings = github::Settings { nats_url, api, apps, reconcile, progress, line };
        let shift = staff.employ("github", settings, github::run);
        Ok(Check::Github { shift, line: heard, progress: known })
    }

    fn probe(&self, staff: &mut Staff) -> Check {
        let checks = self.config.repositories.iter().filter(|repository| !repository.smoke.is_empty());
        let checks = checks.map(|repository| (repository.name.to_lowercase(), repository.smoke.clone())).collect();
        let (line, heard) = watch::channel(None);
        let nats_url = self.home.secrets().nats_url_file("probe");
        let settings = probe::Settings { nats_url, look: look::Settings { checks, ..look::Settings::default() }, line };
        listens(staff.employ("probe", settings, probe::run), heard)
    }

    fn agent(&self, agent: &config::Agent, staff: &mut Staff) -> Result<Check, Failure> {
        let name = agent.character.name.to_string();
        let repository =
            self.config.repositories.first().ok_or_else(|| Failure::failed("there is no [[repository]]"))?;
        let (line, heard) = watch::channel(None);
        let settings = agent::Settings {
            nats_url: self.home.secrets().nats_url_file(&name),
            character: agent.character.clone(),
            folder: self.home.agent(&name),
            path: self.path.clone(),
            github: self.config.github.clone(),
            repository: repository.name.clone(),
            line,
        };
        Ok(listens(staff.employ(&name, settings, agent::run), heard))
    }
}

const fn listens(shift: watch::Receiver<Shift>, line: watch::Receiver<Option<Connection>>) -> Check {
    Check::Line { shift, line }
}

fn no_apps() -> Failure {
    Failure::failed("rig.toml names no Apps").advice("`rig github setup` makes them.")
}
