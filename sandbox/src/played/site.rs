//! Sites on ports of their own: a page finds its files at the root, and is nobody else's neighbour in a browser.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, time::sleep};

use super::{Error, Played, keeper::Keeper, rest::silent, serve};
use crate::{
    faults::Visit,
    site::{self, Shown},
    world::{Deployed, DeploymentId, Pages, RepositoryId, Settled},
};

/// How a repository's site is put on a port.
#[derive(Debug)]
pub struct Site {
    /// Where it listens.
    pub listener: TcpListener,
    /// How long a deployment takes.
    pub delay: Duration,
}

impl Played {
    /// Serves a repository's default branch as a site, from now on; returns its address. What stands on the branch now is
    /// served at once, and what is pushed to it when the deployment's time is over.
    ///
    /// # Errors
    ///
    /// If the listener is closed.
    pub fn site(&self, repository: RepositoryId, site: Site) -> Result<String, Error> {
        let Site { listener, delay } = site;
        let url = format!("http://{}/", listener.local_addr().map_err(Error::Port)?);
        self.keeper.open_site(repository);
        let pages = Pages { url: url.clone(), delay, settled: Settled::ByReport };
        let first = self.with(|world| {
            let owner = world.state().repositories.get(repository).map(|there| there.owner);
            owner.into_iter().for_each(|owner| world.pages(repository, pages.clone(), owner));
            world.on_their_way(repository)
        });
        for live in first {
            let honest = Shown::honest(live.commit);
            self.keeper.deployed(repository, live.deployment, Deployed::Served, |shown| *shown = honest);
        }
        let router = Router::new().fallback(answer).with_state(Stand { keeper: self.keeper.clone(), repository });
        self.sites.spawn(serve(listener, router, self.cancel.clone()));
        Ok(url)
    }

    /// What a repository's site serves, and what it says; none if it has no site.
    #[must_use]
    pub fn shown(&self, repository: RepositoryId) -> Option<Shown> {
        self.keeper.shown(repository)
    }

    /// Lets a repository's site serve and say this until the next deployment, whatever was deployed.
    pub fn show(&self, repository: RepositoryId, shown: Shown) {
        self.keeper.show(repository, shown);
    }

    /// Deploys again what an earlier deployment brought; returns the new one. Nothing if the site had none of that number.
    pub fn roll_back(&self, repository: RepositoryId, to: DeploymentId) -> Option<DeploymentId> {
        self.with(|world| {
            let owner = world.state().repositories.get(repository)?.owner;
            world.roll_back(repository, to, owner)
        })
    }
}

/// Whose site it is.
#[derive(Clone)]
struct Stand {
    keeper: Keeper,
    repository: RepositoryId,
}

async fn answer(State(Stand { keeper, repository }): State<Stand>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let request = http::Request::from_parts(parts, ());
    let name = keeper.look(|world| {
        let state = world.state();
        state.repositories.get(repository).map(|there| state.full_name(there))
    });
    let Some(name) = name else { return site::gone().map(Body::from) };
    let trouble = keeper.faults().visit(&name, request.uri().path());
    match trouble {
        None => {}
        Some(Visit::Status(status)) => return told(status),
        Some(Visit::Slow(millis)) => sleep(Duration::from_millis(millis)).await,
        Some(Visit::Silent(millis)) => return silent(millis).await,
    }
    let shown = keeper.shown(repository).unwrap_or_default();
    keeper.look(|world| site::answer(world.objects(), &name, shown, &request)).map(Body::from)
}

fn told(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, "The site is in trouble, as was asked for.\n").into_response()
}
