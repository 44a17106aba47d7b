//! One webhook's deliveries on their way: in order, each once, but for the trouble that was asked for.

use std::time::{Duration, Instant};

use tokio::{sync::mpsc::UnboundedReceiver, task::JoinSet, time::sleep};

use super::{deliverer::Clients, keeper::Keeper};
use crate::{
    faults,
    world::{DeliveryId, Input, Outcome, Post},
};

/// The delivery log keeps this much of an answer.
const KEPT: usize = 64 << 10;

/// One webhook's deliveries.
#[derive(Debug)]
pub(super) struct Line {
    waiting: UnboundedReceiver<(DeliveryId, Post)>,
    clients: Clients,
    keeper: Keeper,
    late: JoinSet<()>,
}

impl Line {
    pub(super) fn new(waiting: UnboundedReceiver<(DeliveryId, Post)>, clients: Clients, keeper: Keeper) -> Self {
        Self { waiting, clients, keeper, late: JoinSet::new() }
    }

    /// Delivers until nothing more can come.
    pub(super) async fn run(mut self) {
        while let Some((id, post)) = self.waiting.recv().await {
            match self.fault(&post) {
                Some(faults::Post::Swap(millis)) => self.swap(id, post, Duration::from_millis(millis)).await,
                fault => {
                    self.send(id, post, fault).await;
                }
            }
        }
        self.late.join_all().await;
    }

    fn fault(&self, post: &Post) -> Option<faults::Post> {
        let event = post.headers.get("x-github-event").and_then(|event| event.to_str().ok()).unwrap_or_default();
        self.keeper.faults().delivery(event)
    }

    /// Lets one other go first. Two that are both to change places change places with each other.
    async fn swap(&mut self, id: DeliveryId, post: Post, patience: Duration) {
        let over = sleep(patience);
        tokio::pin!(over);
        loop {
            let next = tokio::select! {
                () = &mut over => None,
                next = self.waiting.recv() => next,
            };
            let Some((next, after)) = next else { break };
            let fault = self.fault(&after);
            if self.send(next, after, fault).await {
                break;
            }
        }
        deliver(id, post, &self.clients, &self.keeper).await;
    }

    /// Whether it has been posted now.
    async fn send(&mut self, id: DeliveryId, post: Post, fault: Option<faults::Post>) -> bool {
        while self.late.try_join_next().is_some() {}
        let (clients, keeper) = (self.clients.clone(), self.keeper.clone());
        match fault {
            None | Some(faults::Post::Swap(_)) => deliver(id, post, &clients, &keeper).await,
            Some(faults::Post::Double) => {
                deliver(id, post.clone(), &clients, &keeper).await;
                deliver(id, post, &clients, &keeper).await;
            }
            Some(faults::Post::Lose) => {
                lose(id, &keeper);
                return false;
            }
            Some(faults::Post::Late(millis)) => {
                self.late.spawn(async move {
                    sleep(Duration::from_millis(millis)).await;
                    deliver(id, post, &clients, &keeper).await;
                });
                return false;
            }
        }
        true
    }
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
