//! What every command is given: where the rig's home is, and which configuration.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use bus::connect::{self, Connection, connect};

use crate::{
    config::Config,
    exit::Failure,
    home::{self, Home, UpFile, read_line},
};

/// How long a command waits for the channel before it says that nobody answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// The demo's home where none is named.
pub(crate) const DEMO: &str = ".rig/demo";

/// What every command is given. Nothing is read before it is asked for: a fault in `rig.toml` must not keep anybody
/// from listening.
pub(crate) struct Context {
    /// The home named by `--home` or `RIG_HOME`, if any.
    pub(crate) home: Option<PathBuf>,
    /// The configuration named by `--config` or `RIG_CONFIG`, if any.
    pub(crate) config: Option<PathBuf>,
}

/// A rig that is up.
#[derive(Debug)]
pub(crate) struct Running {
    /// Its home.
    pub(crate) home: Home,
    /// How to reach it.
    pub(crate) up: UpFile,
}

impl Context {
    /// The home that was asked for.
    pub(crate) fn wanted_home(&self) -> PathBuf {
        home::wanted(self.home.as_deref())
    }

    /// The configuration.
    ///
    /// # Errors
    /// With all its faults.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Config::load(self.config.as_deref()).map_err(|error| {
            Failure::usage(error.to_string()).advice("rig.example.toml shows each key with its default.")
        })
    }

    /// The rig that is up in the home that was asked for; where none was named, the one that is up here: a rig's or the
    /// demo's.
    ///
    /// # Errors
    /// When none is, or both are.
    pub(crate) fn running(&self) -> Result<Running, Failure> {
        let usual = Home::find(&self.wanted_home())?;
        if self.home.is_some() {
            return Running::find(usual);
        }
        let demo = Home::find(Path::new(DEMO))?;
        match (is_up(&usual), is_up(&demo)) {
            (true, true) => {
                let what =
                    format!("two rigs are up here: in {} and in {}", usual.path().display(), demo.path().display());
                Err(Failure::usage(what).advice("Name one with --home."))
            }
            (false, true) => Running::find(demo),
            _ => Running::find(usual),
        }
    }
}

fn is_up(home: &Home) -> bool {
    UpFile::read(&home.up_file()).is_ok_and(|up| up.is_some_and(|up| up.is_alive()))
}

impl Running {
    fn find(home: Home) -> Result<Self, Failure> {
        let shown = home.path().display().to_string();
        let Some(up) = UpFile::read(&home.up_file())? else {
            return Err(Failure::unreachable(format!("no rig is up in {shown}"))
                .advice(format!("Start it with `rig up --home {shown}`, or name another home with --home.")));
        };
        if !up.is_alive() {
            return Err(Failure::unreachable(format!("the rig in {shown} (process {}) was killed", up.pid))
                .advice(format!("Start it again with `rig up --home {shown}`: what was stored is stored.")));
        }
        Ok(Self { home, up })
    }

    /// Connects to the channel as the operator, for the program called `name`.
    ///
    /// # Errors
    /// When the channel cannot be reached or refuses.
    pub(crate) async fn connect(&self, name: &str) -> Result<Connection, Failure> {
        let url = self.line(&self.up.files.nats_url)?;
        Ok(connect(&url, name, PATIENCE).await?)
    }

    /// PostgreSQL's address, password included.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn postgres_url(&self) -> Result<String, Failure> {
        self.line(&self.up.files.postgres_url)
    }

    fn line(&self, path: &Path) -> Result<String, Failure> {
        read_line(path).map(|line| line.reveal().to_owned()).map_err(|error| {
            let what = format!("{} cannot be read", path.display());
            Failure::refused(what).because(error).advice("Run this as the user who started `rig up`.")
        })
    }
}

impl From<home::Error> for Failure {
    fn from(error: home::Error) -> Self {
        match &error {
            home::Error::InUse { .. } => Self::refused(error.to_string())
                .advice("Stop that one first (Ctrl-C there), or name another home with --home."),
            home::Error::NotADemos(path) => {
                let shown = path.display();
                Self::refused(error.to_string()).advice(format!(
                    "`rig demo --home FOLDER` plays in another. Where nothing in {shown} is wanted any more, remove it."
                ))
            }
            home::Error::NotOurs(_) => Self::refused(error.to_string()),
            home::Error::Place(_) | home::Error::Io { .. } => Self::failed(crate::exit::sentence(&error)),
        }
    }
}

impl From<connect::Error> for Failure {
    fn from(error: connect::Error) -> Self {
        match &error {
            connect::Error::Address(_) => Self::failed(error.to_string()),
            connect::Error::Refused { .. } => Self::refused(error.to_string()),
            connect::Error::Unreachable { .. } => Self::unreachable(error.to_string()),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let sentence = crate::exit::sentence(&error);
        if error.is_passing() { Self::unreachable(sentence) } else { Self::failed(sentence) }
    }
}
