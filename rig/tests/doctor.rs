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

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _};

use clicks::World;
use sandbox::world::{Access, Kind, NewApp, Permission};
use serde_json::{Value, json};

const REPOSITORY: &str = "\
    [[repository]]\nname = \"acme/hello.site\"\nchecks = [\"test\"]\nautonomy = \"land\"\n\
    [[agent]]\ncharacter = \"dev.toml\"\n";

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
}

/// Three Apps made, and an agent with a program.
async fn made() -> (World, Vec<Value>) {
    let world = World::new().await;
    world.configure(REPOSITORY);
    let program = world.folder().join("think");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let character = include_str!("../../agents/characters/dev-e.toml");
    let brain = format!("kind = \"command\"\nprogram = \"{}\"", program.display());
    fs::write(world.folder().join("dev.toml"), character.replace("kind = \"rehearsal\"", &brain)).unwrap();
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
        told.is_wrong(&format!("{login} is not installed there"));
    }
    world.install(&apps);
    Told::of(&world).is_wrong("has no label `agent-ready`");
    with_label(&world).await;
    let told = Told::of(&world);
    assert_eq!(told.code, Some(0), "{:#?}\n{}", told.lines, told.said);
    let unsure = ["home: no rig is up", "acme/hello.site: no check was ever seen there; named are test"];
    let found = told.are("unsure");
    assert!(
        found.len() == 2 && found.iter().all(|line| unsure.iter().any(|known| line.starts_with(known))),
        "{found:?}"
    );
    for line in [
        "config: rig.toml can be read",
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
    let weak = world.played.with(|world| {
        let acme = world.account("acme", Kind::Organization);
        let permissions = BTreeMap::from([(Permission::Metadata, Access::Read), (Permission::Contents, Access::Read)]);
        let public_key = include_str!("../../sandbox/tests/world/keys/one.pub.pem");
        let new = NewApp { name: "weak", owner: acme, permissions, events: [].into(), hook: None, public_key };
        let app = world.app(new).unwrap();
        world.install(app, acme).unwrap();
        app.0
    });
    let key = world.folder().join("keys/dev-e-acme.pem");
    fs::write(&key, include_str!("../../sandbox/tests/world/keys/one.pem")).unwrap();
    change(&world, &format!("app = {}", apps[0]["app"]), &format!("app = {weak}"));
    change(&world, "dev-e-acme[bot]", "weak[bot]");
    Told::of(&world).is_wrong(
        "weak[bot] lacks contents: write, pull_requests: write, workflows: write, actions: read, checks: read",
    );
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
