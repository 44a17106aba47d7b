//! The probe looks at a played site, and tells what it saw there: the commit, not what a deployment says of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test says so by failing")]

mod stage;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{
        cmd::{Deploy, DeployOrder},
        deploy::{Observed, Smoked},
        outcome::{End, Outcome},
    },
    commit::Oid,
    connect::connect,
    envelope, number,
    publish::{Options, Publisher},
};
use conductor::probe::{self, Check, Settings};
use sandbox::{
    faults::{Deployment, Often, Rule, Visit},
    git,
    played::{self, Played},
    world::{Kind, NewCommit, NewRepository, RepositoryId},
};
use stage::{PATIENCE, Stage, until, url};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

struct Town {
    stage: Stage,
    played: Played,
    site: RepositoryId,
    address: String,
    publisher: Publisher,
    cancel: CancellationToken,
    probing: JoinSet<()>,
    _folder: TempDir,
}

impl Town {
    async fn new(settings: Settings) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let (stage, folder) = (Stage::new().await, tempfile::tempdir().unwrap());
        let listener = async || TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let git = git::Settings { path: path(), ..git::Settings::default() };
        let repositories = folder.path().join("repositories");
        let world = played::Settings { listener: listener().await, folder: repositories, seed: 7, git };
        let played = Played::start(world).await.unwrap();
        let site = played.with(|world| {
            let owner = world.account("acme", Kind::Organization);
            let files: &[(&str, &[u8])] = &[("index.html", b"<h1>Hello!</h1>\n")];
            let collaborators = BTreeMap::new();
            world.repository(&NewRepository { owner, name: "hello.site", private: false, files, collaborators })
        });
        let served = played::Site { listener: listener().await, delay: Duration::from_millis(50) };
        let address = played.site(site, served).unwrap().trim_end_matches('/').to_owned();
        let publisher = Publisher::start(&stage.operator, Options::default());
        let cancel = CancellationToken::new();
        let probing = start(&stage, settings, cancel.clone()).await;
        Self { stage, played, site, address, publisher, cancel, probing, _folder: folder }
    }

    fn push(&self, text: &str) -> Oid {
        let commit = self.played.with(|world| {
            let author = world.account("nora", Kind::User);
            let files = [("index.html", Some(text.as_bytes()))];
            world.commit(self.site, "main", &NewCommit { author, message: text, files: &files }).unwrap()
        });
        commit.to_string().parse().unwrap()
    }

    fn trouble(&self, rule: Rule) {
        self.played.faults().add(rule).unwrap();
    }

    async fn order(&self, order: DeployOrder) -> (RecordId, End) {
        let (id, verb) = (RecordId::new(), order.verb());
        let repository = "acme/hello.site".to_owned();
        let (repository_id, url) = (number::RepositoryId(1), self.address.clone());
        let data = Deploy { say: String::new(), repository_id, repository, url, order };
        let envelope = Envelope::new(id, verb.type_name(), "/rig/conductor", envelope::now(), data);
        let (owner, repo) = (Token::of_github_name("acme"), Token::of_github_name("hello.site"));
        let subject = Subject::CmdDeploy { owner, repo, verb: Token::of(verb.name()) };
        self.publisher.publish(Draft::new(subject, &envelope).unwrap()).await.unwrap();
        let end = until("the outcome", async || match self.told::<Outcome>(id, "outcome").await.pop() {
            Some(outcome) => std::ops::ControlFlow::Break(outcome.end),
            None => std::ops::ControlFlow::Continue(()),
        });
        (id, end.await)
    }

    /// What was told because of a command, of one kind of record.
    async fn told<D: serde::de::DeserializeOwned>(&self, command: RecordId, kind: &str) -> Vec<D> {
        let records = self.stage.records().await;
        let mut told = Vec::new();
        for record in &records {
            let (_, envelope) = record.decode().unwrap();
            if envelope.cause == Some(command) && envelope.type_name.contains(kind) {
                told.push(serde_json::from_str(envelope.data.get()).unwrap());
            }
        }
        told
    }

    async fn finish(mut self) {
        self.cancel.cancel();
        tokio::time::timeout(PATIENCE, self.probing.join_next()).await.unwrap().unwrap().unwrap();
        self.played.stop().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the machine's own git")]
fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap()
}

async fn start(stage: &Stage, settings: Settings, cancel: CancellationToken) -> JoinSet<()> {
    let connection = connect(&url(stage.nats.client_address(), "probe"), "probe", PATIENCE).await.unwrap();
    let publisher = Publisher::start(&connection, Options::default());
    let mut probing = JoinSet::new();
    probing.spawn(async move { probe::run(&connection, settings, publisher, &cancel).await.unwrap() });
    probing
}

fn quick() -> Settings {
    let check = |name: &str, path: &str, says: Option<&str>| Check {
        name: name.to_owned(),
        path: path.to_owned(),
        says: says.map(str::to_owned),
    };
    let checks = vec![check("home", "/", Some("Hello")), check("by name", "/?name=Ada", None)];
    Settings {
        checks: BTreeMap::from([("acme/hello.site".to_owned(), checks)]),
        patience: Duration::from_millis(700),
        every: Duration::from_millis(20),
        page: Duration::from_secs(2),
    }
}

/// Landed is not deployed: the commit counts once the site itself tells it (F-087, F-091).
#[tokio::test]
async fn f_087_a_commit_is_observed_where_it_is_served() {
    let town = Town::new(quick()).await;
    let commit = town.push("<h1>Hello, you!</h1>\n");
    let (id, end) = town.order(DeployOrder::Observe { commit, known: None }).await;
    assert!(matches!(end, End::Done { .. }), "{end:?}");
    assert_eq!(town.told::<Observed>(id, "observed").await[0].commit, commit);

    let (id, end) = town.order(DeployOrder::Smoke { commit }).await;
    assert!(matches!(end, End::Done { .. }), "{end:?}");
    let smoked = &town.told::<Smoked>(id, "smoked").await[0];
    assert_eq!(
        (smoked.commit, smoked.checks, smoked.failures.len(), smoked.say.as_str()),
        (commit, 2, 0, format!("smoke 2 of 2 at {}", commit.short()).as_str())
    );
    town.finish().await;
}

/// Two landed before one was looked for, and the target shows the second: that is told as soon as it is seen.
#[tokio::test]
async fn f_094_what_the_target_shows_besides_what_it_is_known_to_show_is_told() {
    let town = Town::new(Settings { patience: PATIENCE * 2, ..quick() }).await;
    let known = town.push("<h1>Hello, one!</h1>\n");
    town.order(DeployOrder::Observe { commit: known, known: None }).await;
    let [first, second] = ["two", "three"].map(|name| town.push(&format!("<h1>Hello, {name}!</h1>\n")));
    town.order(DeployOrder::Observe { commit: second, known: Some(known) }).await;
    let (id, end) = town.order(DeployOrder::Observe { commit: first, known: Some(known) }).await;
    assert!(matches!(end, End::Done { .. }), "{end:?}");
    assert_eq!(town.told::<Observed>(id, "observed").await[0].commit, second);
    town.finish().await;
}

/// A deployment that says it succeeded while the old page is served: what is served counts.
#[tokio::test]
async fn f_091_what_a_deployment_says_is_not_what_a_site_shows() {
    let town = Town::new(quick()).await;
    let first = town.push("<h1>Hello, one!</h1>\n");
    town.order(DeployOrder::Observe { commit: first, known: None }).await;
    let repository = Some("acme/*".to_owned());
    town.trouble(Rule::Deployment { repository, what: Deployment::Stale, often: Often::default() });
    let second = town.push("<h1>Hello, two!</h1>\n");
    let (id, end) = town.order(DeployOrder::Observe { commit: second, known: None }).await;
    let End::Failed { answer } = end else { panic!("{end:?}") };
    assert_eq!(answer, format!("the site still shows {}", first.short()));
    assert_eq!(town.told::<Observed>(id, "observed").await[0].commit, first);
    town.finish().await;
}

/// A page that fails, and a page that does not say what it should, are named; a site that is away is not a failed page.
#[tokio::test]
async fn f_089_what_fails_is_named() {
    let town = Town::new(quick()).await;
    let commit = town.push("<h1>Bye!</h1>\n");
    town.order(DeployOrder::Observe { commit, known: None }).await;
    let (id, _) = town.order(DeployOrder::Smoke { commit }).await;
    assert_eq!(town.told::<Smoked>(id, "smoked").await[0].failures, ["home: / does not say \"Hello\""]);

    let repository = Some("acme/*".to_owned());
    town.trouble(Rule::Visit {
        repository,
        path: "/".to_owned(),
        what: Visit::Silent(5000),
        often: Often::Chance(1.0),
    });
    let begin = Instant::now();
    let (id, end) = town.order(DeployOrder::Smoke { commit }).await;
    let End::Failed { answer } = end else { panic!("{end:?}") };
    assert!(answer.ends_with("/ does not answer in time") || answer.ends_with("cannot be reached"), "{answer}");
    assert!(town.told::<Smoked>(id, "smoked").await.is_empty(), "nothing is said of what was not seen");
    assert!(begin.elapsed() < PATIENCE);
    town.finish().await;
}
