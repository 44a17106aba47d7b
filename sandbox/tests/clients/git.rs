//! Git itself beside a client of the API: what the one does the other sees.

use std::{fs, path::Path};

use octocrab::params::pulls::MergeMethod;

use crate::{
    cast::{Cast, OWNER, REPOSITORY},
    stage,
};

#[tokio::test]
async fn a_pushed_branch_becomes_a_pull_request_that_git_fetches() {
    let cast = Cast::new().await;
    let ada = cast.ada();
    let folder = tempfile::tempdir().unwrap();
    let host = cast.stage.played.addresses().html.strip_prefix("http://").unwrap();
    let url = format!("http://x-access-token:{}@{host}/{OWNER}/{REPOSITORY}.git", cast.stage.ada);
    git(folder.path(), &["clone", "--quiet", &url, "site"]).await;
    let site = folder.path().join("site");
    git(&site, &["checkout", "--quiet", "-b", "greet"]).await;
    fs::write(site.join("hello.js"), "export const hello = 'Hello!';\n").unwrap();
    git(&site, &["add", "."]).await;
    git(&site, &["commit", "--quiet", "-m", "Greet"]).await;
    git(&site, &["push", "--quiet", "origin", "greet"]).await;
    let pulls = ada.pulls(OWNER, REPOSITORY);
    let pull = pulls.create("Greet", "greet", "main").send().await.unwrap();
    let head = git(&site, &["rev-parse", "HEAD"]).await;
    assert_eq!(pull.head.sha, head);
    git(&site, &["fetch", "--quiet", "origin", &format!("refs/pull/{}/head", pull.number)]).await;
    assert_eq!(git(&site, &["rev-parse", "FETCH_HEAD"]).await, head);
    let merged = pulls.merge(pull.number).sha(head.as_str()).method(MergeMethod::Squash).send().await.unwrap();
    git(&site, &["fetch", "--quiet", "origin", "main"]).await;
    assert_eq!(Some(git(&site, &["rev-parse", "FETCH_HEAD"]).await), merged.sha);
    assert_eq!(git(&site, &["diff", "--stat", "FETCH_HEAD", "greet"]).await, "", "a squash has the branch's tree");
    cast.stage.played.stop().await;
}

/// Runs git in a folder as nobody in particular, and returns what it printed.
async fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = stage::git(folder).args(arguments).output().await.unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
