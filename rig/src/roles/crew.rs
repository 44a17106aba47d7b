//! Who works: how each role is started, in this process or in one of its own.

use std::{
    ffi::OsString,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use bus::connect::Connection;
use conductor::{
    github::reconcile::{self, Deliveries},
    probe as look,
};
use store::{Pulse, Store, projector::Tally};
use tokio::sync::watch;

use super::{
    agent, chat, conductor as decides, github, ingest, probe,
    process::{self, Pids},
    projector,
    role::Role,
    rules::rules,
};
use crate::{
    config::{self, Config},
    exit::Failure,
    health::{Check, Part, Remote},
    home::{Home, read_line},
    up::{Shift, Staff},
};

/// How often GitHub's list is read where deliveries come by nothing else. It costs nothing of the limits where there is
/// no news.
const POLLED_EVERY: Duration = Duration::from_secs(5);

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
    /// Who asks the chat door over the channel too; in a process of its own nobody may.
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

    /// Starts the only role of this process: without it, and without what it cannot do without, the process is of no use.
    ///
    /// # Errors
    /// When it lacks what it needs.
    pub(crate) fn employ_alone(&self, role: &Role, staff: &mut Staff) -> Result<Vec<Part>, Failure> {
        let mut parts = vec![Part { critical: true, ..self.employ(role, staff)? }];
        if *role == Role::Projector {
            let store = Store::connect(&line_of(&self.home.secrets().postgres_url_file())?)?;
            let check = Check::Database(Pulse::of(store));
            parts.push(Part { name: "database".to_owned(), critical: true, check });
        }
        Ok(parts)
    }

    /// Starts a role in a process of its own, under this name.
    pub(crate) fn employ_apart(&self, role: &Role, name: &str, apart: &Apart, staff: &mut Staff) -> Part {
        let (health, at) = watch::channel(None);
        let settings = process::Settings {
            name: name.to_owned(),
            role: role.name(),
            home: self.home.path().to_owned(),
            config: apart.config.clone(),
            log: self.home.logs().join(format!("{name}.screen")),
            pids: apart.pids.clone(),
            health,
        };
        let shift = staff.employ(name, settings, process::run);
        let check = Check::Process { shift, remote: Remote::new(role.name(), at) };
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
        let tally = Tally::default();
        let settings = projector::Settings {
            nats_url: secrets.nats_url_file("projector"),
            postgres_url: secrets.postgres_url_file(),
            tally: tally.clone(),
            line,
        };
        let shift = staff.employ("projector", settings, projector::run);
        Check::Projector { shift, line: heard, tally, lag: watch::Sender::new(None) }
    }

    fn chat(&self, staff: &mut Staff) -> Check {
        let (line, heard) = watch::channel(None);
        let nats_url = self.home.secrets().nats_url_file("chat");
        let (told, trouble) = watch::channel(None);
        let settings = chat::Settings { nats_url, operator: self.config.operator.name.clone(), trouble: told, line };
        let shift = staff.employ("chat door", settings, chat::run);
        Check::Chat { shift, line: heard, trouble, asker: self.operator.cloned() }
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

fn line_of(path: &Path) -> Result<String, Failure> {
    let line = read_line(path);
    line.map(|line| line.reveal().to_owned())
        .map_err(|error| Failure::failed(format!("{} cannot be read", path.display())).because(error))
}

const fn listens(shift: watch::Receiver<Shift>, line: watch::Receiver<Option<Connection>>) -> Check {
    Check::Line { shift, line }
}

fn no_apps() -> Failure {
    Failure::failed("rig.toml names no Apps").advice("`rig github setup` makes them.")
}
