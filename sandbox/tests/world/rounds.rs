//! What the tests of pull requests do again and again.

use sandbox::{
    object::Oid,
    world::{AccountId, Effect, Kind, NewCommit, RepositoryId},
};
use serde_json::{Value, json};

use crate::stage::Stage;

pub const PULLS: &str = "/repos/acme/hello.site/pulls";

pub fn person(stage: &mut Stage, login: &str) -> AccountId {
    stage.world.account(login, Kind::User)
}

/// Nora commits one file to a branch.
pub fn commit(stage: &mut Stage, branch: &str, path: &str, content: &str) -> Oid {
    let site = stage.site;
    commit_to(stage, site, "nora", branch, &format!("Change {path}\n"), (path, content))
}

pub fn commit_to(
    stage: &mut Stage,
    repository: RepositoryId,
    login: &str,
    branch: &str,
    message: &str,
    (path, content): (&str, &str),
) -> Oid {
    let author = person(stage, login);
    let files = [(path, Some(content.as_bytes()))];
    stage.world.commit(repository, branch, &NewCommit { author, message, files: &files }).unwrap()
}

/// Nora opens a pull request from a branch with one new file; git has said that it can be merged.
pub fn opened(stage: &mut Stage, branch: &str, body: &str) -> Value {
    commit(stage, branch, &format!("{branch}.txt"), "one\ntwo\nthree\n");
    let nora = stage.nora.clone();
    let new = json!({"title": format!("Add {branch}"), "head": branch, "base": "main", "body": body});
    let opened = stage.post(&nora, PULLS, new).expect(201);
    learn(stage);
    stage.get(&nora, &format!("{PULLS}/{}", opened["number"])).expect(200)
}

/// Answers whatever git is asked, until it is asked nothing more.
pub fn learn(stage: &mut Stage) {
    loop {
        stage.carry();
        if !stage.effects.iter().any(|effect| matches!(effect, Effect::Ask(_))) {
            return;
        }
        stage.learn();
    }
}

/// What was told of pull requests and issues since the last time.
pub fn told(stage: &mut Stage) -> Vec<String> {
    let mut told = stage.told();
    told.retain(|name| name.starts_with("pull_request") || name.starts_with("issues."));
    told
}

pub fn tip(stage: &Stage, branch: &str) -> Oid {
    stage.world.branch(stage.site, branch).unwrap()
}

pub fn tree(stage: &Stage, commit: Oid) -> Oid {
    stage.world.objects().commit(commit).unwrap().tree
}
