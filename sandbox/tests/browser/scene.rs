//! What there is to look at: every kind of page, with much and with little on it, and with words that are hard to draw.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use octocrab::Octocrab;
use sandbox::world::{Kind, NewCommit, NewRepository, Role};
use serde_json::{Value, json};

use crate::cast::Cast;

pub const SITE: &str = "/repos/acme/hello.site";

const README: &str = "# Hello\n\nA page that greets whoever comes by, by name where it knows one.\n\n  make site\n";
const SCRIPT: &str = "// Greets.\nexport function hello(name) {\n  return `Hello, ${name}!`;\n}\n";
const GREETS: &str = "// Greets whoever is there.\nexport function hello(name = \"you\") {\n  if (!name) {\n    return \"Hello!\";\n  }\n  return `Hello, ${name}!`;\n}\n";
const CI: &str = "[check.test]\nrun = 'grep Hello index.html; for i in 1 2 3; do echo \"ok $i - greets\"; done'\non = ['push']\n\n\
    [check.lint]\nrun = 'echo \"src/hello.js:2: a line of words that is longer than any screen is wide, so that it has to be broken somewhere\"; exit 3'\non = ['push']\n\n\
    [check.spelling]\nrun = 'echo neutral > \"$CI_CONCLUSION\"'\non = ['push']\nneeds = ['test']\n";
const HOSTILE: &str =
    "<script>alert(\"1\")</script> & ' \u{202e}txt.exe\u{202c} &lt;b&gt; <img src=x onerror=alert(1)>";

/// A picture of one point.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";

pub async fn scene() -> Cast {
    let cast = Cast::new().await;
    let commit = files(&cast);
    issues(&cast).await;
    pulls(&cast).await;
    checks(&cast, &commit).await;
    again(&cast).await;
    cast
}

/// Says something to the API, and returns what it says.
pub async fn tell(by: &Octocrab, path: &str, body: Value) -> Value {
    by.post::<_, Value>(path, Some(&body)).await.unwrap_or_else(|error| panic!("{path} {body}: {error:?}"))
}

fn files(cast: &Cast) -> String {
    cast.stage.played.with(|world| {
        let [ada, nora, sam] = ["ada", "nora", "sam"].map(|login| world.account(login, Kind::User));
        let acme = world.account("acme", Kind::Organization);
        for name in ["greeter", "a-repository-with-a-name-that-is-as-long-as-a-name-may-well-be-in-this-world"] {
            let files: &[(&str, &[u8])] = &[("README.md", README.as_bytes())];
            let collaborators = BTreeMap::from([(ada, Role::Admin)]);
            world.repository(&NewRepository { owner: acme, name, private: false, files, collaborators });
        }
        let empty =
            NewRepository { owner: sam, name: "empty", private: false, files: &[], collaborators: BTreeMap::new() };
        world.repository(&empty);
        world.fork(cast.stage.site, sam).unwrap();
        let mut commit = |author, branch: &str, message: &str, files: &[(&str, Option<&[u8]>)]| {
            world.commit(cast.stage.site, branch, &NewCommit { author, message, files }).unwrap().to_string()
        };
        commit(
            ada,
            "main",
            "Say what this is\n",
            &[("README.md", Some(README.as_bytes())), ("src/hello.js", Some(SCRIPT.as_bytes()))],
        );
        for number in 1..=40 {
            commit(
                nora,
                "history",
                &format!("Step {number}\n"),
                &[("steps.txt", Some(format!("{number}\n").as_bytes()))],
            );
        }
        for number in 1..=40 {
            commit(nora, &format!("try/{number}"), "Try\n", &[("try.txt", Some(b"one\n"))]);
        }
        let greets: &[(&str, Option<&[u8]>)] = &[
            ("src/hello.js", Some(GREETS.as_bytes())),
            ("assets/picture.png", Some(PICTURE)),
            (
                "a folder with spaces/and a very long name of a file that nobody would want to type by hand.txt",
                Some(HOSTILE.as_bytes()),
            ),
            ("index.html", None),
        ];
        commit(nora, "greet", "Greet whoever is there\n\nA name may be absent.\n", greets);
        commit(nora, "greet", "Write a line that has no end\n", &[("long.txt", Some("word".repeat(300).as_bytes()))]);
        commit(nora, "draft", "Begin\n", &[("draft.txt", Some(b"one\n"))]);
        commit(nora, "done", "Finish\n", &[("done.txt", Some(b"one\n"))]);
        commit(nora, "never", "Give up\n", &[("never.txt", Some(b"one\n"))]);
        commit(ada, "main", "Check each push\n", &[(".ci.toml", Some(CI.as_bytes()))])
    })
}

async fn issues(cast: &Cast) {
    let (ada, nora) = (cast.ada(), cast.nora());
    let issues = format!("{SITE}/issues");
    let body =
        "The page says \"Hello!\" and nothing else.\n\nIt could say the name where it knows one:\n\n  Hello, Nora!\n";
    let labels = json!(["bug", "good first issue"]);
    tell(&ada, &issues, json!({"title": "Greet by name", "body": body, "labels": labels, "assignees": ["nora"]})).await;
    tell(&nora, &format!("{issues}/1/comments"), json!({"body": "I'll take it. What if nobody is there?"})).await;
    tell(&ada, &format!("{issues}/1/comments"), json!({"body": HOSTILE})).await;
    tell(&ada, &issues, json!({"title": HOSTILE, "body": "word".repeat(400)})).await;
    tell(&ada, &issues, json!({"title": "Never to be done"})).await;
    let renamed = json!({"title": "Never to be done, after all", "assignees": ["ada"]});
    ada.patch::<Value, _, _>(format!("{issues}/3"), Some(&renamed)).await.unwrap();
    let closed = json!({"state": "closed", "state_reason": "not_planned"});
    ada.patch::<Value, _, _>(format!("{issues}/3"), Some(&closed)).await.unwrap();
    for number in 4..=70 {
        let title = format!("Issue {number} of many, with a title that says what it is about in some more words");
        tell(&nora, &issues, json!({"title": title, "labels": ["enhancement"]})).await;
    }
}

async fn pulls(cast: &Cast) {
    let (ada, nora) = (cast.ada(), cast.nora());
    let pulls = format!("{SITE}/pulls");
    let mut numbers = BTreeMap::new();
    for branch in ["greet", "draft", "done", "never"] {
        let body = format!("What the branch {branch} is for.\n\nCloses #1");
        let new = json!({"title": format!("Take {branch}"), "head": branch, "base": "main", "body": body, "draft": branch == "draft"});
        let pull = tell(&nora, &pulls, new).await;
        numbers.insert(branch, pull["number"].as_u64().unwrap());
    }
    let [greet, done, never] = ["greet", "done", "never"].map(|branch| numbers[branch]);
    let line = json!({"path": "src/hello.js", "line": 3, "side": "RIGHT", "body": "And an empty name?"});
    let review = json!({"event": "REQUEST_CHANGES", "body": "Nearly.", "comments": [line]});
    tell(&ada, &format!("{pulls}/{greet}/reviews"), review).await;
    let comments: Value = ada.get(format!("{pulls}/{greet}/comments"), None::<&()>).await.unwrap();
    let answer = format!("{pulls}/{greet}/comments/{}/replies", comments[0]["id"]);
    tell(&nora, &answer, json!({"body": "That is what the `if` is for."})).await;
    tell(&ada, &format!("{pulls}/{greet}/reviews"), json!({"event": "APPROVE", "body": "Now I see."})).await;
    let merge = json!({"merge_method": "squash"});
    ada.put::<Value, _, _>(format!("{pulls}/{done}/merge"), Some(&merge)).await.unwrap();
    ada.patch::<Value, _, _>(format!("{pulls}/{never}"), Some(&json!({"state": "closed"}))).await.unwrap();
}

/// Robin says something of the pull request's head, and so does a status.
async fn checks(cast: &Cast, commit: &str) {
    let head = cast.stage.played.with(|world| world.branch(cast.stage.site, "greet").unwrap().to_string());
    let robin = cast.robin();
    let note = json!({"path": "src/hello.js", "start_line": 3, "end_line": 3, "annotation_level": "warning", "message": "No test comes here."});
    let output =
        json!({"title": "One line is not tested", "summary": "12 of 13 lines are tested.", "annotations": [note]});
    let ended =
        json!({"name": "coverage", "head_sha": head, "status": "completed", "conclusion": "failure", "output": output});
    for run in [ended, json!({"name": "preview", "head_sha": head, "status": "in_progress"})] {
        tell(&robin, &format!("{SITE}/check-runs"), run).await;
    }
    for (context, state) in [("site/deploy", "pending"), ("site/links", "success"), ("site/size", "error")] {
        let status = json!({"state": state, "context": context, "description": "As of now"});
        tell(&robin, &format!("{SITE}/statuses/{commit}"), status).await;
    }
}

/// What failed is run once more.
async fn again(cast: &Cast) {
    let ada = cast.ada();
    let run = ended(&ada, 1).await;
    // An answer without a body is none to octocrab.
    ada._post(format!("{SITE}/actions/runs/{run}/rerun-failed-jobs"), None::<&()>).await.unwrap();
    ended(&ada, 2).await;
}

/// The oldest workflow run, once this attempt of it has ended.
async fn ended(by: &Octocrab, attempt: u64) -> u64 {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let told: Value = by.get(format!("{SITE}/actions/runs"), None::<&()>).await.unwrap();
        if let Some(run) = told["workflow_runs"].as_array().unwrap().last()
            && run["run_attempt"] == attempt
            && run["status"] == "completed"
        {
            return run["id"].as_u64().unwrap();
        }
        assert!(Instant::now() < deadline, "{told}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
