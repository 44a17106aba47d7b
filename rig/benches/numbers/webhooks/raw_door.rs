//! The least that a durable door must do: check the signature, store the bytes with a flush, answer.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
    serve::ListenerExt,
};
use conductor::github::signature::HEADER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use super::Ground;
use crate::raw::{self, Message};

/// The most records in one batch.
const BATCH: usize = 32;

struct Door {
    key: Hmac<Sha256>,
    queue: mpsc::Sender<Waiting>,
}

struct Waiting {
    body: Bytes,
    stored: oneshot::Sender<()>,
}

pub async fn serve() {
    let (ground, ended) = Ground::told().await;
    let connection = bus::connect::connect(&ground.nats_url, "raw", Duration::from_secs(10)).await.unwrap();
    let (queue, waiting) = mpsc::channel(1024);
    let mut publishing = JoinSet::new();
    publishing.spawn(publish(connection.client().clone(), waiting));
    let key = Hmac::new_from_slice(ground.secret.as_bytes()).unwrap();
    let app = Router::new().route("/webhooks/github", post(receive)).with_state(Arc::new(Door { key, queue }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    axum::serve(listener, app).with_graceful_shutdown(ended).await.unwrap();
}

async fn receive(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !door.verifies(&headers, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    let (stored, answer) = oneshot::channel();
    door.queue.send(Waiting { body, stored }).await.unwrap();
    answer.await.unwrap();
    StatusCode::ACCEPTED
}

impl Door {
    fn verifies(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let claimed = headers.get(HEADER).and_then(|value| value.as_bytes().strip_prefix(b"sha256="));
        let mut signature = [0; 32];
        claimed.is_some_and(|claimed| hex::decode_to_slice(claimed, &mut signature).is_ok())
            && self.key.clone().chain_update(body).verify_slice(&signature).is_ok()
    }
}

/// Whatever waits goes in one batch, and the next one when that is flushed.
async fn publish(client: async_nats::Client, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let message = |waiting: &Waiting| Message {
            subject: "rig.evt.github.acme.hello%2Esite.issues".to_owned(),
            body: waiting.body.clone(),
        };
        raw::batch(&client, batch.iter().map(message)).await;
        for waiting in batch.drain(..) {
            let _ = waiting.stored.send(());
        }
    }
}
