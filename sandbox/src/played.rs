//! The world on a port: REST, git and pages on one address, sites on others, webhooks posted, merges answered by git.
//!
//! One owner holds the world and does what follows from a step, in order, before the step is answered: a client that was
//! told of a merge finds it when it fetches.

mod acting;
mod clock;
mod control;
mod deliverer;
mod gate;
mod keeper;
mod line;
mod pages;
mod publisher;
mod rest;
mod site;
mod worker;

use std::{io, net::SocketAddr, path::PathBuf, sync::MutexGuard};

use axum::Router;
use bytes::Bytes;
use http::Request;
use thiserror::Error;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::keeper::Keeper;
pub use self::site::Site;
use crate::{
    faults::Faults,
    git::{self, Gate, Mirror},
    world::{Addresses, Answer, World},
};

/// How the world is put on a port.
#[derive(Debug)]
pub struct Settings {
    /// Where it listens.
    pub listener: TcpListener,
    /// A folder of its own, for the repositories. What an earlier world left there is removed.
    pub folder: PathBuf,
    /// What everything that looks random is drawn from.
    pub seed: u64,
    /// Which git, and how much of it.
    pub git: git::Settings,
}

/// Why a world does not begin.
#[derive(Debug, Error)]
pub enum Error {
    /// The folder cannot be used.
    #[error("the folder {folder} of the played repositories cannot be made empty: {source}")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The listener is closed.
    #[error("the port of the played world cannot be read: {0}")]
    Port(io::Error),
    /// Git's folder cannot be used.
    #[error("the mirror of the played repositories cannot be opened")]
    Mirror(#[from] git::Error),
    /// No webhook could be posted.
    #[error("no HTTP client can be made to post webhooks with")]
    Client(#[from] reqwest::Error),
}

/// A world that listens, until it is stopped or dropped.
#[derive(Debug)]
pub struct Played {
    addresses: Addresses,
    keeper: Keeper,
    tasks: JoinSet<()>,
    sites: TaskTracker,
    cancel: CancellationToken,
}

/// Where the API stands, as on a GitHub of one's own; pages and git have the rest.
pub const API: &str = "/api/v3";

/// As many git clients wait to be let in before the next has to wait with its question.
const WAITING: usize = 64;

impl Played {
    /// Begins an empty world and listens.
    ///
    /// # Errors
    ///
    /// If the folder, the port or git cannot be used.
    pub async fn start(settings: Settings) -> Result<Self, Error> {
        let Settings { listener, folder, seed, git } = settings;
        empty(&folder).map_err(|source| Error::Folder { folder: folder.clone(), source })?;
        let addresses = addresses(listener.local_addr().map_err(Error::Port)?);
        let jobs = worker::settings(&folder, &git).await;
        let mirror = Mirror::open(&folder, git)?;
        let (deliverer, outbox) = deliverer::Deliverer::new()?;
        let world = World::new(seed, addresses.clone());
        let (worker, errands) = worker::Worker::new(jobs, mirror.clone());
        let (publisher, publications) = publisher::Publisher::new();
        let keeper = Keeper::new(world, Faults::new(seed), mirror.clone(), outbox, errands, publications);
        let (gate, asked) = Gate::new(WAITING);
        let router =
            rest::router(keeper.clone()).merge(control::router(keeper.clone())).merge(git::router(mirror, gate));
        let router = router.merge(pages::router(keeper.clone()));
        let cancel = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(deliverer.run(keeper.clone(), cancel.clone()));
        tasks.spawn(worker.run(keeper.clone(), cancel.clone()));
        tasks.spawn(publisher.run(keeper.clone(), cancel.clone()));
        tasks.spawn(gate::keep(asked, keeper.clone(), cancel.clone()));
        tasks.spawn(serve(listener, router, cancel.clone()));
        Ok(Self { addresses, keeper, tasks, sites: TaskTracker::new(), cancel })
    }

    /// Where it is to be found.
    #[must_use]
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Changes the world from within, as nobody could over HTTP: accounts, Apps, first commits.
    pub fn with<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        self.keeper.with(change)
    }

    /// Asks the REST API from within; the path is without the API's own prefix.
    pub async fn request(&self, request: Request<Bytes>) -> Answer {
        self.keeper.request(request).await
    }

    /// The trouble that is on demand. Whoever holds it holds up the world.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        self.keeper.faults()
    }

    /// Stops listening; what is being answered is answered.
    pub async fn stop(mut self) {
        self.cancel.cancel();
        self.keeper.close().await;
        while self.tasks.join_next().await.is_some() {}
        self.sites.close();
        self.sites.wait().await;
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

fn empty(folder: &std::path::Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => std::fs::create_dir_all(folder),
    }
}

fn addresses(at: SocketAddr) -> Addresses {
    let html = format!("http://{at}");
    Addresses { api: format!("{html}{API}"), html }
}

async fn serve(listener: TcpListener, router: Router, cancel: CancellationToken) {
    let served = axum::serve(listener, router).with_graceful_shutdown(cancel.cancelled_owned());
    if let Err(error) = served.await {
        tracing::error!(%error, "the played world has stopped listening");
    }
}
