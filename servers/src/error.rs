use std::{io, net::SocketAddr, path::PathBuf};

use crate::port::Holder;

/// What went wrong, by what its reader does next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program could not be installed.
    #[error("{what} could not be installed: {why}\n{advice}")]
    Install {
        /// The program and its version.
        what: String,
        /// What pip or the system said.
        why: String,
        /// What to do.
        advice: &'static str,
    },
    /// A configured program cannot be used.
    #[error("{} cannot be used: {why}", .program.display())]
    Program {
        /// The program, as configured.
        program: PathBuf,
        /// What is wrong with it, and what is needed.
        why: String,
    },
    /// Somebody else listens where the server should.
    #[error("{server} cannot listen on {address}: {holder}. Stop that, or configure another port")]
    PortInUse {
        /// The server that was to be started.
        server: &'static str,
        /// The address that is taken.
        address: SocketAddr,
        /// Who has it.
        holder: Holder,
    },
    /// Another process of ours runs a server in this folder.
    #[error("{} is in use by process {holder}. Stop it, or use another folder", .home.display())]
    HomeInUse {
        /// The folder.
        home: PathBuf,
        /// The process id that its lock names.
        holder: String,
    },
    /// The account that runs the servers cannot enter a folder.
    #[error("{} cannot be used by the account {account}: {} is closed to it. Use a folder all of whose parents it may enter", .path.display(), .closed.display())]
    Closed {
        /// The folder that is needed.
        path: PathBuf,
        /// The parent that is closed.
        closed: PathBuf,
        /// The account.
        account: String,
    },
    /// A folder's owner is not whom it should be.
    #[error("{} belongs to the user id {owner}, and this process is user id {us}: run as its owner, or remove the folder", .path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// Our own user id.
        us: u32,
    },
    /// Root needs another account to run the servers as.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither an account postgres nor nobody. Run this as another user"
    )]
    NoAccount,
    /// The server ended, or did not answer, before it was ready.
    #[error("{server} did not start: {why}. Its log is {}; it ends with:\n{tail}", .log.display())]
    NotStarted {
        /// The server.
        server: &'static str,
        /// How it failed.
        why: String,
        /// Its log.
        log: PathBuf,
        /// What it wrote there during this start.
        tail: String,
    },
    /// The server runs, but does not do what was asked.
    #[error("{server} is not well: {why}")]
    Unwell {
        /// The server.
        server: &'static str,
        /// What it answered.
        why: String,
    },
    /// The server refused a new configuration and goes on with the old one.
    #[error("nats-server refused the new configuration and goes on with the old one: {0}")]
    Refused(String),
    /// PostgreSQL answered with an error.
    #[error("PostgreSQL failed at {doing}")]
    Database {
        /// What was being done.
        doing: String,
        /// What it said.
        source: sqlx::Error,
    },
    /// The system refused.
    #[error("{doing} {} failed", .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What a function here returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names what was being done, and to what, when the system refuses.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T> {
        self.map_err(|source| Error::Io { doing, path: path.into(), source })
    }
}
