//! All roles of a rig but the agents, round a played GitHub with a site.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use bus::{
    catalogue::{Kind, TypeName, work::Transition},
    connect::{Connection, connect},
    publish::{Options, Publisher},
};
use conductor::{
    driver::{self, Driver},
    github::{
        ingest::PATH,
        outbound,
        reconcile::{self, Progress},
    },
    machine::Rules,
    probe, reading,
    testing::{self, AtTheEnd},
};
use futures::StreamExt as _;
use sandbox::{
    faults::Rule,
    played::{self, Played},
    world::{Form, RepositoryId, Target},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    agents,
    scene::{self, REPOSITORY},
    stage::{Door, PATIENCE, SECRET, Stage, patient, secrets, until, url, when},
};

#[allow(dead_code, reason = "shared by tests")]
pub(crate) struct Rig {
    // Before the server that it needs.
    _conserved: AtTheEnd,
    stage: Stage,
    played: Arc<Played>,
    nora: String,
    client: reqwest::Client,
    principals: Arc<outbound::Principals>,
    cancel: CancellationToken,
    roles: JoinSet<()>,
    ingest: Door,
    progress: watch::Sender<Progress>,
    _folder: TempDir,
}

/// How GitHub's deliveries come.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "shared by tests")]
pub(crate) enum Deliveries {
    /// To a webhook of the repository.
    Posted,
    /// To the App's.
    PostedToTheApp,
    /// To an address where nobody is.
    Nowhere,
}

#[allow(dead_code, reason = "shared by tests")]
impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with(Deliveries::Posted, None).await
    }

    pub(crate) async fn with(deliveries: Deliveries, reconcile: Option<reconcile::Settings>) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let (stage, folder) = (Stage::new().await, tempfile::tempdir().unwrap());
        let played = Arc::new(scene::played(&folder).await);
        let (site, nora) = scene::settle(&played);
        let ingest = stage.door().await;
        let posted_to = match deliveries {
            Deliveries::Nowhere => "http://127.0.0.1:1/".to_owned(),
            Deliveries::Posted | Deliveries::PostedToTheApp => format!("http://{}{PATH}", ingest.address),
        };
        let target = Target { url: posted_to, secret: Some(SECRET.to_owned()), form: Form::Json, insecure: false };
        let app_hook = if deliveries == Deliveries::Posted {
            hook(&played, site, target);
            None
        } else {
            Some(target)
        };
        let principals = Arc::new(scene::principals_told(&played, app_hook));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let served = played::Site { listener, delay: Duration::from_millis(100) };
        let address = played.site(site, served).unwrap().trim_end_matches('/').to_owned();
        let cancel = CancellationToken::new();
        let mut roles = JoinSet::new();
        let rules = testing::rules().window(2).site(&address).build();
        let conserved = AtTheEnd::of(url(stage.nats.client_address(), "operator"), rules.clone());
        start(&stage, Arc::clone(&principals), rules, &mut roles, &cancel).await;
        let progress = watch::Sender::default();
        if let Some(mut settings) = reconcile {
            if let reconcile::Deliveries::Posted { webhook } = &mut settings.deliveries {
                *webhook = Some(format!("http://{}{PATH}", ingest.address));
            }
            reconcile_with(&stage, Arc::clone(&principals), settings, progress.clone(), &mut roles, &cancel).await;
        }
        let channel = stage.operator.clone();
        roles.spawn(agents::work(channel, Arc::clone(&played), site, cancel.clone()));
        let client = reqwest::Client::new();
        Self {
            _conserved: conserved,
            stage,
            played,
            nora,
            client,
            principals,
            cancel,
            roles,
            ingest,
            progress,
            _folder: folder,
        }
    }

    /// Nora files an issue that is to be taken up.
    pub(crate) async fn file(&self, title: &str, body: &str) -> u64 {
        let new = json!({ "title": title, "body": body, "labels": ["agent-ready"] });
        let request = self.client.post(self.address("issues")).bearer_auth(&self.nora).json(&new);
        let issue: Value = request.send().await.unwrap().json().await.unwrap();
        issue["number"].as_u64().unwrap()
    }

    pub(crate) async fn get(&self, rest: &str) -> Value {
        let request = self.client.get(self.address(rest)).bearer_auth(&self.nora);
        request.send().await.unwrap().json().await.unwrap()
    }

    fn address(&self, rest: &str) -> String {
        format!("{}/repos/{REPOSITORY}/{rest}", self.played.addresses().api)
    }

    /// Waits until it is live; where it does not come to that, says what was said.
    pub(crate) async fn is_live(&self, issue: u64) {
        let live = async || self.work().await.iter().any(|(number, kind)| *number == issue && kind == "live");
        // What GitHub did not do at once is tried again half a minute later, and that may come to pass twice.
        let deadline = Instant::now() + 4 * PATIENCE;
        while !live().await {
            assert!(Instant::now() < deadline, "#{issue} is not live:\n{}", self.said().await);
            // Each look at LOG leaves a consumer that the server keeps for a minute, and it keeps not too many.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Whether somebody takes what is typed.
    pub(crate) async fn has_chat(&self) -> bool {
        self.stage.operator.client().request("rig.svc.chat.say", "".into()).await.is_ok()
    }

    /// What was said, a line a record.
    async fn said(&self) -> String {
        let records = self.stage.records().await;
        let line = |record: &bus::Sequenced| {
            let (subject, envelope) = record.decode().unwrap();
            format!("{} {subject}: {}", record.sequence, envelope.say())
        };
        records.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub(crate) async fn course_of(&self, issue: u64) -> Vec<String> {
        self.work().await.into_iter().filter(|(number, _)| *number == issue).map(|(_, kind)| kind).collect()
    }

    /// Trouble, from now on.
    pub(crate) fn trouble(&self, rule: Rule) {
        self.played.faults().add(rule).unwrap();
    }

    /// The door for deliveries is closed while this is done.
    pub(crate) async fn while_closed(&mut self, done: impl AsyncFnOnce(&Self)) {
        let (cancel, address) = (self.ingest.cancel.clone(), self.ingest.address);
        let (connection, options) = (self.stage.ingest().await, patient());
        cancel.cancel();
        until("the door closes", async || when(tokio::net::TcpStream::connect(address).await.is_err())).await;
        done(self).await;
        let opened = Door::open_at(address, &connection, secrets(), options).await;
        std::mem::replace(&mut self.ingest, opened).close().await;
    }

    /// Waits for so many more looks at everything.
    pub(crate) async fn looks(&self, more: u64) {
        let mut progress = self.progress.subscribe();
        let wanted = progress.borrow().looks + more;
        let looked = progress.wait_for(|progress| progress.looks >= wanted);
        tokio::time::timeout(PATIENCE, looked).await.unwrap().unwrap();
    }

    /// How many requests GitHub has counted of the conductor's App where it is installed.
    pub(crate) async fn requests_counted(&self) -> u64 {
        let token = self.principals.conductor.token(REPOSITORY).await.unwrap();
        let address = format!("{}/rate_limit", self.played.addresses().api);
        let answer = self.client.get(address).bearer_auth(token.expose()).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["resources"]["core"]["used"].as_u64().unwrap()
    }

    /// Whoever asks how LOG is, is told that it has this epoch.
    pub(crate) async fn log_lives(&mut self, epoch: watch::Receiver<&'static str>) {
        let operator = self.stage.operator.client().clone();
        let mut asked = operator.subscribe("rig.svc.status.log").await.unwrap();
        operator.flush().await.unwrap();
        let cancel = self.cancel.clone();
        self.roles.spawn(async move {
            while let Some(Some(request)) = cancel.run_until_cancelled(asked.next()).await {
                let body = json!({ "epoch": *epoch.borrow() }).to_string();
                #[expect(clippy::disallowed_methods, reason = "an answer, as a service gives it")]
                operator.publish(request.reply.unwrap(), body.into()).await.unwrap();
            }
        });
    }

    /// Everything in LOG.
    pub(crate) async fn records(&self) -> Vec<bus::Sequenced> {
        self.stage.records().await
    }

    /// Nora comments.
    pub(crate) async fn comment(&self, issue: u64, body: &str) {
        let request = self.client.post(self.address(&format!("issues/{issue}/comments"))).bearer_auth(&self.nora);
        assert!(request.json(&json!({ "body": body })).send().await.unwrap().status().is_success());
    }

    /// What happened to which item, in order.
    pub(crate) async fn work(&self) -> Vec<(u64, String)> {
        let records = self.stage.records().await;
        let of = |record: &bus::Sequenced| {
            let (_, envelope) = record.decode().unwrap();
            let Some(Kind::Work(_)) = Kind::of_type(&envelope.type_name) else { return None };
            let transition: Transition = envelope.open().unwrap();
            let kind = TypeName::parse(&envelope.type_name).unwrap().kind.to_owned();
            Some((transition.item.number.0, kind))
        };
        records.iter().filter_map(of).collect()
    }

    /// Nothing was given up, and every role ends when it is asked to.
    pub(crate) async fn finish(mut self) {
        let dead = self.stage.records().await.into_iter().filter(|record| record.subject.starts_with("rig.evt.dead."));
        let dead: Vec<String> = dead.map(|record| String::from_utf8_lossy(&record.body).into_owned()).collect();
        assert!(dead.is_empty(), "{dead:#?}");
        self.cancel.cancel();
        while let Some(ended) = tokio::time::timeout(PATIENCE, self.roles.join_next()).await.unwrap() {
            ended.unwrap();
        }
        self.ingest.close().await;
    }
}

fn hook(played: &Played, site: RepositoryId, target: Target) {
    played.with(|world| world.hook(site, target, BTreeSet::from(["*".to_owned()])));
}

async fn start(
    stage: &Stage,
    principals: Arc<outbound::Principals>,
    rules: Rules,
    roles: &mut JoinSet<()>,
    cancel: &CancellationToken,
) {
    let as_user = async |user: &str| -> Connection {
        connect(&url(stage.nats.client_address(), user), user, PATIENCE).await.unwrap()
    };
    let (conductor, github, probe) = (as_user("conductor").await, as_user("github").await, as_user("probe").await);
    let driver = Driver::new(&conductor, rules, driver::Settings::default(), reading::read);
    let ending = cancel.clone();
    roles.spawn(async move { driver.run(ending).await.unwrap() });
    let (publisher, ending) = (Publisher::start(&github, Options::default()), cancel.clone());
    roles.spawn(async move { outbound::run(&github, principals, publisher, &ending).await.unwrap() });
    let (publisher, ending) = (Publisher::start(&probe, Options::default()), cancel.clone());
    let settings = probe::Settings { every: Duration::from_millis(20), ..probe::Settings::default() };
    roles.spawn(async move { probe::run(&probe, settings, publisher, &ending).await.unwrap() });
}

async fn reconcile_with(
    stage: &Stage,
    principals: Arc<outbound::Principals>,
    settings: reconcile::Settings,
    progress: watch::Sender<Progress>,
    roles: &mut JoinSet<()>,
    cancel: &CancellationToken,
) {
    let github = connect(&url(stage.nats.client_address(), "github"), "github", PATIENCE).await.unwrap();
    let (publisher, ending) = (Publisher::start(&github, Options::default()), cancel.clone());
    let settings = reconcile::Settings { repositories: vec![REPOSITORY.to_owned()], ..settings };
    roles.spawn(async move {
        reconcile::run(&github, principals, settings, publisher, &progress, &ending).await;
    });
}
