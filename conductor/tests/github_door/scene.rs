//! A played GitHub with our three Apps, a rig's channel, and the door between them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{
        cmd::{Github, GithubOrder},
        outcome::{End, Outcome},
    },
    commit::Oid,
    connect::connect,
    envelope, number,
    publish::{Options, Publisher},
    read::{Reader, Start},
};
use conductor::github::{
    client::{Client, Identity},
    outbound::{self, Principals},
};
use sandbox::{
    faults::{Often, Rule, Trouble},
    git,
    played::{Played, Settings},
    world::{Access, Kind, NewApp, NewCommit, NewRepository, Permission, RepositoryId, Role, Target},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::stage::{PATIENCE, Stage, url};

const KEY: &str = include_str!("../../../sandbox/tests/world/keys/one.pem");
const PUBLIC_KEY: &str = include_str!("../../../sandbox/tests/world/keys/one.pub.pem");
pub(crate) const REPOSITORY: &str = "acme/hello.site";

/// What the repository's checks are.
const CI: &[u8] = b"[check.build]\nrun = \"true\"\non = [\"pull_request\"]\n";

pub(crate) struct Scene {
    stage: Stage,
    played: Played,
    site: RepositoryId,
    /// Nora's token: she may push.
    nora: String,
    principals: Arc<Principals>,
    publisher: Publisher,
    cancel: CancellationToken,
    door: JoinSet<()>,
    client: reqwest::Client,
    _folder: TempDir,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let stage = Stage::new().await;
        let folder = tempfile::tempdir().unwrap();
        let played = played(&folder).await;
        let (site, nora) = settle(&played);
        let principals = Arc::new(principals(&played));
        let publisher = Publisher::start(&stage.operator, Options::default());
        let cancel = CancellationToken::new();
        let door = open(&stage, Arc::clone(&principals), cancel.clone()).await;
        Self {
            stage,
            played,
            site,
            nora,
            principals,
            publisher,
            cancel,
            door,
            client: reqwest::Client::new(),
            _folder: folder,
        }
    }

    /// Orders, and waits for the outcome.
    pub(crate) async fn order(&self, order: GithubOrder) -> End {
        self.order_as(RecordId::new(), order).await
    }

    /// Orders; the outcome is lost, so the same command is carried out once more by a door that knows nothing of it.
    pub(crate) async fn order_twice(&self, order: GithubOrder) -> End {
        let id = RecordId::new();
        let first = self.order_as(id, order.clone()).await;
        let second = outbound::carry_out(&self.principals, id, &wrapped(order)).await;
        assert_eq!(first, second, "it ends as the first did");
        first
    }

    async fn order_as(&self, id: RecordId, order: GithubOrder) -> End {
        let verb = order.verb();
        let data = wrapped(order);
        let envelope = Envelope::new(id, verb.type_name(), "/rig/conductor", envelope::now(), data);
        let (owner, repo) = REPOSITORY.split_once('/').unwrap();
        let (owner, repo) = (Token::of_github_name(owner), Token::of_github_name(repo));
        let subject = Subject::CmdGithub { owner, repo, verb: Token::of(verb.name()) };
        let stored = self.publisher.publish(Draft::new(subject, &envelope).unwrap()).await.unwrap();
        let mut reader = Reader::open(&self.stage.operator, Start::Sequence(stored.sequence), &[]).await.unwrap();
        loop {
            let record = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
            let (_, envelope) = record.decode().unwrap();
            if envelope.id == id.outcome() {
                return envelope.open::<Outcome>().unwrap().end;
            }
        }
    }

    /// Nora pushes a file to a branch.
    pub(crate) fn push(&self, branch: &str, path: &str, content: &str) -> Oid {
        self.push_as("nora", branch, path, content)
    }

    /// Likewise, somebody.
    pub(crate) fn push_as(&self, who: &str, branch: &str, path: &str, content: &str) -> Oid {
        let commit = self.played.with(|world| {
            let author = world.account(who, Kind::User);
            let files = [(path, Some(content.as_bytes()))];
            world.commit(self.site, branch, &NewCommit { author, message: "Change it", files: &files }).unwrap()
        });
        commit.to_string().parse().unwrap()
    }

    pub(crate) fn head(&self, branch: &str) -> Oid {
        self.played.with(|world| world.branch(self.site, branch)).unwrap().to_string().parse().unwrap()
    }

    pub(crate) async fn commits(&self, branch: &str) -> usize {
        self.get(&format!("commits?sha={branch}")).await.as_array().unwrap().len()
    }

    /// What GitHub shows of the repository, to nora.
    pub(crate) async fn get(&self, rest: &str) -> Value {
        let answer = self.client.get(self.address(rest)).bearer_auth(&self.nora).send().await.unwrap();
        assert!(answer.status().is_success(), "{rest}: {}", answer.status());
        answer.json().await.unwrap()
    }

    pub(crate) async fn comment(&self, issue: u64, body: &str) {
        let request = self.client.post(self.address(&format!("issues/{issue}/comments"))).bearer_auth(&self.nora);
        assert!(request.json(&json!({ "body": body })).send().await.unwrap().status().is_success());
    }

    fn address(&self, rest: &str) -> String {
        format!("{}/repos/{REPOSITORY}/{rest}", self.played.addresses().api)
    }

    /// The token of the next request dies with it.
    pub(crate) fn expire_tokens(&self) {
        let path = "/repos/**".to_owned();
        let rule =
            Rule::Request { method: Some("POST".into()), path, what: Trouble::TokenDies, often: Often::default() };
        self.played.faults().add(rule).unwrap();
    }

    /// The next such request is done, and its answer lost.
    pub(crate) fn lose_one_answer(&self, method: &str, path: &str) {
        let (method, path) = (Some(method.to_owned()), path.to_owned());
        let rule = Rule::Request { method, path, what: Trouble::SilentAfter(50), often: Often::default() };
        self.played.faults().add(rule).unwrap();
    }

    /// The next such request is refused: too much was written.
    pub(crate) fn limit_once(&self, method: &str, path: &str) {
        let (method, path) = (Some(method.to_owned()), path.to_owned());
        let rule = Rule::Request { method, path, what: Trouble::Limited(60), often: Often::default() };
        self.played.faults().add(rule).unwrap();
    }

    /// Nothing was given up, and no task has died.
    pub(crate) async fn finish(mut self) {
        let dead = self.stage.records().await.into_iter().filter(|record| record.subject.starts_with("rig.evt.dead."));
        assert_eq!(dead.map(|record| String::from_utf8_lossy(&record.body).into_owned()).collect::<Vec<_>>(), [""; 0]);
        self.cancel.cancel();
        tokio::time::timeout(PATIENCE, self.door.join_next()).await.unwrap().unwrap().unwrap();
        self.played.stop().await;
    }
}

fn wrapped(order: GithubOrder) -> Github {
    let repository_id = number::RepositoryId(1);
    Github { say: String::new(), repository_id, repository: REPOSITORY.to_owned(), order }
}

pub(crate) async fn played(folder: &TempDir) -> Played {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let git = git::Settings { path: path(), ..git::Settings::default() };
    Played::start(Settings { listener, folder: folder.path().join("repositories"), seed: 7, git }).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the machine's own git")]
fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap()
}

pub(crate) fn settle(played: &Played) -> (RepositoryId, String) {
    played.with(|world| {
        let acme = world.account("acme", Kind::Organization);
        let nora = world.account("nora", Kind::User);
        let site = world.repository(&NewRepository {
            owner: acme,
            name: "hello.site",
            private: false,
            files: &[("index.html", b"<h1>Hello!</h1>\n"), (".ci.toml", CI)],
            collaborators: BTreeMap::from([(nora, Role::Write)]),
        });
        (site, world.token(nora))
    })
}

/// One App a role, each installed on acme.
pub(crate) fn principals(played: &Played) -> Principals {
    principals_told(played, None)
}

/// What an App is told of.
const EVENTS: [&str; 7] =
    ["check_run", "issue_comment", "issues", "pull_request", "pull_request_review", "push", "status"];

/// Likewise; the conductor's has a webhook.
pub(crate) fn principals_told(played: &Played, hook: Option<Target>) -> Principals {
    let client = |name: &str, hook: Option<Target>| {
        let app = played.with(|world| {
            let owner = world.account("acme", Kind::Organization);
            let may = [
                Permission::Checks,
                Permission::Contents,
                Permission::Issues,
                Permission::Metadata,
                Permission::PullRequests,
                Permission::RepositoryHooks,
                Permission::Workflows,
            ];
            let permissions = BTreeMap::from(may.map(|permission| (permission, Access::Write)));
            let events = EVENTS.map(str::to_owned).into();
            let new = NewApp { name, owner, permissions, events, hook, public_key: PUBLIC_KEY };
            let app = world.app(new).unwrap();
            world.install(app, owner).unwrap();
            app
        });
        let identity = Identity { app: app.0, key: KEY.as_bytes().to_vec(), login: format!("{name}[bot]") };
        Client::new(played.addresses().api.as_str(), &identity).unwrap()
    };
    let (implementer, reviewer) = (client("dev-e", None), client("review-e", None));
    Principals { implementer, reviewer, conductor: client("conductor-e", hook) }
}

async fn open(stage: &Stage, principals: Arc<Principals>, cancel: CancellationToken) -> JoinSet<()> {
    let connection = connect(&url(stage.nats.client_address(), "github"), "github", PATIENCE).await.unwrap();
    let publisher = Publisher::start(&connection, Options { wait: Duration::from_secs(30), ..Options::default() });
    let mut door = JoinSet::new();
    door.spawn(async move { outbound::run(&connection, principals, publisher, &cancel).await.unwrap() });
    door
}
