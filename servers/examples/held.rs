//! Starts what it is told to, says in one line of JSON what it has, and holds it until its input ends.
//!
//! The tests of this crate kill it, to see what is left:
//!
//!     held servers HOME | held nats | held postgres | held database | held locate | held install CACHE
#![allow(clippy::unwrap_used, clippy::panic, reason = "it is part of the tests")]

use std::path::Path;

use serde_json::{Value, json};
use servers::{Cache, Lines, Nats, Postgres, Programs, nats, postgres, testing};
use tokio::io::AsyncReadExt;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["servers", home] => servers(Path::new(home)).await,
        ["nats"] => {
            let nats = testing::nats("jetstream {}").await;
            hold(json!({ "pid": nats.pid(), "home": nats.home() })).await;
        }
        ["postgres"] => {
            let postgres = testing::postgres().await;
            hold(json!({ "pid": postgres.pid(), "home": postgres.home() })).await;
        }
        ["database"] => {
            let database = testing::database().await;
            hold(json!({ "url": database.url() })).await;
        }
        ["locate"] => hold(json!({ "cache": Cache::locate().unwrap().place().path })).await,
        ["install", cache] => install(Path::new(cache)).await,
        _ => panic!("held servers HOME | held nats | held postgres | held database | held locate | held install CACHE"),
    }
}

async fn servers(home: &Path) {
    let cache = Cache::locate().unwrap();
    let programs = Programs::find(&Default::default(), &cache, &said()).await.unwrap();
    let nats = nats::Options::new(programs.nats_server, home.join("nats"), "jetstream {}");
    let postgres = postgres::Options::new(programs.postgres_bin, home.join("postgres"));
    let nats = Nats::start(nats).await.unwrap();
    let postgres = Postgres::start(postgres).await.unwrap();
    hold(json!({
        "nats": nats.pid(),
        "nats_url": nats.client_url(),
        "postgres": postgres.pid(),
        "postgres_url": postgres.url(),
    }))
    .await;
}

async fn install(cache: &Path) {
    let cache = Cache::at(cache).unwrap();
    let place = cache.place();
    let program = cache.nats_server(&said()).await.map_err(|error| error.to_string());
    hold(json!({ "cache": place.path, "instead": place.sentence(), "program": program })).await;
}

fn said() -> Lines {
    Lines::to(|line| eprintln!("{line}"))
}

async fn hold(what: Value) {
    println!("{what}");
    tokio::io::stdin().read_to_end(&mut Vec::new()).await.unwrap();
}
