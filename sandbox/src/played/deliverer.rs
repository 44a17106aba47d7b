//! Posts webhooks. One webhook's deliveries go out in order, each once: GitHub does not try again by itself.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::keeper::Keeper;
use crate::{
    faults,
    world::{DeliveryId, Input, Outcome, Post},
};

/// GitHub waits ten seconds for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The delivery log keeps this much of an answer.
const KEPT: usize = 64 << 10;

/// Posts what the world sends.
#[derive(Debug)]
pub(crate) struct Deliverer {
    /// Not bounded: the world keeps every delivery anyway, and must not wait for a listener that is slow.
    queue: UnboundedReceiver<DeliveryId>,
    clients: Clients,
}

#[derive(Clone, Debug)]
struct Clients {
    careful: reqwest::Client,
    /// For webhooks with `insecure_ssl`.
    trusting: reqwest::Client,
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
                sending.spawn(send_all(waiting, self.clients.clone(), keeper.clone()));
                line
            });
            // The line ends only with this deliverer.
            line.send((id, post)).ok();
        }
    }
}

async fn send_all(mut waiting: UnboundedReceiver<(DeliveryId, Post)>, clients: Clients, keeper: Keeper) {
    let mut late = JoinSet::new();
    while let Some((id, post)) = waiting.recv().await {
        while late.try_join_next().is_some() {}
        let event = post.headers.get("x-github-event").and_then(|event| event.to_str().ok()).unwrap_or_default();
        let fault = keeper.faults().delivery(event);
        let (clients, keeper) = (clients.clone(), keeper.clone());
        match fault {
            None => deliver(id, post, &clients, &keeper).await,
            Some(faults::Post::Lose) => lose(id, &keeper),
            Some(faults::Post::Double) => {
                deliver(id, post.clone(), &clients, &keeper).await;
                deliver(id, post, &clients, &keeper).await;
            }
            Some(faults::Post::Late(millis)) => {
                late.spawn(async move {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    deliver(id, post, &clients, &keeper).await;
                });
            }
        }
    }
    late.join_all().await;
}

async fn deliver(id: DeliveryId, post: Post, clients: &Clients, keeper: &Keeper) {
    let outcome = send(clients, post).await;
    note(id, outcome, keeper);
}

fn lose(id: DeliveryId, keeper: &Keeper) {
    note(id, Outcome { status: 0, millis: 0, said: "failed to connect to host".to_owned() }, keeper);
}

fn note(id: DeliveryId, outcome: Outcome, keeper: &Keeper) {
    if let Err(error) = keeper.step(&Input::Delivered(id, outcome)) {
        tracing::error!(%error, "the mirror on disk does not follow the played world");
    }
}

async fn send(clients: &Clients, post: Post) -> Outcome {
    let begin = Instant::now();
    let client = if post.insecure { &clients.trusting } else { &clients.careful };
    let answered = client.post(&post.url).headers(post.headers).body(post.body).send().await;
    let (status, said) = match answered {
        Ok(answer) => (answer.status().as_u16(), body(answer).await),
        Err(error) => (0, reason(&error)),
    };
    let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    Outcome { status, millis, said }
}

async fn body(answer: reqwest::Response) -> String {
    let bytes = answer.bytes().await.unwrap_or_default();
    String::from_utf8_lossy(bytes.get(..KEPT).unwrap_or(&bytes)).into_owned()
}

/// In GitHub's words.
fn reason(error: &reqwest::Error) -> String {
    let said = match () {
        () if error.is_timeout() => "timed out",
        () if error.is_connect() => "failed to connect to host",
        () => "failed to send",
    };
    said.to_owned()
}
