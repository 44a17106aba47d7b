//! A rig that is up beside a played GitHub, with nobody to work.
#![allow(dead_code, reason = "shared by tests")]

use std::{
    collections::BTreeSet,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, cmd::Verb, outcome::Outcome},
    envelope,
    publish::{Options, Publisher},
};
use futures::future::join_all;
use sandbox::{
    faults::{Often, Rule, Trouble},
    git,
    played::{Played, Settings},
    seed_file::{Outside, Seed},
    world::{Form, Kind as Account, NewCommit, RepositoryId, Target},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::world::{Rig, Start, process::Ended, until, webhook::client};

const REPOSITORY: &str = "acme/hello.site";
const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sandbox/tests/world/keys");

/// Our Apps, each by the role it has.
const APPS: [(&str, &str); 3] = [("implementer", "dev-e"), ("reviewer", "review-e"), ("conductor", "conductor-e")];

/// A rig and a GitHub, both up. Nora files and orders; no agent works, so that everything stays where it is put.
pub(crate) struct Town {
    pub(crate) rig: Rig,
    played: Played,
    site: RepositoryId,
    nora: String,
    _folder: TempDir,
}

impl Town {
    pub(crate) async fn new() -> Self {
        let town = Self::with(Start::new(), "").await;
        town.is_hooked();
        town.pushes("main", "one more\n");
        town.is_known().await;
        town
    }

    /// Started in this way, with more in its configuration. GitHub posts nothing there.
    pub(crate) async fn with(start: Start, more: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let played = played(&folder).await;
        let seed = Seed::parse(&world(), Outside { folder: Path::new(KEYS), variable: &|_| None }).unwrap();
        let residents = seed.settle(&played).await.unwrap();
        let apps: Vec<(String, u64)> = residents.apps.iter().map(|app| (app.slug.clone(), app.id.0)).collect();
        let mut rig = Rig::down(start);
        configure(rig.scratch(), &played, &apps, more);
        rig.start().await;
        let nora = residents.tokens["nora"].clone();
        let url = format!("{}/repos/{REPOSITORY}", played.addresses().api);
        let told: Value = client().get(url).bearer_auth(&nora).send().await.unwrap().json().await.unwrap();
        let site = RepositoryId(told["id"].as_u64().unwrap());
        Self { rig, played, site, nora, _folder: folder }
    }

    fn is_hooked(&self) {
        let secret = Some(self.rig.line("webhook_secret"));
        let target = Target { url: self.rig.told("/webhooks"), secret, form: Form::Json, insecure: false };
        self.played.with(|world| world.hook(self.site, target, BTreeSet::from(["*".to_owned()])));
    }

    /// Until GitHub has told of the repository: before, nothing can be filed there.
    async fn is_known(&self) {
        until("a delivery", async || {
            let records = self.rig.records().await;
            records.iter().any(|record| record.subject == "rig.evt.github.acme.hello%2Esite.push").then_some(())
        })
        .await;
    }

    /// Nora pushes to a branch.
    pub(crate) fn pushes(&self, branch: &str, content: &str) {
        self.played.with(|world| {
            let author = world.account("nora", Account::User);
            let files = [("hello.js", Some(content.as_bytes()))];
            world.commit(self.site, branch, &NewCommit { author, message: "Change it", files: &files }).unwrap()
        });
    }

    /// GitHub answers nobody.
    pub(crate) fn github_goes_away(&self) {
        let path = "/**".to_owned();
        let away = Rule::Request { method: None, path, what: Trouble::Status(502), often: Often::Every(1) };
        self.played.faults().add(away).unwrap();
    }

    pub(crate) fn github_comes_back(&self) {
        self.played.faults().clear();
    }

    /// Runs a command of the program.
    pub(crate) async fn rig(&self, args: &[&str]) -> Ended {
        self.rig.command(args).await
    }

    /// Asks until the answer is as it is to be.
    pub(crate) async fn until(&self, args: &[&str], is: impl Fn(&Value) -> bool) -> Value {
        until(&format!("{args:?} to say so"), async || {
            let ended = self.rig(args).await;
            let answer: Value = serde_json::from_str(ended.stdout.trim()).ok()?;
            is(&answer).then_some(answer)
        })
        .await
    }

    /// Why an item stands where it stands, once it stands so.
    pub(crate) async fn until_why(&self, args: &[&str], standing: &str) -> Value {
        let args: Vec<&str> = ["why", "--json"].iter().chain(args).copied().collect();
        self.until(&args, |why| why["standing"] == standing).await
    }

    /// What waits for a person, once something does.
    pub(crate) async fn until_inbox(&self) -> Value {
        self.until(&["inbox", "--json"], |inbox| !inbox["waiting"].as_array().unwrap().is_empty()).await
    }

    /// Nora says it in `general`, and is answered so.
    pub(crate) async fn said(&self, words: &str, answer: &str) {
        let said = self.rig.say("general", words).await;
        until(answer, async || {
            self.rig.records().await.iter().find_map(|record| {
                let (_, envelope) = record.decode().ok()?;
                (envelope.cause == Some(said.id) && envelope.say() == answer).then_some(())
            })
        })
        .await;
    }

    /// Nora opens a pull request that closes an issue; its number.
    pub(crate) async fn opens_a_pull_request_for(&self, issue: u64) -> u64 {
        self.pushes("dark", "two\n");
        let new = json!({ "title": "Dark", "head": "dark", "base": "main", "body": format!("Closes #{issue}") });
        let url = format!("{}/repos/{REPOSITORY}/pulls", self.played.addresses().api);
        let request = client().post(url).bearer_auth(&self.nora).json(&new);
        let opened: Value = request.send().await.unwrap().json().await.unwrap();
        opened["number"].as_u64().unwrap()
    }

    /// GitHub tells so much of another pull request.
    pub(crate) async fn much_is_told_of_others(&self, count: u32) {
        let publisher = Publisher::start(&self.rig.operator().await, Options::default());
        let (owner, repo) = (Token::of("acme"), Token::of_github_name("hello.site"));
        let subject = Subject::Github { owner, repo, kind: Token::of("pull_request_review") };
        let told = (0..count).map(|_| {
            let id = RecordId::new();
            let (say, event, delivery) = ("somebody read something else", "pull_request_review", id.to_string());
            let data = json!({ "say": say, "event": event, "delivery": delivery, "payload": {} });
            let type_name = "rig.github.pull_request_review.v1";
            let mut envelope = Envelope::new(id, type_name, "/rig/ingest", envelope::now(), data);
            envelope.subject = Some(format!("{REPOSITORY}!99").into());
            publisher.publish(Draft::new(subject.clone(), &envelope).unwrap())
        });
        for stored in join_all(told).await {
            stored.unwrap();
        }
    }

    /// Whatever the conductor said in a room has one outcome.
    pub(crate) async fn every_word_has_an_outcome(&self) {
        until("an outcome of each word", async || {
            let (mut said, mut ended) = (BTreeSet::new(), Vec::new());
            for record in self.rig.records().await {
                let (_, envelope) = record.decode().unwrap();
                match Kind::of_type(&envelope.type_name) {
                    Some(Kind::Command(Verb::Say)) => drop(said.insert(envelope.id)),
                    Some(Kind::Outcome(Verb::Say)) => ended.push(envelope.open::<Outcome>().unwrap().command),
                    _ => {}
                }
            }
            let once: BTreeSet<_> = ended.iter().copied().collect();
            assert_eq!(once.len(), ended.len(), "one outcome each");
            (!said.is_empty() && once == said).then_some(())
        })
        .await;
    }

    pub(crate) async fn finish(self) {
        self.rig.finish().await;
        self.played.stop().await;
    }
}

fn world() -> String {
    let mut text = format!(
        "people = [\"nora\"]\norganisations = [\"acme\"]\n\
         [repository.\"{REPOSITORY}\"]\ncollaborators = {{ nora = \"write\" }}\n\
         [repository.\"{REPOSITORY}\".files]\n\"hello.js\" = \"one\\n\"\n"
    );
    for (_, slug) in APPS {
        text += &format!(
            "[app.\"{slug}\"]\nowner = \"acme\"\ninstalled_on = [\"acme\"]\npublic_key_file = \"one.pub.pem\"\n\
             permissions = {{ contents = \"write\", issues = \"write\", pull_requests = \"write\", checks = \"write\" }}\n"
        );
    }
    text
}

async fn played(folder: &TempDir) -> Played {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let git = git::Settings { path: path(), ..git::Settings::default() };
    Played::start(Settings { listener, folder: folder.path().join("repositories"), seed: 7, git }).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the machine's own git")]
fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap()
}

fn configure(scratch: &Path, played: &Played, apps: &[(String, u64)], more: &str) {
    let key = scratch.join("app.pem");
    fs::copy(Path::new(KEYS).join("one.pem"), &key).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let (api, web) = (&played.addresses().api, &played.addresses().html);
    let mut text =
        format!("[operator]\nname = \"nora\"\n[github]\napi = \"{api}\"\nweb = \"{web}\"\nlook_every = \"1s\"\n");
    for (role, slug) in APPS {
        let (_, id) = apps.iter().find(|(known, _)| known == slug).unwrap();
        text += &format!("[github.{role}]\napp = {id}\nkey_file = \"app.pem\"\nlogin = \"{slug}[bot]\"\n");
    }
    text += &format!("[[repository]]\nname = \"{REPOSITORY}\"\nautonomy = \"land\"\nchecks = [\"test\"]\n{more}");
    fs::write(scratch.join("rig.toml"), text).unwrap();
}
