//! `rig doctor` against a played GitHub: what is wrong is said, with what to do, and then nothing is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests"
)]

mod clicks;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::{Arc, OnceLock},
};

use clicks::World;
use sandbox::world::{Access, Kind, NewApp, Permission};
use serde_json::{Value, json};

const REPOSITORY: &str = "\
    [[repository]]\nname = \"acme/hello.site\"\nchecks = [\"test\"]\nautonomy = \"land\"\n\
    [[agent]]\ncharacter = \"dev.toml\"\n[[agent]]\ncharacter = \"review.toml\"\n";

/// A line a check.
struct Told {
    code: Option<i32>,
    lines: Vec<Value>,
    said: String,
}

impl Told {
    fn of(world: &World) -> Self {
        let output = world.rig(&["doctor", "--json"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines = String::from_utf8(output.stdout).unwrap();
        let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Self { code: output.status.code(), lines, said }
    }

    /// The checks that came to this, with what they say.
    fn are(&self, status: &str) -> Vec<String> {
        let of = self.lines.iter().filter(|line| line["status"] == status);
        of.map(|line| format!("{}: {}", line["check"].as_str().unwrap(), line["says"].as_str().unwrap())).collect()
    }

    #[track_caller]
    fn is_wrong(&self, needle: &str) {
        assert_eq!(self.code, Some(1), "{:#?}", self.lines);
        let wrong = self.lines.iter().filter(|line| line["status"] == "wrong");
        let found = wrong.into_iter().find(|line| line["says"].as_str().unwrap().contains(needle));
        let found = found.unwrap_or_else(|| panic!("{needle:?} is not wrong in {:#?}", self.lines));
        assert!(!found["do"].as_str().unwrap().is_empty(), "{found}");
    }

    /// What is to be done about what is wrong.
    #[track_caller]
    fn advises(&self, needle: &str, what: &str) {
        self.is_wrong(needle);
        let told = self.lines.iter().filter(|line| line["says"].as_str().unwrap().contains(needle));
        let advice: Vec<&str> = told.filter_map(|line| line["do"].as_str()).collect();
        assert!(advice.iter().any(|advice| advice.contains(what)), "{what:?} is not in {advice:?}");
    }
}

/// Three Apps made, and an agent with a program.
async fn made() -> (World, Vec<Value>) {
    let world = World::new().await;
    world.configure(REPOSITORY);
    let program = world.folder().join("think");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let brain = format!("kind = \"command\"\nprogram = \"{}\"", program.display());
    for (file, character) in [
        ("dev.toml", include_str!("../../agents/characters/dev-e.toml")),
        ("review.toml", include_str!("../../agents/characters/review-e.toml")),
    ] {
        fs::write(world.folder().join(file), character.replace("kind = \"rehearsal\"", &brain)).unwrap();
    }
    let apps = world.make_apps(&["--organization", "acme"]).await;
    (world, apps)
}

async fn with_label(world: &World) {
    let label = json!({"name": "agent-ready", "color": "0e8a16"});
    world.api("POST", "/repos/acme/hello.site/labels", &label).await;
}

fn change(world: &World, from: &str, to: &str) {
    let config = world.config();
    assert!(config.contains(from), "{from} is not in {config}");
    fs::write(world.folder().join("rig.toml"), config.replacen(from, to, 1)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_until_nothing_is() {
    let (world, apps) = made().await;
    let told = Told::of(&world);
    for login in ["dev-e-acme[bot]", "review-e-acme[bot]", "conductor-e-acme[bot]"] {
        let page = format!("{}/apps/{}/installations/new", world.played.addresses().html, login.replace("[bot]", ""));
        told.advises(&format!("{login} is not installed there"), &page);
    }
    world.install(&apps);
    Told::of(&world).is_wrong("has no label `agent-ready`");
    with_label(&world).await;
    let told = Told::of(&world);
    assert_eq!(told.code, Some(0), "{:#?}\n{}", told.lines, told.said);
    let unsure = [
        "home: no rig is up",
        "acme/hello.site: no check was ever seen there; named are test",
        "acme/hello.site: no site is named",
    ];
    let found = told.are("unsure");
    assert!(
        found.len() == unsure.len() && found.iter().all(|line| unsure.iter().any(|known| line.starts_with(known))),
        "{found:?}"
    );
    for line in [
        "config: rig.toml can be read",
        "nats-server: the pinned one is installed; no rig is up that uses it",
        "postgresql: the pinned one is installed; no rig is up that uses it",
        "acme/hello.site: nora is asked here, and may push there, so their approval counts",
        "webhook: no address is named: GitHub's list of deliveries is read instead",
        "acme/hello.site: nothing that can be seen keeps the conductor from merging to main",
    ] {
        assert!(told.are("good").contains(&line.to_owned()), "{line} in {:?}", told.are("good"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_asks_for_more_than_the_rig_waits_for_is_said() {
    let (world, apps) = made().await;
    world.install(&apps);
    with_label(&world).await;
    let protection = json!({
        "required_status_checks": {"strict": false, "contexts": ["test", "audit"]},
        "enforce_admins": true, "required_pull_request_reviews": null, "restrictions": null,
    });
    world.api("PUT", "/repos/acme/hello.site/branches/main/protection", &protection).await;
    Told::of(&world).is_wrong("GitHub waits on main for checks that the Rig does not: audit");
    change(&world, "autonomy = \"land\"", "autonomy = \"watch\"");
    let told = Told::of(&world);
    assert_eq!(told.code, Some(0), "where nothing is to land, nothing stands in its way: {:#?}", told.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_a_login_and_a_program_that_are_not_theirs_are_said() {
    let (world, apps) = made().await;
    world.install(&apps);
    change(&world, "login = \"review-e-acme[bot]\"", "login = \"somebody[bot]\"");
    Told::of(&world).is_wrong("as review-e-acme[bot], and rig.toml says somebody[bot]");
    let key = world.folder().join("keys/dev-e-acme.pem");
    fs::write(&key, include_str!("../../sandbox/tests/world/keys/one.pem")).unwrap();
    Told::of(&world).is_wrong("dev-e-acme.pem for App");
    fs::write(&key, "-----BEGIN RSA PRIVATE KEY-----\nnone\n-----END RSA PRIVATE KEY-----\n").unwrap();
    Told::of(&world).is_wrong("the private key of the App");
    fs::remove_file(world.folder().join("think")).unwrap();
    Told::of(&world).is_wrong("is not there, or may not be started");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_may_less_than_it_has_to_is_said() {
    let (world, apps) = made().await;
    world.install(&apps);
    let weak = app(&world, "weak", include_str!("../../sandbox/tests/world/keys/one.pub.pem"));
    let key = world.folder().join("keys/dev-e-acme.pem");
    fs::write(&key, include_str!("../../sandbox/tests/world/keys/one.pem")).unwrap();
    change(&world, &format!("app = {}", apps[0]["app"]), &format!("app = {weak}"));
    change(&world, "dev-e-acme[bot]", "weak[bot]");
    Told::of(&world).is_wrong(
        "weak[bot] lacks contents: write, pull_requests: write, workflows: write, actions: read, checks: read",
    );
}

/// An App of an organisation, that may read.
fn app(world: &World, name: &str, public_key: &str) -> u64 {
    world.played.with(|world| {
        let acme = world.account("acme", Kind::Organization);
        let permissions = BTreeMap::from([(Permission::Metadata, Access::Read), (Permission::Contents, Access::Read)]);
        let new = NewApp { name, owner: acme, permissions, events: [].into(), hook: None, public_key };
        let app = world.app(new).unwrap();
        world.install(app, acme).unwrap();
        app.0
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_told_nothing_is_mended_on_its_organisations_page() {
    let (world, apps) = made().await;
    world.install(&apps);
    let silent = app(&world, "silent", include_str!("../../sandbox/tests/world/keys/one.pub.pem"));
    let key = world.folder().join("keys/conductor-e-acme.pem");
    fs::write(&key, include_str!("../../sandbox/tests/world/keys/one.pem")).unwrap();
    change(&world, &format!("app = {}", apps[2]["app"]), &format!("app = {silent}"));
    change(&world, "conductor-e-acme[bot]", "silent[bot]");
    let page = format!("{}/organizations/acme/settings/apps/silent/permissions", world.played.addresses().html);
    Told::of(&world).advises("its App is not told of", &page);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_has_to_be_somebody_whose_approval_counts() {
    let (world, apps) = made().await;
    world.install(&apps);
    with_label(&world).await;
    change(&world, "name = \"nora\"", "name = \"operator\"");
    Told::of(&world).is_wrong("operator is asked here, and GitHub knows nobody of that login");
    world.played.with(|world| world.account("sam", Kind::User));
    change(&world, "name = \"operator\"", "name = \"sam\"");
    Told::of(&world).is_wrong("sam is asked here, and may only read there");
}

#[tokio::test(flavor = "multi_thread")]
async fn hands_and_servers_that_are_missing_are_said() {
    let (world, _) = made().await;
    change(&world, "[[agent]]\ncharacter = \"review.toml\"\n", "");
    Told::of(&world).is_wrong("no [[agent]] in rig.toml judges changes");
    let old = format!("[servers]\nnats_server = \"{}\"\n[operator]", world.folder().join("think").display());
    change(&world, "[operator]", &old);
    Told::of(&world).advises("nats-server 2.15 or newer is needed", "take nats_server out of [servers]");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_about_owners_and_remarks_are_said() {
    let (world, apps) = made().await;
    world.install(&apps);
    with_label(&world).await;
    let parameters = json!({
        "allowed_merge_methods": ["squash"], "dismiss_stale_reviews_on_push": false, "require_last_push_approval": false,
        "required_approving_review_count": 1, "require_code_owner_review": true,
        "required_review_thread_resolution": true,
    });
    let rules = json!({
        "name": "main", "target": "branch", "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [{"type": "pull_request", "parameters": parameters}],
    });
    world.api("POST", "/repos/acme/hello.site/rulesets", &rules).await;
    let told = Told::of(&world);
    told.is_wrong("GitHub waits on main for the owners of code");
    told.is_wrong("GitHub waits on main until each remark is resolved");
}

/// What is live is said of the commit that the site tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_tells_no_commit_is_said() {
    let (world, apps) = made().await;
    world.install(&apps);
    with_label(&world).await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let commit = Arc::new(OnceLock::new());
    let told = Arc::clone(&commit);
    let page = move || {
        let told: Option<(&str, String)> = told.get().map(|commit: &String| ("x-commit", commit.clone()));
        async move { (axum::response::AppendHeaders(told), "Hello!") }
    };
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(page)).await.unwrap() });
    change(&world, "autonomy = \"land\"", &format!("autonomy = \"land\"\nsite = \"{site}\""));
    Told::of(&world).advises("tells no commit", "/.well-known/commit");
    commit.set("9f3ab12".repeat(6)[..40].to_owned()).unwrap();
    let told = Told::of(&world);
    assert_eq!(told.code, Some(0), "{:#?}", told.lines);
    assert!(told.are("good").iter().any(|line| line.contains("tells its commit: 9f3ab12")), "{:#?}", told.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn i_01_two_roles_with_one_identity_are_refused_before_anything_else() {
    let (world, apps) = made().await;
    change(&world, &format!("app = {}", apps[1]["app"]), &format!("app = {}", apps[0]["app"]));
    let told = Told::of(&world);
    assert_eq!((told.code, told.lines.len()), (Some(4), 0), "{}", told.said);
    assert!(told.said.contains("reviewer and implementer have the same App"), "{}", told.said);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_where_another_door_answers_is_said() {
    let (world, apps) = made().await;
    world.install(&apps);
    let elsewhere = format!("{}/webhooks/github", world.played.addresses().html);
    change(&world, "[github]\n", &format!("[github]\nwebhook = \"{elsewhere}\"\n"));
    let told = Told::of(&world);
    told.is_wrong("the App posts to https://rig.invalid/webhooks/github");
    told.is_wrong("which is not the Rig's door");
}
