//! Brings deployments to the sites, each when its time is over, with the trouble that was asked for.

use std::time::Duration;

use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::keeper::Keeper;
use crate::{
    faults,
    object::Oid,
    site::Shown,
    world::{Deployed, DeploymentId, Live, RepositoryId},
};

/// A deployment on its way.
#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) repository: RepositoryId,
    pub(crate) commit: Oid,
    pub(crate) deployment: DeploymentId,
    pub(crate) after: Duration,
    pub(crate) trouble: Option<faults::Deployment>,
}

/// Publishes what the world deploys.
#[derive(Debug)]
pub(crate) struct Publisher(UnboundedReceiver<Publication>);

impl Publisher {
    /// A publisher, and where it is told what to publish.
    pub(crate) fn new() -> (Self, UnboundedSender<Publication>) {
        let (sender, publications) = mpsc::unbounded_channel();
        (Self(publications), sender)
    }

    /// Publishes until it is cancelled.
    pub(crate) async fn run(mut self, keeper: Keeper, cancel: CancellationToken) {
        let mut due = JoinSet::new();
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                Some(ended) = due.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a deployment of a played site is lost");
                    }
                }
                publication = self.0.recv() => match publication {
                    Some(publication) => { due.spawn(publication.publish(keeper.clone())); }
                    None => return,
                },
            }
        }
    }
}

impl Publication {
    async fn publish(self, keeper: Keeper) {
        let Some(outcome) = self.outcome() else { return };
        sleep(self.after.saturating_add(self.longer())).await;
        let before = keeper.look(|world| world.live(self.repository));
        let has_ended = keeper.deployed(self.repository, self.deployment, outcome, |shown| self.show(shown));
        if let (true, Some(faults::Deployment::RollsBack(millis)), Some(before)) = (has_ended, &self.trouble, before) {
            sleep(Duration::from_millis(*millis)).await;
            self.roll_back(&keeper, before);
        }
    }

    const fn longer(&self) -> Duration {
        match self.trouble {
            Some(faults::Deployment::Late(millis) | faults::Deployment::Overtakes(millis)) => {
                Duration::from_millis(millis)
            }
            _ => Duration::ZERO,
        }
    }

    /// How it ends, if ever.
    fn outcome(&self) -> Option<Deployed> {
        match &self.trouble {
            Some(faults::Deployment::Never) => None,
            Some(faults::Deployment::Failure(why)) => Some(Deployed::Failed(why.clone())),
            Some(faults::Deployment::Error(why)) => Some(Deployed::Broken(why.clone())),
            _ => Some(Deployed::Served),
        }
    }

    fn show(&self, shown: &mut Shown) {
        match self.trouble {
            Some(faults::Deployment::Failure(_) | faults::Deployment::Error(_) | faults::Deployment::Stale) => {}
            Some(faults::Deployment::Lie) => shown.told = Some(self.commit),
            _ => *shown = Shown::honest(self.commit),
        }
    }

    /// What was served before comes back, unless something newer is served by now.
    fn roll_back(&self, keeper: &Keeper, before: Live) {
        keeper.with(|world| {
            let is_live = world.live(self.repository).is_some_and(|live| live.deployment == self.deployment);
            if let Some(owner) = world.state().repositories.get(self.repository).map(|there| there.owner)
                && is_live
            {
                world.roll_back(self.repository, before.deployment, owner);
            }
        });
    }
}
