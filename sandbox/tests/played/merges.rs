//! Merges that git itself answers.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use sandbox::{
    object::Oid,
    world::{AccountId, Kind, NewCommit},
};
use serde_json::{Value, json};

use crate::stage::Stage;

const PULLS: &str = "/repos/acme/hello.site/pulls";

const LINES: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// The lines with one of them written anew: git joins changes that lie apart, which a merge by path cannot.
fn with(line: usize, text: &str) -> String {
    let mut lines = LINES.map(ToOwned::to_owned);
    text.clone_into(&mut lines[line]);
    lines.join("\n") + "\n"
}

fn commit(stage: &Stage, branch: &str, path: &str, content: &str) -> Oid {
    let site = stage.site;
    stage.played.with(|world| {
        let author: AccountId = world.account("ada", Kind::User);
        let files = [(path, Some(content.as_bytes()))];
        world.commit(site, branch, &NewCommit { author, message: path, files: &files }).unwrap()
    })
}

/// A pull request of two commits, the base of which has changed the same file elsewhere.
async fn diverged(stage: &Stage) {
    commit(stage, "main", "lines.txt", &with(0, "one"));
    commit(stage, "greet", "lines.txt", &with(8, "NINE"));
    commit(stage, "greet", "more.txt", "more\n");
    commit(stage, "main", "lines.txt", &with(0, "ONE"));
    let new = json!({"title": "Greet", "head": "greet", "base": "main"});
    let (status, said) = stage.ask(Method::POST, PULLS, Some(new)).await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
}

/// Asks until git has said what is wanted, as a bot does.
async fn pull(stage: &Stage, known: &str) -> Value {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let (_, pull) = stage.ask(Method::GET, &format!("{PULLS}/1"), None).await;
        if !pull[known].is_null() {
            return pull;
        }
        assert!(Instant::now() < end, "git has not said whether it is {known}: {pull}");
        tokio::task::yield_now().await;
    }
}

fn content(stage: &Stage, path: &str) -> String {
    stage.played.with(|world| {
        let tip = world.branch(stage.site, "main").unwrap();
        let objects = world.objects();
        let entry = objects.entry(objects.commit(tip).unwrap().tree, path).unwrap();
        String::from_utf8(objects.blob(entry.oid).unwrap().to_vec()).unwrap()
    })
}

#[tokio::test]
async fn git_joins_what_lies_apart_and_each_commit_is_done_again() {
    let stage = Stage::new().await;
    diverged(&stage).await;
    assert_eq!(pull(&stage, "mergeable").await["mergeable"], true);
    assert_eq!(pull(&stage, "rebaseable").await["rebaseable"], true);
    let wanted = json!({"merge_method": "rebase"});
    let (status, said) = stage.ask(Method::PUT, &format!("{PULLS}/1/merge"), Some(wanted)).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    let joined = with(0, "ONE").replace("nine", "NINE");
    assert_eq!((content(&stage, "lines.txt"), content(&stage, "more.txt")), (joined, "more\n".to_owned()));
    stage.played.stop().await;
}

#[tokio::test]
async fn a_merge_asks_git_by_itself() {
    let stage = Stage::new().await;
    diverged(&stage).await;
    let (status, said) = stage.ask(Method::PUT, &format!("{PULLS}/1/merge"), Some(json!({}))).await;
    assert_eq!((status, &said["merged"]), (StatusCode::OK, &json!(true)), "{said}");
    assert_eq!(content(&stage, "lines.txt"), with(0, "ONE").replace("nine", "NINE"));
    stage.played.stop().await;
}
