//! What a seed file may say, and the world that comes of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, fs, path::Path};

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use sandbox::{
    seed_file::{Outside, Residents, Seed},
    world::{Addresses, Effect, Input, Moment, World},
};
use serde_json::Value;

const EXAMPLE: &str = include_str!("../../sandbox.example.toml");

fn variables(name: &str) -> Option<String> {
    BTreeMap::from([("HOOK_SECRET", "hush"), ("EMPTY", "")]).get(name).map(ToString::to_string)
}

fn parse(text: &str) -> Result<Seed, Vec<String>> {
    parse_in(text, Path::new("nowhere"))
}

fn parse_in(text: &str, folder: &Path) -> Result<Seed, Vec<String>> {
    let outside = Outside { folder, variable: &variables };
    Seed::parse(text, outside).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// A world that begins as the seed says, and who lives there.
struct Town {
    world: World,
    residents: Residents,
    delivered: usize,
}

impl Town {
    fn of(mut seed: Seed) -> Self {
        seed.draw_keys().unwrap();
        let addresses = Addresses { api: "http://localhost/api/v3".into(), html: "http://localhost".into() };
        let mut world = World::new(1, addresses);
        let now = Moment::from_millis(1_795_348_800_000);
        world.wake(now);
        let mut begun = seed.begin(&mut world).unwrap();
        let mut delivered = 0;
        for request in begun.requests() {
            let path = format!("{} {}", request.method(), request.uri());
            let output = world.step(now, &Input::Request(request));
            let answer = output.answer.unwrap();
            assert!(answer.status().is_success(), "{path}: {}", String::from_utf8_lossy(answer.body()));
            delivered += output.effects.iter().filter(|effect| matches!(effect, Effect::Deliver(_))).count();
        }
        let residents = begun.listen(&mut world);
        Self { world, residents, delivered }
    }

    fn ask(&mut self, who: &str, method: &str, path: &str, body: &str) -> (u16, Value, usize) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = self.residents.tokens.get(who) {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        let output = self.world.step(Moment::from_millis(1_795_348_801_000), &Input::Request(request));
        let answer = output.answer.unwrap();
        let told = output.effects.iter().filter(|effect| matches!(effect, Effect::Deliver(_))).count();
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default(), told)
    }
}

#[test]
fn the_example_is_a_world() {
    let mut town = Town::of(parse(EXAMPLE).unwrap());
    assert_eq!(town.residents.tokens.keys().collect::<Vec<_>>(), ["ada", "nora", "sam"]);
    let (status, issue, _) = town.ask("sam", "GET", "/repos/acme/hello.site/issues/1", "");
    assert_eq!((status, issue["title"].as_str()), (200, Some("Greet the visitor by name")));
    assert_eq!((&issue["user"]["login"], &issue["comments"]), (&"sam".into(), &1.into()));
    assert_eq!(issue["labels"][0]["name"], "enhancement", "the owner labelled it: sam may not");
    assert_eq!(issue["assignees"][0]["login"], "nora");
    assert_eq!(issue["created_at"], "2026-11-22T12:00:00Z", "the world is awake when it begins");
    let (status, main, _) = town.ask("ada", "GET", "/repos/acme/hello.site/branches/main/protection", "");
    assert_eq!((status, &main["required_status_checks"]["contexts"][0]), (200, &"test".into()));
    let app = &town.residents.apps[0];
    assert_eq!((app.slug.as_str(), app.installations.len()), ("hello-agent", 1));
    assert!(app.private_key.as_ref().unwrap().starts_with("-----BEGIN RSA PRIVATE KEY-----"));
}

#[test]
fn without_a_file_there_is_a_small_world() {
    let mut town = Town::of(Seed::small().unwrap());
    assert_eq!(town.ask("nora", "GET", "/repos/acme/hello.site", "").1["permissions"]["push"], true);
    assert_eq!(town.ask("sam", "GET", "/repos/acme/hello.site", "").1["permissions"]["push"], false);
    let seed = Seed::small().unwrap();
    let declared = std::str::from_utf8(&seed.repositories[0].files[sandbox::workflow::FILE]).unwrap();
    assert_eq!(sandbox::workflow::parse(declared).unwrap().checks().len(), 1);
}

#[test]
fn whoever_listens_hears_what_comes_and_not_the_beginning() {
    let mut town = Town::of(parse(EXAMPLE).unwrap());
    assert_eq!(town.delivered, 0);
    let (status, _, told) = town.ask("sam", "POST", "/repos/acme/hello.site/issues", r#"{"title":"Two"}"#);
    assert_eq!((status, told), (201, 1));
}

#[test]
fn what_the_example_leaves_out_can_be_said_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("hello.site/src")).unwrap();
    fs::write(folder.path().join("hello.site/src/a.txt"), "a").unwrap();
    fs::write(folder.path().join("webhook_secret"), "hush\n").unwrap();
    fs::write(folder.path().join("hello-agent.pub.pem"), key()).unwrap();
    let said =
        |line: &str| line.starts_with('#') && line[1..].starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
    let said = |line: &str| said(line) && !line.contains("secret_variable = \"WEBHOOK_SECRET\"\n");
    let text: Vec<&str> = EXAMPLE.lines().map(|line| if said(line) { &line[1..] } else { line }).collect();
    let text =
        text.join("\n").replace("WEBHOOK_SECRET", "HOOK_SECRET").replace("secret_file = \"webhook_secret\"\n", "");
    let seed = parse_in(&text, folder.path()).unwrap();
    let site = &seed.repositories[0];
    assert_eq!(site.files.keys().collect::<Vec<_>>(), [".ci.toml", "hello.js", "src/a.txt"]);
    assert_eq!(site.hooks[0].secret.as_ref().unwrap().reveal(), "hush");
    assert_eq!(seed.apps[0].hook.as_ref().unwrap().secret.as_ref().unwrap().reveal(), "hush");
    assert_eq!(seed.apps[0].key.as_ref().unwrap().private, None);
    assert_eq!((site.protections[0].branch.as_str(), site.protections[0].approvals), ("main", Some(1)));
}

fn key() -> String {
    let mut seed = parse("people=['ada']\n[app.a]\nowner='ada'").unwrap();
    seed.draw_keys().unwrap();
    seed.apps[0].key.as_ref().unwrap().public.clone()
}

#[test]
fn every_fault_is_said_at_once_with_its_place() {
    let faults = parse(
        r#"
        people = ["ada", "Ada"]
        organisations = ["-acme"]
        town = "x"

        [repository.site]
        colaborators = { ada = "owner" }

        [repository."eve/site"]
        files = { "../x" = "y" }
        folder = "missing"
        [[repository."eve/site".hook]]
        url = "ftp://x"
        secret = "do-not-show"
        [[repository."eve/site".hook]]
        url = "http://127.0.0.1/"
        secret_variable = "EMPTY"
        [[repository."eve/site".label]]
        name = "p1"
        color = "red"
        [[repository."eve/site".issue]]
        title = " "
        author = "eve"

        [app."!"]
        owner = "eve"
        permissions = { contents = "all" }
        "#,
    )
    .unwrap_err();
    insta::assert_snapshot!(faults.join("\n"));
    assert!(!faults.join("\n").contains("do-not-show"));
}

#[test]
fn trouble_that_cannot_be_meant_is_refused() {
    let fault = |rule: &str| parse(&format!("[[fault]]\non = 'request'\npath = '/x'\n{rule}")).unwrap_err();
    assert_eq!(
        fault("what = { status = 200 }"),
        ["fault: number 1: 200 is no status that tells of trouble: 400 to 599 are"]
    );
    assert!(fault("what = { slow = 5 }\nofen = { times = 1 }")[0].contains("ofen"));
    assert_eq!(parse(EXAMPLE).unwrap().faults.len(), 1);
}

#[test]
fn every_trouble_of_the_documentation_is_taken() {
    let page = include_str!("../../docs/sandbox.md");
    let section = page.split("### Trouble on demand").nth(1).unwrap().split("\n## ").next().unwrap();
    let quoted: Vec<&str> = section.split('`').skip(1).step_by(2).collect();
    let rule = |text: String| parse(&text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
    let often = quoted
        .iter()
        .map(|often| often.trim_start_matches("often = "))
        .filter(|often| ["times", "every", "chance"].iter().any(|word| often.contains(word)));
    for often in often {
        rule(format!("[[fault]]\non='check'\nname='*'\noften={often}"));
    }
    let what = |on: &str| section.lines().find(|line| line.starts_with(&format!("| `{on}`"))).unwrap();
    for (on, which) in [
        ("request", "path='/**'"),
        ("delivery", "event='*'"),
        ("deployment", "repository='acme/*'"),
        ("visit", "path='/**'"),
    ] {
        let troubles = what(on).split('`').skip(1).step_by(2).filter(|text| text.starts_with(['{', '"']));
        let taken = troubles.map(|trouble| rule(format!("[[fault]]\non='{on}'\n{which}\nwhat={trouble}"))).count();
        assert!(taken >= 3, "{on}: {taken}");
    }
}

#[test]
fn a_long_file_meets_no_limit_and_whoever_comes_afterwards_does() {
    let issue = "[[repository.'ada/site'.issue]]\nauthor='ada'\ntitle='x'\n";
    let text = format!("people=['ada']\nlimits.made_in_a_minute=1\n[repository.'ada/site']\n{}", issue.repeat(120));
    let mut town = Town::of(parse(&text).unwrap());
    let issues = "/repos/ada/site/issues";
    assert_eq!(town.ask("ada", "GET", &format!("{issues}/120"), "").0, 200);
    let [one, two] = [(); 2].map(|()| town.ask("ada", "POST", issues, r#"{"title":"y"}"#).0);
    assert_eq!((one, two), (201, 403));
    assert!(parse("limits = 'none'").is_ok());
    assert_eq!(parse("limits = { persons = 1 }").unwrap_err().len(), 1);
    assert!(parse("limits = 'nothing'").unwrap_err()[0].starts_with("limits: \"nothing\" is unknown"));
}

#[test]
fn a_login_or_a_slug_is_one_account() {
    let faults = parse("people = ['ada']\norganisations = ['ADA']\n").unwrap_err();
    assert_eq!(faults, ["organisations: ada is a person already; each login is one account"]);
    let faults = parse("people = ['ada']\napp.'a b'.owner = 'ada'\napp.a-b.owner = 'ada'\n").unwrap_err();
    assert_eq!(faults, ["app: \"a b\" and \"a-b\" have the same slug, a-b"]);
}

#[test]
fn a_link_in_a_folder_is_refused_and_a_checkouts_git_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    fs::create_dir_all(site.join(".git")).unwrap();
    fs::write(site.join(".git/config"), "x").unwrap();
    fs::write(site.join("a"), "x").unwrap();
    let text = "people = ['ada']\nrepository.'ada/site'.folder = 'site'\n";
    assert_eq!(parse_in(text, folder.path()).unwrap().repositories[0].files.len(), 1);
    std::os::unix::fs::symlink("/etc/hostname", site.join("b")).unwrap();
    assert_eq!(
        parse_in(text, folder.path()).unwrap_err(),
        ["repository.\"ada/site\".folder: b is neither a file nor a folder"]
    );
}

#[test]
fn text_that_is_no_toml_has_a_line() {
    let faults = parse("people = ['ada']\n[repository").unwrap_err();
    assert!(faults[0].starts_with("line 2: this is not TOML"), "{faults:?}");
}

#[test]
fn the_same_seed_is_the_same_world() {
    let text = EXAMPLE.split("[app.").next().unwrap();
    let [one, two] = [Town::of(parse(text).unwrap()), Town::of(parse(text).unwrap())];
    assert_eq!(one.residents.tokens, two.residents.tokens);
}
