//! What octocrab's typed calls read and write beside a pull request: git's data, statuses, protection, Apps, long lists.

use octocrab::{
    models::{
        StatusState,
        git::CreateTreeEntry,
        repos::{Object, UpdateStatusChecks},
    },
    params::{State, repos::Reference},
};

use crate::{
    cast::{Cast, OWNER, REPOSITORY},
    typed::propose,
};

#[tokio::test]
async fn a_commit_is_made_of_its_parts() {
    let cast = Cast::new().await;
    let ada = cast.ada();
    let git = ada.repos(OWNER, REPOSITORY).git();
    let main = Reference::Branch("main".to_owned());
    let Object::Commit { sha: parent, .. } = git.get_ref(&main).await.unwrap().object else { panic!("no commit") };
    let before = git.get_commit(parent.as_str()).await.unwrap();
    let blob = git.create_blob("# Hello\n").send().await.unwrap();
    let entry = CreateTreeEntry::new("README.md", "100644", "blob").with_sha(blob.sha.as_str());
    let tree = git.create_tree(vec![entry]).base_tree(before.tree.sha).send().await.unwrap();
    let names: Vec<_> = tree.tree.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(names, ["README.md", "index.html"]);
    let commit = git.create_commit("Say what it is", tree.sha).parents(vec![parent]).send().await.unwrap();
    let moved = git.update_ref(&main, commit.sha.as_str()).send().await.unwrap();
    assert_eq!(moved.ref_field, "refs/heads/main");
    let tag = git.create_tag("v1", "The first", commit.sha.as_str(), "commit").send().await.unwrap();
    git.create_ref(&Reference::Tag("v1".to_owned()), tag.sha.as_str()).await.unwrap();
    assert_eq!(git.get_tag(tag.sha).await.unwrap().tag, "v1");
    let tags = ada.repos(OWNER, REPOSITORY).list_tags().send().await.unwrap();
    assert_eq!((tags.items[0].name.as_str(), tags.items[0].commit.sha.as_str()), ("v1", commit.sha.as_str()));
    cast.stage.played.stop().await;
}

#[tokio::test]
async fn a_protected_branch_waits_for_its_status() {
    let cast = Cast::new().await;
    let (ada, robin) = (cast.ada(), cast.robin());
    let repository = ada.repos(OWNER, REPOSITORY);
    let required = UpdateStatusChecks { strict: false, contexts: vec!["site".to_owned()], checks: None };
    let protection = repository.branches().protection("main");
    let protected = protection.update().required_status_checks(Some(required)).enforce_admins(Some(true));
    let protected = protected.send().await.unwrap();
    assert_eq!(protected.required_status_checks.unwrap().contexts, ["site"]);
    assert!(repository.branches().get("main").await.unwrap().protected);
    let pull = propose(&ada, "greet", "").await;
    let early = ada.pulls(OWNER, REPOSITORY).merge(pull.number).send().await.unwrap_err();
    let octocrab::Error::GitHub { source, .. } = early else { panic!("{early}") };
    assert_eq!(source.status_code, 405, "{source}");
    let deployed = robin.repos(OWNER, REPOSITORY);
    let status = deployed.create_status(pull.head.sha.clone(), StatusState::Success).context("site".to_owned());
    assert_eq!(status.send().await.unwrap().state, StatusState::Success);
    let combined = repository.combined_status_for_ref(&Reference::Branch("greet".to_owned())).await.unwrap();
    assert_eq!((combined.state, combined.total_count), (StatusState::Success, 1));
    assert!(ada.pulls(OWNER, REPOSITORY).merge(pull.number).send().await.unwrap().merged);
    cast.stage.played.stop().await;
}

#[tokio::test]
async fn an_app_knows_itself_and_where_it_is_installed() {
    let cast = Cast::new().await;
    let app = cast.app();
    let own = app.apps().get().await.unwrap();
    assert_eq!((own.id.0, own.slug.as_deref()), (cast.robin.0, Some("robin")));
    let installations = app.apps().installations().send().await.unwrap();
    assert_eq!(installations.items[0].account.login, OWNER);
    let of_repository = app.apps().get_repository_installation(OWNER, REPOSITORY).await.unwrap();
    assert_eq!(of_repository.id.0, cast.installation.0);
    let reached = cast.robin().apps().installation_repositories().send().await.unwrap();
    assert_eq!(reached.repositories[0].name, REPOSITORY);
    cast.stage.played.stop().await;
}

#[tokio::test]
async fn a_list_is_walked_page_by_page() {
    let cast = Cast::new().await;
    let ada = cast.ada();
    let issues = ada.issues(OWNER, REPOSITORY);
    for number in 1..=7 {
        issues.create(format!("Number {number}")).send().await.unwrap();
    }
    let first = issues.list().state(State::All).per_page(3).send().await.unwrap();
    assert_eq!((first.items.len(), first.number_of_pages()), (3, Some(3)));
    let all = ada.all_pages(first).await.unwrap();
    let numbers: Vec<u64> = all.iter().map(|issue| issue.number).collect();
    assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);
    cast.stage.played.stop().await;
}
