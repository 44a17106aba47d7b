//! The projector working off what has piled up, against the same rows inserted by hand.

use std::time::Instant;

use bus::{
    Draft,
    connect::Connection,
    publish::{Options, Publisher},
};
use futures::future::try_join_all;
use store::projector;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    Scale,
    drafts::{webhook, words},
    row::{Bound, Row, rate},
    rows::{BATCH, Database, Rows, Server},
    stage::Stage,
};

pub async fn run(scale: Scale) -> Vec<Row> {
    let server = Server::new().await;
    let each = Each { server: &server, scale };
    vec![
        each.measure("projector drain, words of 1 KiB", scale.of(80_000, 256), || words(1 << 10)).await,
        each.measure("projector drain, webhooks of 8 KiB", scale.of(24_000, 256), || webhook((8 << 10) - 600)).await,
    ]
}

struct Each<'a> {
    server: &'a Server,
    scale: Scale,
}

impl Each<'_> {
    async fn measure(&self, name: &'static str, count: usize, draft: impl Fn() -> Draft) -> Row {
        let stage = Stage::new().await;
        pile_up(&stage.connection, count, draft).await;
        let connection = stage.connect_as("projector").await;
        let mut pairs = Vec::new();
        for _ in 0..self.scale.pairs() {
            let database = self.server.database().await;
            let ours = drain(&connection, &database, count).await;
            let rows = Rows::of(&database, BATCH).await;
            let raw = rows.insert_into(&self.server.database().await).await;
            pairs.push((ours, rate(count, raw)));
        }
        Row::of_pairs(name, "rec/s", "raw inserts of 1024", &pairs, Bound::AtLeast(0.7))
    }
}

/// Publishes this many records.
pub async fn pile_up(connection: &Connection, count: usize, draft: impl Fn() -> Draft) {
    let publisher = Publisher::start(connection, Options::default());
    for begun in (0..count).step_by(1024) {
        let drafts = (begun..count.min(begun + 1024)).map(|_| publisher.publish(draft()));
        try_join_all(drafts).await.unwrap();
    }
}

/// From the projector's start to the commit of the last row: how many records a second that were.
async fn drain(connection: &Connection, database: &Database, count: usize) -> f64 {
    let mut commits = database.commits().await;
    let (own, store, cancel) = (connection.clone(), database.store.clone(), CancellationToken::new());
    let publisher = Publisher::start(connection, Options::default());
    let mut working = JoinSet::new();
    let begin = Instant::now();
    let stop = cancel.clone();
    working.spawn(async move { projector::run(&own, &store, publisher, stop).await });
    commits.reach(count as u64).await;
    let took = begin.elapsed();
    cancel.cancel();
    working.join_all().await;
    rate(count, took)
}
