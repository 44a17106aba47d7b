//! People who act by a script, in a world without a port.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod contract;

use std::{path::Path, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode};
use sandbox::{
    people::{Done, Next, Play},
    seed_file::{Outside, Seed},
    world::{Addresses, Input, Moment, World},
};
use serde_json::Value;

use contract::Contract;

const TOWN: &str = r##"
people = ["ada", "nora", "sam"]
organisations = ["acme"]
[repository."acme/hello.site"]
collaborators = { ada = "admin", nora = "write" }
files = { "hello.js" = "export const hello = 'Hello!'\n", "README.md" = "# hello\n" }
"##;

const BEGINNING: i64 = 1_795_348_800_000;

fn seed(script: &str) -> Result<Seed, Vec<String>> {
    let outside = Outside { folder: Path::new("nowhere"), variable: &|_| None };
    let parsed = Seed::parse(&format!("{TOWN}{script}"), outside);
    parsed.map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// A world whose script has been played, without a clock that anybody waits for.
struct Told {
    world: World,
    done: Vec<(u64, Done)>,
    /// Method and path of each request.
    asked: Vec<String>,
}

impl Told {
    fn of(script: &str) -> Self {
        let seed = seed(script).unwrap();
        let addresses = Addresses { api: "http://localhost/api/v3".into(), html: "http://localhost".into() };
        let mut told = Self { world: World::new(1, addresses), done: Vec::new(), asked: Vec::new() };
        told.world.wake(Moment::from_millis(BEGINNING));
        let residents = seed.begin(&mut told.world).unwrap().listen(&mut told.world);
        told.play(Play::new(&seed.script, residents.tokens));
        told
    }

    fn play(&mut self, mut play: Play) {
        let mut passed = Duration::ZERO;
        loop {
            match play.next(passed) {
                Next::Wait(moment) => {
                    assert!(moment > passed, "it waits for what has passed");
                    passed = moment;
                }
                Next::Ask(request) => {
                    self.asked.push(format!("{} {}", request.method(), request.uri().path()));
                    let answer = self.answer(passed, request);
                    play.hear(&answer);
                }
                Next::Done(done) => self.done.push((u64::try_from(passed.as_millis()).unwrap(), done)),
                Next::Over => return,
            }
        }
    }

    fn answer(&mut self, passed: Duration, request: Request<Bytes>) -> http::Response<Bytes> {
        let now = Moment::from_millis(BEGINNING).after(passed);
        let input = Input::Request(request);
        loop {
            let output = self.world.step(now, &input);
            if let Some(answer) = output.answer {
                if answer.status().is_success() {
                    judge(&input);
                }
                return answer;
            }
            let question = output.unknown.expect("it is answered or asks");
            let merged = self.world.merge_by_path(question);
            self.world.step(now, &Input::Learned(question, merged));
        }
    }

    fn get(&mut self, path: &str) -> Value {
        let request = Request::builder().uri(path).body(Bytes::new()).unwrap();
        let answer = self.answer(Duration::from_hours(1), request);
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        serde_json::from_slice(answer.body()).unwrap()
    }

    /// The paths of a branch's files.
    fn files(&mut self, branch: &str) -> Vec<String> {
        let tree = self.get(&format!("/repos/acme/hello.site/git/trees/{branch}?recursive=1"));
        tree["tree"].as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap().to_owned()).collect()
    }

    /// Each act as `2000 sam files #1 …`, or with ✗ and why.
    fn said(&self) -> Vec<String> {
        self.done
            .iter()
            .map(|(at, done)| match &done.outcome {
                Ok(said) => format!("{at} {} {said}", done.who),
                Err(why) => format!("{at} {} ✗ {why}", done.who),
            })
            .collect()
    }
}

/// What succeeds is a request that GitHub would take.
fn judge(input: &Input) {
    let Input::Request(request) = input else { return };
    let (method, uri) = (request.method().as_str(), request.uri());
    let verdict = Contract::load().request(method, uri.path(), uri.query().unwrap_or_default(), request.body());
    assert_eq!(verdict, Ok(()), "{method} {uri}");
}

const ISSUES: &str = r#"
[[script]]
at = "2s"
who = "nora"
comment = { on = "greet", body = "An empty name counts as none.\nPlease." }
[[script]]
at = "1s"
who = "sam"
file = { as = "greet", title = "Greet the visitor" }
[[script]]
at = "2500ms"
who = "ada"
rename = { on = "greet", title = "Greet the visitor by name" }
[[script]]
at = "1m"
who = "ada"
close = { on = 1, reason = "not_planned" }
[[script]]
at = "1m"
who = "nora"
reopen = { on = "greet" }
"#;

#[test]
fn people_file_comment_rename_close_and_reopen_in_the_order_of_time() {
    let mut told = Told::of(ISSUES);
    assert_eq!(
        told.said(),
        [
            "1000 sam files #1 Greet the visitor",
            "2000 nora comments on #1: An empty name counts as none.",
            "2500 ada renames #1 Greet the visitor by name",
            "60000 ada closes #1 Greet the visitor by name",
            "60000 nora reopens #1 Greet the visitor by name",
        ]
    );
    let issue = told.get("/repos/acme/hello.site/issues/1");
    assert_eq!((&issue["state"], &issue["comments"]), (&"open".into(), &1.into()));
    assert_eq!((&issue["user"]["login"], &issue["created_at"]), (&"sam".into(), &"2026-11-22T12:00:01Z".into()));
}

const PULL: &str = r#"
[[script]]
at = "1s"
who = "nora"
push = { branch = "feature/night", message = "A dark mode", files = { "night.css" = "x", "README.md" = false } }
[[script]]
at = "1s"
who = "nora"
open = { as = "pr", title = "A dark mode", head = "feature/night", body = "For the night shift." }
[[script]]
at = "2s"
who = "ada"
review = { on = "pr", verdict = "request_changes", body = "Follow the system's setting." }
[[script]]
at = "3s"
who = "nora"
push = { branch = "feature/night", message = "Follow the system's setting", files = { "night.css" = "y" } }
[[script]]
at = "4s"
who = "ada"
review = { on = "pr", verdict = "approve" }
[[script]]
at = "4s"
who = "ada"
label = { on = "pr", add = ["enhancement", "night"] }
[[script]]
at = "4s"
who = "ada"
label = { on = "pr", add = ["Night"], remove = ["ENHANCEMENT"] }
[[script]]
at = "5s"
who = "ada"
merge = { on = "pr" }
"#;

#[test]
fn people_push_open_review_label_and_merge() {
    let mut told = Told::of(PULL);
    let said: Vec<String> = told.said().iter().map(|said| without_commits(said)).collect();
    assert_eq!(
        said,
        [
            "1000 nora pushes … to feature/night: A dark mode",
            "1000 nora opens #1 A dark mode, feature/night into main",
            "2000 ada wants changes in #1",
            "3000 nora pushes … to feature/night: Follow the system's setting",
            "4000 ada approves #1",
            "4000 ada labels #1 +enhancement +night",
            "4000 ada labels #1 +Night -ENHANCEMENT",
            "5000 ada merges #1 as …",
        ]
    );
    let pull = told.get("/repos/acme/hello.site/pulls/1");
    assert_eq!((&pull["merged"], &pull["commits"]), (&true.into(), &2.into()));
    assert_eq!(pull["labels"].as_array().unwrap().len(), 1);
    assert_eq!(told.files("main"), ["hello.js", "night.css"]);
}

#[test]
fn a_revert_takes_the_newest_commit_back() {
    let script = r#"
[[script]]
at = "6s"
who = "ada"
revert = {}
"#;
    let mut told = Told::of(&format!("{PULL}{script}"));
    let said = told.said().pop().unwrap();
    assert_eq!(without_commits(&said), "6000 ada reverts … on main as …");
    assert_eq!(told.files("main"), ["README.md", "hello.js"]);
    let newest = told.get("/repos/acme/hello.site/commits/main");
    let message = newest["commit"]["message"].as_str().unwrap();
    assert!(message.starts_with("Revert \"A dark mode"), "{message}");
}

/// With `…` for each commit.
fn without_commits(said: &str) -> String {
    let is_commit = |word: &str| word.len() == 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = said.split(' ').map(|word| if is_commit(word) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_refused_is_said_and_the_others_go_on() {
    let told = Told::of(
        r#"
        [[script]]
        who = "sam"
        close = { on = 7 }
        [[script]]
        who = "sam"
        file = { title = "Still here" }
        "#,
    );
    assert_eq!(told.said(), ["0 sam ✗ PATCH /issues/7: 404 Not Found", "0 sam files #1 Still here"]);
}

#[test]
fn the_same_script_asks_the_same_in_the_same_order() {
    let [one, two] = [Told::of(ISSUES), Told::of(ISSUES)];
    assert_eq!((one.asked, one.done), (two.asked, two.done));
}

#[test]
fn every_fault_of_a_script_is_said_at_once() {
    let faults = seed(
        r#"
        [[script]]
        at = "2 s"
        who = "eve"
        file = { title = "", lables = [] }
        [[script]]
        who = "sam"
        [[script]]
        who = "sam"
        close = { on = 0 }
        comment = { on = "x", body = "y" }
        [[script]]
        who = "nora"
        review = { on = "pr", verdict = "request_changes" }
        [[script]]
        who = "nora"
        in = "acme/other"
        comment = { on = "greet", body = "too early" }
        [[script]]
        at = "1s"
        who = "sam"
        file = { as = "greet", title = "x" }
        "#,
    )
    .unwrap_err();
    insta::assert_snapshot!(faults.join("\n"));
}
