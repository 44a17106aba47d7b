//! What is refused reaches a client as GitHub's own error.

use octocrab::{Error, GitHubError, models::pulls::ReviewAction, params::repos::Reference};

use crate::{
    cast::{Cast, OWNER, REPOSITORY},
    typed::propose,
};

/// What GitHub said to a call that had to fail.
fn refused<T: std::fmt::Debug>(result: octocrab::Result<T>) -> GitHubError {
    match result.unwrap_err() {
        Error::GitHub { source, .. } => *source,
        other => panic!("this is no answer of GitHub's: {other}"),
    }
}

/// The message of an error and of its parts, in one line.
fn said(error: &GitHubError) -> (u16, String) {
    let parts = error.errors.iter().flatten().map(ToString::to_string);
    let all: Vec<String> = std::iter::once(error.message.clone()).chain(parts).collect();
    (error.status_code.as_u16(), all.join(" · "))
}

#[track_caller]
fn says<T: std::fmt::Debug>(result: octocrab::Result<T>, status: u16, sentence: &str) {
    let (code, message) = said(&refused(result));
    assert!(code == status && message.contains(sentence), "{code}: {message}");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let cast = Cast::new().await;
    let ada = cast.ada();
    says(ada.repos(OWNER, "nowhere").get().await, 404, "Not Found");
    says(ada.issues(OWNER, REPOSITORY).get(99).await, 404, "Not Found");
    says(ada.pulls(OWNER, REPOSITORY).get(99).await, 404, "Not Found");
    says(ada.repos(OWNER, REPOSITORY).get_ref(&Reference::Branch("gone".to_owned())).await, 404, "Not Found");
    says(cast.person("ghp_nobody").current().user().await, 401, "Bad credentials");
    cast.stage.played.stop().await;
}

#[tokio::test]
async fn a_merge_that_may_not_be_is_refused() {
    let cast = Cast::new().await;
    let ada = cast.ada();
    let pulls = ada.pulls(OWNER, REPOSITORY);
    let pull = propose(&ada, "greet", "").await;
    let stale = pull.base.sha.as_str();
    says(pulls.merge(pull.number).sha(stale).send().await, 409, "Head branch was modified");
    let repository = ada.repos(OWNER, REPOSITORY);
    let page = repository.get_content().path("index.html").send().await.unwrap().items.remove(0);
    repository.update_file("index.html", "Another way", "<h1>Bye!</h1>\n", page.sha).send().await.unwrap();
    says(pulls.merge(pull.number).send().await, 405, "Pull Request is not mergeable");
    cast.stage.played.stop().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_unprocessable() {
    let cast = Cast::new().await;
    let ada = cast.ada();
    let pulls = ada.pulls(OWNER, REPOSITORY);
    let pull = propose(&ada, "greet", "").await;
    let again = pulls.create("Again", "greet", "main").send().await;
    says(again, 422, "A pull request already exists for acme:greet.");
    #[expect(deprecated, reason = "octocrab offers no other way to write a review")]
    let specific = pulls.pull_number(pull.number);
    let own = specific.reviews().create_review(&pull.head.sha, "Mine", ReviewAction::Approve, Vec::new()).await;
    says(own, 422, "Can not approve your own pull request");
    let main = Reference::Branch("main".to_owned());
    says(ada.repos(OWNER, REPOSITORY).create_ref(&main, &pull.head.sha).await, 422, "Reference already exists");
    let nothing = ada.pulls(OWNER, REPOSITORY).create("Nothing", "main", "main").send().await;
    says(nothing, 422, "No commits between main and main");
    cast.stage.played.stop().await;
}
