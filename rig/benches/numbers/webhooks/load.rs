//! The load: connections that are kept, each with one delivery open at a time.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use bytes::Bytes;
use conductor::github::signature::Secrets;
use futures::future::join_all;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

use crate::{
    drafts::{headers, payload},
    row::rate,
};

const CONNECTIONS: usize = 32;

/// How many bodies take turns.
const BODIES: usize = 64;

/// Bodies with their signatures, made beforehand.
pub struct Load(Arc<[Signed]>);

struct Signed {
    body: Bytes,
    signature: String,
}

impl Load {
    pub fn new(size: usize, secret: &str) -> Self {
        Self::of(BODIES, size, secret)
    }

    /// Bodies of this many issues.
    pub fn of(count: usize, size: usize, secret: &str) -> Self {
        let secrets = Secrets::new(secret).unwrap();
        let signed = |number| {
            let body = payload(number, size);
            Signed { signature: secrets.sign(&body), body }
        };
        Self((1..=count).map(signed).collect())
    }

    /// Posts this many deliveries, each of which must be accepted; tells how many a second were.
    pub async fn drive(&self, address: SocketAddr, count: usize) -> f64 {
        let clients = join_all((0..CONNECTIONS).map(|_| Client::connect(address))).await;
        let begun = Arc::new(AtomicUsize::new(0));
        let mut posting = JoinSet::new();
        let begin = Instant::now();
        for mut client in clients {
            let (bodies, begun) = (Arc::clone(&self.0), Arc::clone(&begun));
            posting.spawn(async move {
                loop {
                    let n = begun.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return client;
                    }
                    client.post(&bodies[n % bodies.len()]).await;
                }
            });
        }
        posting.join_all().await;
        rate(count, begin.elapsed())
    }

    /// Posts one delivery; returns what was answered.
    pub async fn post(&self, client: &mut Client, n: usize) -> Bytes {
        client.post(&self.0[n % self.0.len()]).await
    }
}

/// One connection.
pub struct Client {
    address: SocketAddr,
    sender: SendRequest<Body>,
    _connection: JoinSet<()>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let mut driving = JoinSet::new();
        driving.spawn(async move { connection.await.unwrap() });
        Self { address, sender, _connection: driving }
    }

    /// Whether the server still listens to it: it closes a connection that says nothing for a while.
    pub fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Returns what was answered.
    async fn post(&mut self, signed: &Signed) -> Bytes {
        let mut request = Request::post("/webhooks/github").body(Body::from(signed.body.clone())).unwrap();
        *request.headers_mut() = headers(&signed.signature);
        request.headers_mut().insert(header::HOST, self.address.to_string().parse().unwrap());
        self.sender.ready().await.unwrap();
        let response = self.sender.send_request(request).await.unwrap();
        let status = response.status();
        let answer = to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&answer));
        answer
    }
}
