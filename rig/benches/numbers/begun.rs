//! From an offer that is stored to the first turn of the agent that takes it, against one flushed publish. In between lie
//! the claim, the conductor's word, what GitHub tells of the issue and of its branches, and a working tree.
//!
//! A turn begins at the moment that its record in TRACE tells, by the clock that dated the offer. What the brain's program
//! needs to start is its own: here a shell, elsewhere something that takes a second.

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use agents::{
    Character,
    character::DEV_E,
    git::{self, Identity},
    git_door::{Credential, Secret},
    runtime::{self, Agent, Github, Pace},
    workspace::Workspace,
};
use async_nats::Subscriber;
use bus::{
    Envelope,
    catalogue::{cmd::Offer, trace::Turn},
    publish::{Options, Publisher},
    read::{Reader, Start},
};
use futures::StreamExt;
use sandbox::{
    played::Played,
    world::{Kind, NewRepository, Role},
};
use servers::testing;
use time::OffsetDateTime;
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    Scale,
    arrival::{millis, publishes},
    drafts::webhook_of,
    led::Led,
    played::played,
    raw::{self, Message},
    row::{Bound, Row, p99},
    stage::{AGENT, Stage},
};

const SIZE: usize = 6 << 10;
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn run(scale: Scale) -> Vec<Row> {
    let (stage, home) = (Stage::new().await, testing::home());
    let played = played(&home.path().join("played")).await;
    let (count, times) = (scale.of(300, 3), scale.pairs().min(3));
    let token = seeded(&played, count * times).await;
    let mut working = JoinSet::new();
    let (connection, agent) = (stage.connect_as(AGENT).await, agent(home.path(), &played, token));
    working.spawn(async move {
        let publisher = Publisher::start(&connection, Options { batches: false, ..Options::default() });
        runtime::run(&connection, &publisher, &agent, &CancellationToken::new()).await.unwrap();
    });
    let mut conductor = Led::start(&stage.connection, 1);
    conductor.leads().await;
    let mut turns = stage.connection.client().subscribe(format!("rig.trace.{AGENT}.>")).await.unwrap();
    let mut pairs = Vec::new();
    for time in 0..times {
        let mut took = Vec::new();
        for number in time * count + 1..=(time + 1) * count {
            took.push(first_turn(&stage, &mut turns, number).await);
        }
        pairs.push((millis(p99(took)), millis(publishes(&stage, count).await)));
    }
    working.shutdown().await;
    played.stop().await;
    vec![Row::of_pairs("offer to first turn, p99", "ms", "raw publish p99", &pairs, Bound::AtMost(8.0))]
}

/// Files an issue, and waits until its run was claimed to have ended; how long it was until it began.
async fn first_turn(stage: &Stage, turns: &mut Subscriber, number: usize) -> Duration {
    let filters = ["rig.cmd.agent.>", "rig.evt.agent.*.gave_up"].map(str::to_owned);
    let mut reader = Reader::open(&stage.connection, Start::New, &filters).await.unwrap();
    raw::one(stage.connection.client(), Message::from(&webhook_of(number, SIZE))).await;
    let offered = timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
    assert!(offered.subject.starts_with("rig.cmd.agent."), "{}", offered.subject);
    let offer: Offer = offered.decode().unwrap().1.open().unwrap();
    timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
    let began = timeout(PATIENCE, begins(turns, &offer)).await.unwrap();
    Duration::try_from(began - offered.stored_at).unwrap()
}

/// When the first turn of this run began, as its record says.
async fn begins(turns: &mut Subscriber, offer: &Offer) -> OffsetDateTime {
    loop {
        let told = turns.next().await.unwrap();
        let envelope: Envelope<'_, Turn> = serde_json::from_slice(&told.payload).unwrap();
        let Turn { fence, turn, end, .. } = envelope.data;
        if fence == offer.fence && end.is_none() {
            assert_eq!(turn, 1);
            return envelope.time;
        }
    }
}

/// A world with a repository and its issues; the token of who works there.
async fn seeded(played: &Played, issues: usize) -> String {
    let token = played.with(|world| {
        let acme = world.account("acme", Kind::Organization);
        let dev = world.account("dev", Kind::User);
        world.repository(&NewRepository {
            owner: acme,
            name: "hello.site",
            private: true,
            files: &[("index.html", b"<h1>Hello!</h1>\n")],
            collaborators: BTreeMap::from([(dev, Role::Write)]),
        });
        world.token(dev)
    });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("{}/repos/acme/hello.site/issues", played.addresses().api);
    for n in 1..=issues {
        let issue = serde_json::json!({ "title": format!("Issue {n}") });
        let answer = client.post(&address).bearer_auth(&token).json(&issue).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }
    token
}

/// An agent whose program gives up.
fn agent(home: &Path, played: &Played, token: String) -> Agent {
    let program = home.join("brain");
    let script = "#!/bin/sh\ncat > /dev/null\necho '{\"outcome\":\"gave_up\",\"say\":\"measured\"}'\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut character: toml_edit::DocumentMut = DEV_E.parse().unwrap();
    let mut brain = toml_edit::Table::new();
    brain.insert("kind", toml_edit::value("command"));
    brain.insert("program", toml_edit::value(program.to_str().unwrap()));
    character.insert("brain", toml_edit::Item::Table(brain));
    let author = Identity { name: "dev".to_owned(), email: "dev@example.com".to_owned() };
    let path = std::env::var_os("PATH").unwrap();
    let addresses = played.addresses();
    Agent {
        character: Character::parse(&character.to_string()).unwrap(),
        workspace: Workspace {
            folder: home.join("agent"),
            git: git::Settings { program: "git".into(), path, time: Duration::from_secs(60), author },
        },
        github: Github {
            host: addresses.html.clone(),
            api: addresses.api.clone(),
            credential: Credential::Token(Secret::new(token)),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        },
        pace: Pace::default(),
    }
}
