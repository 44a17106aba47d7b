//! A channel, a played GitHub, somebody who answers whether to go on, and agents.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "shared by tests"
)]

mod wire;

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use agents::{
    Character,
    git::{self, Identity},
    git_door::{Credential, Secret, Wanted},
    runtime::{self, Agent, Github, Pace},
    workspace::Workspace,
};
use async_nats::jetstream::consumer::{FromConsumer, PullConsumer, pull};
use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    accounts::{self, Password, User},
    catalogue::{
        Kind as RecordKind,
        agent::{Alive, Failed, Failure, Fence, Finished, GaveUp, Outcome, Progressed, Verdict},
        cmd::{Offer, Verb},
        trace::Turn,
        work::{About, Task},
    },
    commit::Oid,
    connect::{Connection, connect},
    envelope::now,
    number::{IssueNumber, PullNumber, RepositoryId},
    publish::{self, Publisher},
    read::{Reader, Start},
    roles::{Name, Role, Skill},
    service::{
        self,
        run::{Ask, Done, Kept, Load, Next, Park, SERVICE, Save, Word},
    },
    stream::{self, Overrides},
};
use futures::{FutureExt, StreamExt};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sandbox::{
    faults::{Often, Rule, Trouble},
    played::{Played, Settings},
    world::{Access as AppAccess, Kind, NewApp, NewCommit, NewRepository, Permission, Role as Access},
};
use serde_json::{Value, json};
use servers::{
    nats::Nats,
    testing::{self, Owned},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use self::wire::Wire;

pub const PATIENCE: Duration = Duration::from_secs(40);
pub const REPOSITORY: &str = "acme/hello.site";

/// Who may go on: everybody who is not named here.
#[derive(Clone, Default)]
pub struct Words(Arc<Mutex<Said>>);

#[derive(Default)]
struct Said {
    next: HashMap<RecordId, Next>,
    asked: Vec<(String, Fence)>,
    /// What people said of a run.
    words: HashMap<RecordId, Vec<Word>>,
    /// What runs keep.
    kept: HashMap<RecordId, Value>,
    parked: Vec<Park>,
}

impl Words {
    pub fn say(&self, run: RecordId, next: Next) {
        self.0.lock().unwrap().next.insert(run, next);
    }

    pub fn stop(&self, run: RecordId) {
        self.say(run, Next::Stop { reason: "an operator said so".to_owned() });
    }

    /// Somebody says something to a run.
    pub fn tell(&self, run: RecordId, who: &str, say: &str) {
        let word = Word { id: RecordId::new(), who: who.to_owned(), say: say.to_owned() };
        self.0.lock().unwrap().words.entry(run).or_default().push(word);
    }

    /// What a run keeps now.
    pub fn kept(&self, run: RecordId) -> Value {
        self.0.lock().unwrap().kept.get(&run).cloned().unwrap_or_default()
    }

    /// The offers that were handed in.
    pub fn parked(&self) -> Vec<Park> {
        self.0.lock().unwrap().parked.clone()
    }

    fn next(&self, asker: String, Ask { fence, after }: Ask) -> Next {
        let mut said = self.0.lock().unwrap();
        said.asked.push((asker, fence));
        if let Some(next) = said.next.get(&fence.run) {
            return next.clone();
        }
        let words = said.words.get(&fence.run).cloned().unwrap_or_default();
        let known = words.iter().position(|word| Some(word.id) == after).map_or(0, |at| at + 1);
        Next::Go { say: words[known..].to_vec() }
    }

    /// Who asked about a run, in order.
    pub fn askers(&self, run: RecordId) -> Vec<String> {
        let said = self.0.lock().unwrap();
        said.asked.iter().filter(|(_, fence)| fence.run == run).map(|(name, _)| name.clone()).collect()
    }
}

pub struct Stage {
    pub nats: Owned<Nats>,
    pub operator: Connection,
    pub played: Played,
    pub folder: TempDir,
    pub words: Words,
    /// How often agents say that they live.
    pub alive: Duration,
    site: sandbox::world::RepositoryId,
    pub tokens: HashMap<String, String>,
    /// What agents prove themselves with, where it is not a token that stays.
    pub credential: Option<Credential>,
    publisher: Publisher,
    client: reqwest::Client,
    tasks: JoinSet<()>,
    cancel: CancellationToken,
}

impl Stage {
    pub async fn new() -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().unwrap();
        let users = users();
        let nats = testing::nats(&format!("{}{}", accounts::SERVER, accounts::render(&users).unwrap())).await;
        let operator = connect(&url(&nats, "operator"), "test", PATIENCE).await.unwrap();
        stream::apply(&operator.jetstream(), &Overrides::default()).await.unwrap();
        for user in &users {
            stream::add_durable(&operator.jetstream(), &user.role, &user.name).await.unwrap();
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let git = sandbox::git::Settings { path: path(), ..sandbox::git::Settings::default() };
        let world = Settings { listener, folder: folder.path().join("played"), seed: 7, git };
        let played = Played::start(world).await.unwrap();
        let (site, tokens) = played.with(seeded);
        let publisher = Publisher::start(&operator, publish::Options::default());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let words = Words::default();
        let mut tasks = JoinSet::new();
        let conductor = connect(&url(&nats, "conductor"), "test", PATIENCE).await.unwrap();
        tasks.spawn(answer(conductor, words.clone()));
        let cancel = CancellationToken::new();
        Self {
            nats,
            operator,
            played,
            folder,
            words,
            alive: Pace::default().alive,
            site,
            tokens,
            credential: None,
            publisher,
            client,
            tasks,
            cancel,
        }
    }

    /// Starts an agent as its user.
    pub async fn agent(&mut self, character: &str) -> CancellationToken {
        let agent = self.made(character);
        let connection = connect(&url(&self.nats, agent.character.name.as_str()), "agent", PATIENCE).await.unwrap();
        let cancel = self.cancel.child_token();
        let ended = cancel.clone();
        self.tasks.spawn(async move {
            let publisher = Publisher::start(&connection, publish::Options { batches: false, ..Default::default() });
            runtime::run(&connection, &publisher, &agent, &ended).await.unwrap();
        });
        cancel
    }

    fn made(&self, character: &str) -> Agent {
        let character = Character::parse(character).unwrap();
        let login = if character.role == agents::character::Role::Implementer { "dev" } else { "review" };
        let author = Identity { name: login.to_owned(), email: format!("{login}@example.com") };
        let git = git::Settings { program: "git".into(), path: path(), time: Duration::from_secs(60), author };
        let token = || Credential::Token(Secret::new(self.tokens[login].clone()));
        let credential = self.credential.clone().unwrap_or_else(token);
        Agent {
            workspace: Workspace { folder: self.home(character.name.as_str()), git },
            github: Github {
                host: self.played.addresses().html.clone(),
                api: self.played.addresses().api.clone(),
                credential,
                client: self.client.clone(),
            },
            pace: Pace { alive: self.alive, next: Duration::from_millis(100), progress: Duration::from_millis(200) },
            character,
        }
    }

    /// The folder of an agent.
    pub fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join("agents").join(name)
    }

    /// What an agent in a process of its own is told.
    pub fn wanted(&self, name: &str, character: &str) -> Value {
        json!({
            "url": url(&self.nats, name),
            "character": character,
            "folder": self.home(name),
            "host": self.played.addresses().html,
            "api": self.played.addresses().api,
            "token": self.tokens["dev"],
            "path": path().into_string().unwrap(),
        })
    }

    /// Where an agent has the channel, over a wire that can be cut.
    pub fn url_over(&self, wire: &Wire, name: &str) -> String {
        url_at(wire.address, name)
    }

    pub async fn ask(&self, method: http::Method, path: &str, body: Option<Value>) -> Value {
        let address = format!("{}/repos/{REPOSITORY}{path}", self.played.addresses().api);
        let mut request = self.client.request(method, address).bearer_auth(&self.tokens["dev"]);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// GitHub answers 502 to so many readings of such a path.
    pub fn stumble(&self, path: &str, times: u64) {
        self.refuse(path, 502, times);
    }

    /// GitHub answers so to so many readings of such a path.
    pub fn refuse(&self, path: &str, status: u16, times: u64) {
        let (method, path) = (Some("GET".to_owned()), path.to_owned());
        let rule = Rule::Request { method, path, what: Trouble::Status(status), often: Often::Times(times) };
        self.played.faults().add(rule).unwrap();
    }

    /// Installs an App that may do this.
    pub fn app(&self, name: &str, may: &[(Permission, AppAccess)]) -> App {
        let (app, installation) = self.played.with(|world| {
            let (owner, permissions) = (world.account("acme", Kind::Organization), may.iter().copied().collect());
            let public_key = include_str!("../../../sandbox/tests/world/keys/one.pub.pem");
            let new = NewApp { name, owner, permissions, events: [].into(), hook: None, public_key };
            let app = world.app(new).unwrap();
            (app.0, world.install(app, owner).unwrap())
        });
        let address = format!("{}/app/installations/{installation}/access_tokens", self.played.addresses().api);
        App { app, address, client: self.client.clone(), ..App::default() }
    }

    /// How often it did so.
    pub fn stumbles(&self) -> u64 {
        self.played.faults().rules().map(|(_, times)| times).sum()
    }

    /// Files an issue.
    pub async fn issue(&self, title: &str, body: &str) -> IssueNumber {
        let issue = self.ask(http::Method::POST, "/issues", Some(json!({"title": title, "body": body}))).await;
        IssueNumber(issue["number"].as_u64().unwrap())
    }

    /// An offer of an issue, not yet put before anybody.
    pub fn offer(&self, number: IssueNumber, title: &str, task: Task, generation: u32) -> Offer {
        let run = RecordId::of_delivery(&format!("{number} {generation}"));
        let repository_id = RepositoryId(1);
        Offer {
            say: format!("build {number}"),
            fence: Fence { run, generation },
            item: About { repository_id, repository: REPOSITORY.to_owned(), number, title: title.to_owned() },
            task,
            attempt: u8::try_from(generation).unwrap(),
            branch: format!("rig/{}-words", number.0),
            base: "main".to_owned(),
            pull: None,
        }
    }

    pub async fn put(&self, offer: &Offer) {
        let role = if matches!(offer.task, Task::Review { .. }) { "reviewer" } else { "implementer" };
        self.put_as(role, offer.fence.run, offer).await;
    }

    /// Puts what may be no offer before the agents of a role.
    pub async fn put_as<D: serde::Serialize>(&self, role: &str, run: RecordId, offer: D) {
        let subject = Subject::CmdAgent { role: Token::of(role), pool: Token::of("linux"), verb: Token::of("offer") };
        let kind = RecordKind::Command(Verb::Offer).type_name();
        let envelope = Envelope::new(run.named("offer"), kind, "/rig/test", now(), offer);
        self.publisher.publish(Draft::new(subject, &envelope).unwrap()).await.unwrap();
    }

    /// Files, offers, and waits for the end.
    pub async fn built(&self, title: &str) -> (Offer, End) {
        let number = self.issue(title, "").await;
        let offer = self.offer(number, title, Task::Build, 1);
        self.put(&offer).await;
        let end = self.end(&offer).await;
        (offer, end)
    }

    /// What agents said so far: who, the record's type, its data.
    pub async fn said(&self) -> Vec<(String, String, Value)> {
        let last = self.operator.jetstream().get_stream("LOG").await.unwrap().cached_info().state.last_sequence;
        let mut reader = Reader::open(&self.operator, Start::Sequence(1), &[]).await.unwrap();
        let mut said = Vec::new();
        loop {
            let record = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
            let (subject, envelope) = record.decode().unwrap();
            if let Subject::Agent { name, .. } = subject {
                said.push((name.text().unwrap(), envelope.type_name.to_string(), envelope.open().unwrap()));
            }
            if record.sequence >= last {
                return said;
            }
        }
    }

    /// The turns of a run, as they are recorded.
    pub async fn turns(&self, agent: &str, run: RecordId) -> Vec<Turn> {
        let trace = self.operator.jetstream().get_stream("TRACE").await.unwrap();
        let subject = format!("rig.trace.{agent}.{run}");
        let config = pull::OrderedConfig { filter_subject: subject, ..pull::OrderedConfig::default() };
        let consumer = trace.create_consumer(config).await.unwrap();
        let count = usize::try_from(consumer.cached_info().num_pending).unwrap();
        let turns = consumer.messages().await.unwrap().take(count);
        turns
            .map(|turn| {
                let payload = turn.unwrap().payload.clone();
                let envelope: Envelope<'_, Value> = serde_json::from_slice(&payload).unwrap();
                assert_eq!(envelope.type_name, "rig.trace.turn.v1");
                serde_json::from_value(envelope.data).unwrap()
            })
            .collect()
            .await
    }

    /// The ends that were claimed of a run.
    pub async fn ends(&self, run: RecordId) -> Vec<End> {
        let said = self.said().await;
        let of_run = said.into_iter().filter(|(_, _, data)| data["run"] == json!(run));
        of_run.filter_map(|(who, kind, data)| End::of(who, &kind, data)).collect()
    }

    pub async fn end(&self, offer: &Offer) -> End {
        let mut found = None;
        until("the run ends", async || {
            found = self.ends(offer.fence.run).await.pop();
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// What a run said on its way.
    pub async fn progress(&self, run: RecordId) -> Vec<String> {
        let said = self.said().await.into_iter().filter(|(_, kind, _)| kind == "rig.agent.progressed.v1");
        let words = said.map(|(_, _, data)| serde_json::from_value::<Progressed>(data).unwrap());
        words.filter(|words| words.fence.run == run).map(|words| words.say).collect()
    }

    pub async fn lives(&self) -> Vec<(String, Alive)> {
        let said = self.said().await.into_iter().filter(|(_, kind, _)| kind == "rig.agent.alive.v1");
        said.map(|(who, _, data)| (who, serde_json::from_value(data).unwrap())).collect()
    }

    /// Waits until every offer is acknowledged.
    pub async fn until_acknowledged(&self) {
        until("every offer is acknowledged", async || {
            let info = self.consumer().await.get_info().await.unwrap();
            info.num_pending == 0 && info.num_ack_pending == 0
        })
        .await;
    }

    async fn consumer(&self) -> PullConsumer {
        self.operator.jetstream().get_consumer_from_stream("agent-implementer-linux", "LOG").await.unwrap()
    }

    /// As if less time had to pass before an offer without a sign of work is given to another.
    pub async fn ack_wait(&self, wait: Duration) {
        let mut config = self.consumer().await.cached_info().config.clone();
        config.ack_wait = wait;
        let config = pull::Config::try_from_consumer_config(config).unwrap();
        self.operator.jetstream().get_stream("LOG").await.unwrap().update_consumer(config).await.unwrap();
    }

    /// Our branches on GitHub, and their heads.
    pub fn branches(&self) -> BTreeMap<String, Oid> {
        let references = self.played.with(|world| world.references(self.site).unwrap().clone());
        let ours = references.into_iter().filter_map(|(name, oid)| {
            Some((name.strip_prefix("refs/heads/rig/").map(|name| format!("rig/{name}"))?, oid.to_string()))
        });
        ours.map(|(name, oid)| (name, oid.parse().unwrap())).collect()
    }

    /// The message of a commit on GitHub.
    pub async fn message(&self, head: Oid) -> String {
        self.ask(http::Method::GET, &format!("/commits/{head}"), None).await["commit"]["message"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The names of a commit's files on GitHub.
    pub async fn files(&self, head: Oid) -> Vec<String> {
        let tree = self.ask(http::Method::GET, &format!("/git/trees/{head}?recursive=1"), None).await;
        tree["tree"].as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap().to_owned()).collect()
    }

    /// Somebody else commits to a branch.
    pub fn commit(&self, branch: &str, path: &str, text: &str) -> Oid {
        let oid = self.played.with(|world| {
            let author = world.account("ada", Kind::User);
            let files = [(path, Some(text.as_bytes()))];
            world.commit(self.site, branch, &NewCommit { author, message: path, files: &files }).unwrap()
        });
        oid.to_string().parse().unwrap()
    }

    pub async fn pull(&self, branch: &str) -> PullNumber {
        let new = json!({"title": "Change", "head": branch, "base": "main"});
        let pull = self.ask(http::Method::POST, "/pulls", Some(new)).await;
        PullNumber(pull["number"].as_u64().unwrap())
    }

    /// A program of the test's own.
    pub fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Ends every agent, and sees that none died before and none left a folder.
    pub async fn finish(mut self) {
        self.cancel.cancel();
        while let Some(ended) = tokio::time::timeout(Duration::from_secs(20), async {
            // The last one answers whether to go on, and ends with its connection.
            if self.tasks.len() > 1 { self.tasks.join_next().await } else { None }
        })
        .await
        .unwrap()
        {
            ended.unwrap();
        }
        self.played.stop().await;
    }
}

/// An App that asks for tokens whenever it is to have one.
#[derive(Clone, Default)]
pub struct App {
    app: u64,
    address: String,
    client: reqwest::Client,
    given: Arc<Mutex<Vec<String>>>,
    /// How many seconds GitHub's clock is ahead of the machine's.
    pub ahead: Arc<AtomicI64>,
}

impl App {
    /// A new token.
    pub async fn token(&self) -> String {
        let now = now().unix_timestamp() + self.ahead.load(Ordering::SeqCst);
        let claims = json!({"iss": self.app, "iat": now - 30, "exp": now + 500});
        let key = include_str!("../../../sandbox/tests/world/keys/one.pem");
        let key = EncodingKey::from_rsa_pem(key.as_bytes()).unwrap();
        let proof = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap();
        let answer = self.client.post(&self.address).bearer_auth(proof).json(&json!({})).send().await.unwrap();
        let given: Value = answer.error_for_status().unwrap().json().await.unwrap();
        let token = given["token"].as_str().unwrap().to_owned();
        self.given.lock().unwrap().push(token.clone());
        token
    }

    /// The tokens that it was given, in order.
    pub fn given(&self) -> Vec<String> {
        self.given.lock().unwrap().clone()
    }

    pub fn credential(&self) -> Credential {
        let app = self.clone();
        Credential::Minted(Arc::new(move |_, _| {
            let app = app.clone();
            async move { Ok(Secret::new(app.token().await)) }.boxed()
        }))
    }

    /// The same token again and again, until another is wanted.
    pub fn kept_credential(&self) -> Credential {
        let app = self.clone();
        Credential::Minted(Arc::new(move |_, wanted| {
            let app = app.clone();
            async move {
                let kept = app.given().pop().filter(|_| wanted == Wanted::Any);
                Ok(Secret::new(if let Some(kept) = kept { kept } else { app.token().await }))
            }
            .boxed()
        }))
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum End {
    Finished(String, Finished),
    Failed(String, Failed),
    GaveUp(String, GaveUp),
}

impl End {
    fn of(who: String, kind: &str, data: Value) -> Option<Self> {
        Some(match kind {
            "rig.agent.finished.v1" => Self::Finished(who, serde_json::from_value(data).unwrap()),
            "rig.agent.failed.v1" => Self::Failed(who, serde_json::from_value(data).unwrap()),
            "rig.agent.gave_up.v1" => Self::GaveUp(who, serde_json::from_value(data).unwrap()),
            _ => return None,
        })
    }

    #[track_caller]
    pub fn pushed(self) -> (Oid, String, String) {
        match self {
            Self::Finished(_, Finished { result: Outcome::Pushed { head, title, body }, .. }) => (head, title, body),
            other => panic!("nothing was pushed: {other:?}"),
        }
    }

    #[track_caller]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Finished(_, Finished { result: Outcome::Judged { verdict, .. }, .. }) => verdict,
            other => panic!("nothing was judged: {other:?}"),
        }
    }

    #[track_caller]
    pub fn failure(self) -> Failure {
        match self {
            Self::Failed(_, failed) => failed.failure,
            other => panic!("it did not fail: {other:?}"),
        }
    }

    pub fn who(&self) -> &str {
        match self {
            Self::Finished(who, _) | Self::Failed(who, _) | Self::GaveUp(who, _) => who,
        }
    }
}

/// dev-e, or who is called so, with a program for a brain.
pub fn with_program(name: &str, program: &Path) -> String {
    limited(name, program, "30s", "40s", "20s", 3)
}

pub fn limited(name: &str, program: &Path, soft: &str, hard: &str, quiet: &str, turns: u32) -> String {
    let mut table: toml::Table = agents::character::DEV_E.parse().unwrap();
    let set = |text: &str| toml::Value::String(text.to_owned());
    table.insert("name".to_owned(), set(name));
    let brain = [("kind", set("command")), ("program", set(program.to_str().unwrap()))];
    table.insert(
        "brain".to_owned(),
        brain.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<toml::Table>().into(),
    );
    let limits = [
        ("soft", set(soft)),
        ("hard", set(hard)),
        ("quiet", set(quiet)),
        ("turns", toml::Value::Integer(turns.into())),
    ];
    table.insert(
        "limits".to_owned(),
        limits.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<toml::Table>().into(),
    );
    table.to_string()
}

fn seeded(world: &mut sandbox::world::World) -> (sandbox::world::RepositoryId, HashMap<String, String>) {
    let acme = world.account("acme", Kind::Organization);
    let [ada, dev, review] = ["ada", "dev", "review"].map(|login| world.account(login, Kind::User));
    let site = world.repository(&NewRepository {
        owner: acme,
        name: "hello.site",
        private: true,
        files: &[("index.html", b"<body>\n<h1>Hello!</h1>\n</body>\n")],
        collaborators: BTreeMap::from([(ada, Access::Admin), (dev, Access::Write), (review, Access::Write)]),
    });
    let tokens = [("dev", dev), ("review", review)].map(|(login, id)| (login.to_owned(), world.token(id)));
    (site, tokens.into())
}

async fn answer(conductor: Connection, words: Words) {
    let mut questions = service::serve(&conductor, SERVICE, None).await.unwrap();
    while let Some(question) = questions.next().await {
        match question.verb().unwrap().as_str() {
            "next" => {
                let next = words.next(question.asker().unwrap(), question.open().unwrap());
                question.answer(next).await;
            }
            "save" => {
                let Save { fence, state } = question.open().unwrap();
                words.0.lock().unwrap().kept.insert(fence.run, state);
                question.answer(Done { done: true }).await;
            }
            "load" => {
                let Load { fence } = question.open().unwrap();
                let state = words.kept(fence.run);
                question.answer(Kept { state }).await;
            }
            "park" => {
                words.0.lock().unwrap().parked.push(question.open().unwrap());
                question.answer(Done { done: true }).await;
            }
            verb => panic!("the conductor is not asked for {verb}"),
        }
    }
}

fn users() -> Vec<User> {
    let only = Role::STATIC.into_iter().map(|role| user(role.clone(), role.only_user().unwrap().as_str()));
    let agent =
        |name, role| user(Role::Agent { role: Skill::of(role).unwrap(), pool: Name::of("linux").unwrap() }, name);
    let agents = [agent("dev-e", "implementer"), agent("dev-f", "implementer"), agent("review-e", "reviewer")];
    only.chain(agents).collect()
}

fn user(role: Role, name: &str) -> User {
    User { role, name: Name::of(name).unwrap(), password: password(name) }
}

fn password(name: &str) -> Password {
    format!("the-password-of-{name}").parse().unwrap()
}

fn url(nats: &Nats, name: &str) -> String {
    url_at(nats.client_address(), name)
}

fn url_at(address: SocketAddr, name: &str) -> String {
    format!("nats://{name}:{}@{address}", password(name).expose())
}

#[expect(clippy::disallowed_methods, reason = "a test hands git the machine's PATH")]
pub fn path() -> OsString {
    std::env::var_os("PATH").unwrap()
}

/// Waits for a condition, with a deadline.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < end, "waited {PATIENCE:?} in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
