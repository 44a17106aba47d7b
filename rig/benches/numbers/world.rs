//! The played world without a network: requests a second on one core, and what a large one weighs.
//!
//! It is measured in a process of its own, so that its memory is its own, and by the processor's time, so that what else
//! the machine does does not count.

use std::{collections::BTreeSet, fs, process::Stdio, time::Duration};

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use sandbox::world::{Addresses, Form, Input, Kind, Limits, Moment, NewRepository, RepositoryId, Role, Target, World};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::{
    Scale,
    mix::{self, Asked, ISSUES},
    row::{Bound, Row, median, rate},
};

const REPOSITORIES: usize = 1_000;

/// What the process of its own tells.
#[derive(Serialize, Deserialize)]
struct Told {
    /// Requests a second.
    rate: f64,
    /// Resident after all was filed.
    megabytes: f64,
}

pub async fn run(scale: Scale) -> Vec<Row> {
    let mut told = Vec::new();
    for _ in 0..scale.pairs() {
        told.push(in_its_own_process::<Told>(scale, "world").await);
    }
    let rate = median(told.iter().map(|told| told.rate));
    let megabytes = median(told.iter().map(|told| told.megabytes));
    vec![
        Row::of_value("played world, mixed requests, one core", rate, "req/s", Bound::AtLeast(50_000.0)),
        Row::of_value("played world, 1,000 × 100 issues, memory", megabytes, "MB", Bound::AtMost(1_000.0)),
    ]
}

/// What this program tells when it is started as `part`.
pub async fn in_its_own_process<T: serde::de::DeserializeOwned>(scale: Scale, part: &str) -> T {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--scale", &scale.share().to_string(), part]).stderr(Stdio::inherit());
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "the process of {part} ended with {}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The process of its own.
pub fn serve(scale: Scale) {
    let mut large = Large::new(scale.of(REPOSITORIES, 10));
    let megabytes = crate::webhooks::memory(std::process::id(), "VmRSS:");
    large.hook();
    let count = scale.of(300_000, 1_000);
    let begin = processor_time();
    for n in 0..count {
        large.ask(&mix::request(n, large.repositories.len()));
    }
    let told = Told { rate: rate(count, processor_time() - begin), megabytes };
    println!("{}", serde_json::to_string(&told).unwrap());
}

/// How long this thread has run.
pub fn processor_time() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}

/// A world with many repositories, each with issues and a webhook.
struct Large {
    world: World,
    token: String,
    repositories: Vec<RepositoryId>,
    now: i64,
}

impl Large {
    fn new(repositories: usize) -> Self {
        let addresses = Addresses { api: "http://127.0.0.1:8480/api/v3".into(), html: "http://127.0.0.1:8480".into() };
        let mut world = World::new(1, addresses);
        world.limit(Limits::NONE);
        let (token, ids) = settle(&mut world, repositories);
        world.take_effects();
        let mut large = Self { world, token, repositories: ids, now: 1_795_348_800_000 };
        for n in 0..repositories * ISSUES {
            large.ask(&mix::issue(n, repositories));
        }
        large
    }

    /// From here on somebody listens to every repository.
    fn hook(&mut self) {
        for repository in &self.repositories {
            let target = Target {
                url: "http://127.0.0.1:9/".into(),
                secret: Some("hush".into()),
                form: Form::Json,
                insecure: false,
            };
            let events = BTreeSet::from(["issues".to_owned(), "issue_comment".to_owned()]);
            self.world.hook(*repository, target, events);
        }
        self.world.take_effects();
    }

    fn ask(&mut self, asked: &Asked) {
        self.now += 1_000;
        let request = Request::builder()
            .method(&asked.method)
            .uri(&asked.path)
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .body(Bytes::from(asked.body.clone()))
            .unwrap();
        let output = self.world.step(Moment::from_millis(self.now), &Input::Request(request));
        let answer = output.answer.unwrap();
        assert!(answer.status().is_success(), "{}: {}", asked.path, String::from_utf8_lossy(answer.body()));
    }
}

/// An organisation with so many repositories, and the token of ada, who administers them.
pub fn settle(world: &mut World, repositories: usize) -> (String, Vec<RepositoryId>) {
    let owner = world.account("acme", Kind::Organization);
    let ada = world.account("ada", Kind::User);
    let ids = (0..repositories).map(|n| {
        world.repository(&NewRepository {
            owner,
            name: &mix::name(n),
            private: false,
            files: &[("index.html", b"<h1>Hello!</h1>\n")],
            collaborators: [(ada, Role::Admin)].into(),
        })
    });
    let ids = ids.collect();
    (world.token(ada), ids)
}
