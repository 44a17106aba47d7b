//! One agent as a process of its own, to be killed: what it needs stands as one JSON document on its standard input.
#![allow(clippy::unwrap_used, missing_docs, reason = "for tests")]

use std::{path::PathBuf, time::Duration};

use agents::{
    Character,
    git::{self, Identity},
    git_door::{Credential, Secret},
    runtime::{self, Agent, Github, Pace},
    workspace::Workspace,
};
use bus::{
    connect::connect,
    publish::{Options, Publisher},
};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

#[derive(Deserialize)]
struct Wanted {
    url: String,
    character: String,
    folder: PathBuf,
    host: String,
    api: String,
    token: String,
    path: String,
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let Wanted { url, character, folder, host, api, token, path } = serde_json::from_reader(std::io::stdin()).unwrap();
    let author = Identity { name: "dev-e".to_owned(), email: "dev-e@example.com".to_owned() };
    let git = git::Settings { program: "git".into(), path: path.into(), time: Duration::from_secs(60), author };
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let agent = Agent {
        character: Character::parse(&character).unwrap(),
        workspace: Workspace { folder, git },
        github: Github { host, api, credential: Credential::Token(Secret::new(token)), client },
        pace: Pace { next: Duration::from_millis(200), ..Pace::default() },
    };
    let connection = connect(&url, "agent", Duration::from_secs(30)).await.unwrap();
    let publisher = Publisher::start(&connection, Options { batches: false, ..Options::default() });
    runtime::run(&connection, &publisher, &agent, &CancellationToken::new()).await.unwrap();
}
