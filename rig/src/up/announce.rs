//! Telling that the rig is ready: programs read `up.json`, the person reads a table and the next command.

use std::{path::PathBuf, time::Duration};

use agents::character::Brain;
use bus::connect::Connection;
use conductor::github::ingest;

use super::{
    doors::{Listeners, reached},
    ground::Ground,
    second_terminal,
};
use crate::{
    config::Config,
    exit::Failure,
    health::{self, Report, Status},
    home::{Files, Home, Ports, UpFile},
    roles::{Off, Role},
    screen::{self, BAD, FAINT, GOOD, NAME, WARN},
};

/// What is told.
pub(super) struct Announcement {
    up_file: UpFile,
    ports: Ports,
    rows: Vec<Row>,
    off: Vec<Off>,
    report: Report,
    psql: PathBuf,
}

/// One thing that runs, where, and what it is for.
#[derive(Clone)]
struct Row {
    /// Its name in the health; none for the health itself.
    part: String,
    name: String,
    address: String,
    what: String,
}

impl Announcement {
    pub(super) fn new(
        ground: &Ground,
        operator: &Connection,
        listeners: &Listeners,
        files: Files,
        config: &Config,
        report: Report,
    ) -> Result<Self, Failure> {
        let health = format!("http://{}{}", reached(&listeners.health)?, health::PATH);
        let webhooks = listeners.webhooks_at.map(|at| format!("http://{at}{}", ingest::PATH));
        let mut rows = servers(ground, operator).to_vec();
        if let Some(webhooks) = &webhooks {
            rows.extend(Role::of(config).iter().map(|role| row(role, webhooks, config)));
        }
        rows.push(Row::new("", "health", &health, "how each part is"));
        let off = if webhooks.is_some() { Off::of(config) } else { Vec::new() };
        let ports = Ports {
            nats: ground.nats.client_address().port(),
            nats_monitor: port_of(&ground.nats.monitor_url()),
            postgres: ground.postgres.address().port(),
            webhooks: listeners.webhooks_at.map_or(0, |at| at.port()),
            health: reached(&listeners.health)?.port(),
        };
        let up_file = UpFile::new(ground.nats.monitor_url(), webhooks, health, files);
        Ok(Self { up_file, ports, rows, off, report, psql: ground.psql.clone() })
    }

    pub(super) const fn up_file(&self) -> &UpFile {
        &self.up_file
    }

    pub(super) const fn ports(&self) -> Ports {
        self.ports
    }

    /// The table, then what to do now.
    pub(super) fn tell(&self, home: &Home, took: Duration) {
        screen::say(&format!("{NAME}rig up{NAME:#} · the whole channel on this machine: every word is kept\n"));
        for (n, row) in self.rows.iter().enumerate() {
            let took = (n + 1 == self.rows.len()).then(|| format!("{:.1} s", took.as_secs_f32()));
            screen::say(&row.line(self.report.status_of(&row.part), took.as_deref().unwrap_or_default()));
        }
        for Off { what, lacks } in &self.off {
            screen::say(&format!("  {FAINT}{what:<19} off    {lacks}{FAINT:#}"));
        }
        screen::say("");
        if self.report.status != Status::Up {
            screen::say(&format!("  {BAD}✗{BAD:#} {}\n", screen::clean_line(&self.report.to_string())));
        }
        second_terminal::tell(home, &self.up_file, &self.psql);
    }
}

impl Row {
    fn new(part: &str, name: &str, address: &str, what: &str) -> Self {
        Self { part: part.to_owned(), name: name.to_owned(), address: address.to_owned(), what: what.to_owned() }
    }

    fn line(&self, status: Status, took: &str) -> String {
        let Self { name, address, what, .. } = self;
        let (style, word) = match status {
            Status::Up => (GOOD, "ready"),
            Status::Degraded => (WARN, "ill"),
            Status::Down => (BAD, "down"),
        };
        let line = format!("  {name:<19} {style}{word:<5}{style:#}  {address:<39} {what:<17} {took}");
        line.trim_end().to_owned()
    }
}

fn servers(ground: &Ground, operator: &Connection) -> [Row; 2] {
    let nats = format!("nats-server {}", operator.client().server_info().version);
    let postgres = format!("PostgreSQL {}", ground.postgres_version);
    [
        Row::new("bus", &nats, &ground.nats.client_url(), "the channel"),
        Row::new("database", &postgres, &ground.postgres.address().to_string(), "a row for every record"),
    ]
}

fn row(role: &Role, webhooks: &str, config: &Config) -> Row {
    let part = role.name();
    let row = |name: &str, address: &str, what: &str| Row::new(&part, name, address, what);
    match role {
        Role::Ingest => row("ingest", webhooks, "GitHub's webhooks"),
        Role::Projector => row("projector", "LOG → PostgreSQL", "writes the rows"),
        Role::Chat => row("chat door", "rig chat", &format!("you are {}", config.operator.name)),
        Role::Conductor => row("conductor", &repositories(config), "decides"),
        Role::Github => row("GitHub's door", &config.github.api, "does what is decided"),
        Role::Probe => row("probe", "sites", "looks at what landed"),
        Role::Agent(agent) => row(&part, agent.character.role.name(), thinks(&agent.character.brain)),
    }
}

fn repositories(config: &Config) -> String {
    match &config.repositories[..] {
        [one] => one.name.clone(),
        all => format!("{} repositories", all.len()),
    }
}

/// An honest mark: rehearsal is called rehearsal everywhere.
const fn thinks(brain: &Brain) -> &'static str {
    match brain {
        Brain::Rehearsal { .. } => "rehearses from a playbook, not a model",
        Brain::Command { .. } => "runs a program",
    }
}

/// The port at the end of `http://127.0.0.1:8222`.
fn port_of(url: &str) -> u16 {
    url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
}
