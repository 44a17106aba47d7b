//! The configuration: `rig.toml`, over it the environment as `RIG__SECTION__KEY`.
//!
//! It is read once, into one struct. An unknown key is a fault, since a misspelt one would be a wish that nobody
//! heard; and all faults are reported together, so that nobody repairs them one start at a time.

mod agent;
mod environment;
mod fault;
mod github;
mod reader;
mod repository;
mod value;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use fault::Faults;
use reader::Reader;

pub(crate) use {
    agent::Agent,
    environment::{not_of_the_machine, search_path},
    fault::Error,
    github::{App, Apps, Github},
    repository::Repository,
    value::{Listen, Port},
};

/// The file that is taken where none is named and it exists.
const DEFAULT_FILE: &str = "rig.toml";

/// Everything that can be configured. `rig.example.toml` shows each key with its default.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Config {
    /// The person at this rig.
    pub(crate) operator: Operator,
    /// nats-server and PostgreSQL.
    pub(crate) servers: Servers,
    /// Where GitHub's webhooks come in.
    pub(crate) ingest: Ingest,
    /// Where the rig says how it is.
    pub(crate) health: Health,
    /// Where GitHub is, and who we are there.
    pub(crate) github: Github,
    /// The repositories that are looked after.
    pub(crate) repositories: Vec<Repository>,
    /// Who works here.
    pub(crate) agents: Vec<Agent>,
    /// The channel.
    pub(crate) bus: Bus,
    /// The rig's own log.
    pub(crate) log: Log,
}

/// `[operator]`: the person at this rig.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Operator {
    /// The name under which the terminal's words are said: the chat door says it, never who asks. Where the rig acts on
    /// GitHub it is the person's login there, who is asked when nobody else is named.
    pub(crate) name: String,
}

/// `[servers]`: nats-server and PostgreSQL. Ports without a value are the usual ones where those are free, and stay
/// the same from start to start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Servers {
    /// A nats-server to use instead of the pinned one.
    pub(crate) nats_server: Option<PathBuf>,
    /// A folder with PostgreSQL's programs to use instead of the pinned ones: 16 or newer, with lz4.
    pub(crate) postgres_bin: Option<PathBuf>,
    /// Where clients of the channel connect.
    pub(crate) nats_port: Option<Port>,
    /// Where nats-server says how it is.
    pub(crate) nats_monitor_port: Option<Port>,
    /// Where clients of PostgreSQL connect.
    pub(crate) postgres_port: Option<Port>,
}

/// `[ingest]`: where GitHub's webhooks come in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ingest {
    /// The address to listen on.
    pub(crate) listen: Option<Listen>,
    /// A file with the webhook secret, instead of the one made in the home.
    pub(crate) webhook_secret_file: Option<PathBuf>,
    /// A file with the secret that is taken as well, while GitHub is being told the new one.
    pub(crate) webhook_secret_previous_file: Option<PathBuf>,
}

/// `[health]`: where the rig says how it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Health {
    /// The address to listen on.
    pub(crate) listen: Option<Listen>,
}

/// `[bus]`: the channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Bus {
    /// How much LOG may hold, in bytes. Where it is full, nothing is taken in and nothing is lost.
    pub(crate) log_max_bytes: Option<u64>,
}

/// `[log]`: the rig's own log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Log {
    /// What is logged, in the words of `tracing`: `info`, `warn,store=debug`.
    pub(crate) filter: String,
}

impl Config {
    /// Reads the named file, or `rig.toml` where there is one, and the environment over it.
    ///
    /// # Errors
    /// All faults at once.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Error> {
        Self::of(file, environment::ours())
    }

    /// Reads the demo's own file, which says all but what this machine has: its servers, and where they may listen.
    ///
    /// # Errors
    /// All faults at once.
    pub(crate) fn of_demo(file: &Path) -> Result<Self, Error> {
        Self::of(Some(file), environment::of_the_machine())
    }

    fn of(file: Option<&Path>, environment: environment::Ours) -> Result<Self, Error> {
        let file = file.or_else(|| Some(Path::new(DEFAULT_FILE)).filter(|file| file.exists()));
        let mut reader = Reader::new(file, environment)?;
        let config = Self::read(&mut reader);
        let mut faults = reader.finish();
        config.check(&mut faults);
        faults.none_or(config)
    }

    fn read(reader: &mut Reader) -> Self {
        let operator = reader.optional("operator.name", value::speaker);
        let is_named = operator.is_some();
        let config = Self {
            operator: Operator { name: operator.unwrap_or_else(|| "operator".to_owned()) },
            servers: Servers {
                nats_server: reader.optional_path("servers.nats_server", value::program),
                postgres_bin: reader.optional_path("servers.postgres_bin", value::folder),
                nats_port: reader.optional("servers.nats_port", value::port),
                nats_monitor_port: reader.optional("servers.nats_monitor_port", value::port),
                postgres_port: reader.optional("servers.postgres_port", value::port),
            },
            ingest: Ingest {
                listen: reader.optional("ingest.listen", value::listen),
                webhook_secret_file: reader.optional_path("ingest.webhook_secret_file", value::secret),
                webhook_secret_previous_file: reader
                    .optional_path("ingest.webhook_secret_previous_file", value::secret),
            },
            health: Health { listen: reader.optional("health.listen", value::listen) },
            github: Github::read(reader),
            repositories: reader.each("repository", Repository::read),
            agents: reader.each("agent", Agent::read),
            bus: Bus { log_max_bytes: reader.optional("bus.log_max_bytes", value::size) },
            log: Log { filter: reader.or("log.filter", "info".to_owned(), value::filter) },
        };
        if config.github.apps.is_some() && !is_named {
            let what = "it is needed where Apps are named, since who is asked is mentioned on GitHub; \
                        write your login there: [operator] name = \"nora\"";
            reader.fault("operator.name", what);
        }
        config
    }

    /// What is wrong only when two keys are seen together.
    fn check(&self, faults: &mut Faults) {
        self.check_ports(faults);
        self.check_names(faults);
        if let Some(apps) = &self.github.apps {
            apps.check(faults);
        }
    }

    /// Two of one name would be one of them, nobody knows which.
    fn check_names(&self, faults: &mut Faults) {
        let repositories = self.repositories.iter().map(|repository| ("repository", repository.name.to_lowercase()));
        let agents = self.agents.iter().map(|agent| ("agent", agent.character.name.to_string()));
        let mut seen = BTreeSet::new();
        for (key, name) in repositories.chain(agents) {
            if !seen.insert((key, name.clone())) {
                faults.add(key, format!("{name} stands here twice; take one out"));
            }
        }
    }

    fn check_ports(&self, faults: &mut Faults) {
        let fixed = |port: Option<Port>| port.and_then(Port::fixed);
        let listens =
            |listen: Option<Listen>| listen.map(SocketAddr::from).map(|at| at.port()).filter(|port| *port != 0);
        let ports = [
            ("servers.nats_port", fixed(self.servers.nats_port)),
            ("servers.nats_monitor_port", fixed(self.servers.nats_monitor_port)),
            ("servers.postgres_port", fixed(self.servers.postgres_port)),
            ("ingest.listen", listens(self.ingest.listen)),
            ("health.listen", listens(self.health.listen)),
        ];
        for (n, (key, port)) in ports.iter().enumerate() {
            let Some(port) = port else { continue };
            if let Some((other, _)) = ports[..n].iter().find(|(_, taken)| *taken == Some(*port)) {
                faults.add(*key, format!("port {port} is {other}'s already; each needs its own"));
            }
        }
    }
}

#[cfg(test)]
mod tests;
