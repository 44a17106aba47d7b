//! The played world on a port: requests a second.

use std::{path::Path, time::Instant};

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use reqwest::{Client, Method};
use sandbox::{
    git,
    played::{Played, Settings},
    world::Limits,
};
use serde_json::Value;
use servers::testing;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    Scale,
    mix::{self, Asked, ISSUES},
    row::{Bound, Row, median, rate},
    world::settle,
};

const CONNECTIONS: usize = 4;
const REPOSITORIES: usize = 10;

pub async fn run(scale: Scale) -> Vec<Row> {
    let home = testing::home();
    let played = played(&home.path().join("played")).await;
    let token = filled(&played).await;
    let asker = Asker::new(&played.addresses().api, &token);
    let mut rates = Vec::new();
    for _ in 0..scale.pairs() {
        rates.push(requests(&asker, scale.of(40_000, 400)).await);
    }
    played.stop().await;
    let rate = median(rates.into_iter());
    vec![Row::of_value("played world, over HTTP, 4 connections", rate, "req/s", Bound::AtLeast(3_000.0))]
}

/// An empty world on a free port.
pub async fn played(folder: &Path) -> Played {
    // reqwest takes what the process has.
    let _has_one = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let git = git::Settings { path: std::env::var_os("PATH").unwrap(), ..git::Settings::default() };
    let played = Played::start(Settings { listener, folder: folder.to_owned(), seed: 1, git }).await.unwrap();
    played.with(|world| world.limit(Limits::NONE));
    played
}

/// Fills the world; returns the token of somebody who may do everything.
async fn filled(played: &Played) -> String {
    let (token, _) = played.with(|world| settle(world, REPOSITORIES));
    for n in 0..REPOSITORIES * ISSUES {
        let Asked { method, path, body } = mix::issue(n, REPOSITORIES);
        let request = Request::builder().method(method).uri(path).header(AUTHORIZATION, format!("Bearer {token}"));
        let answer = played.request(request.body(Bytes::from(body)).unwrap()).await;
        assert!(answer.status().is_success(), "{}", String::from_utf8_lossy(answer.body()));
    }
    token
}

/// Somebody who asks over connections of their own.
#[derive(Clone)]
pub struct Asker {
    client: Client,
    base: String,
    token: String,
}

impl Asker {
    pub fn new(base: &str, token: &str) -> Self {
        let client = Client::builder().no_proxy().build().unwrap();
        Self { client, base: base.to_owned(), token: token.to_owned() }
    }

    /// The answer, which must be a good one.
    pub async fn ask(&self, method: Method, path: &str, body: String) -> Bytes {
        let request = self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        let answer = request.body(body).send().await.unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&body));
        body
    }

    pub async fn get(&self, path: &str) -> Value {
        serde_json::from_slice(&self.ask(Method::GET, path, String::new()).await).unwrap()
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Value {
        serde_json::from_slice(&self.ask(method, path, body.to_string()).await).unwrap()
    }
}

/// Each connection asks as soon as it has its answer.
async fn requests(asker: &Asker, count: usize) -> f64 {
    let begin = Instant::now();
    let mut asking = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let asker = asker.clone();
        asking.spawn(async move {
            for n in (connection..count).step_by(CONNECTIONS) {
                let Asked { method, path, body } = mix::request(n, REPOSITORIES);
                asker.ask(method, &path, body).await;
            }
        });
    }
    asking.join_all().await;
    rate(count, begin.elapsed())
}
