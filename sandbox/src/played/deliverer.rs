//! Posts webhooks. One webhook's deliveries go out in order, each once: GitHub does not try again by itself.

use std::{collections::BTreeMap, time::Duration};

use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{keeper::Keeper, line::Line};
use crate::world::DeliveryId;

/// GitHub waits ten seconds for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Posts what the world sends.
#[derive(Debug)]
pub(crate) struct Deliverer {
    /// Not bounded: the world keeps every delivery anyway, and must not wait for a listener that is slow.
    queue: UnboundedReceiver<DeliveryId>,
    clients: Clients,
}

#[derive(Clone, Debug)]
pub(super) struct Clients {
    pub(super) careful: reqwest::Client,
    /// For webhooks with `insecure_ssl`.
    pub(super) trusting: reqwest::Client,
}

impl Deliverer {
    /// A deliverer, and where it is told what to deliver.
    pub(crate) fn new() -> Result<(Self, UnboundedSender<DeliveryId>), reqwest::Error> {
        let client = || {
            let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy();
            client.redirect(reqwest::redirect::Policy::none())
        };
        let clients =
            Clients { careful: client().build()?, trusting: client().danger_accept_invalid_certs(true).build()? };
        let (outbox, queue) = mpsc::unbounded_channel();
        Ok((Self { queue, clients }, outbox))
    }

    /// Delivers until it is cancelled: a queue a webhook, so that a slow listener holds up nobody else.
    pub(crate) async fn run(mut self, keeper: Keeper, cancel: CancellationToken) {
        let mut lines = BTreeMap::new();
        let mut sending = JoinSet::new();
        loop {
            let id = tokio::select! {
                () = cancel.cancelled() => return,
                id = self.queue.recv() => id,
            };
            let Some(id) = id else { return };
            let Some(post) = keeper.with(|world| world.post(id)) else { continue };
            let line = lines.entry(post.headers.get("x-github-hook-id").cloned()).or_insert_with(|| {
                let (line, waiting) = mpsc::unbounded_channel();
                sending.spawn(Line::new(waiting, self.clients.clone(), keeper.clone()).run());
                line
            });
            // The line ends only with this deliverer.
            line.send((id, post)).ok();
        }
    }
}
