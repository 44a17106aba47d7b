//! Repositories by octocrab's typed calls: renamed ones are found under their old names, forks make pull requests.

use sandbox::world::Kind;

use crate::cast::{Cast, OWNER, REPOSITORY};

#[tokio::test]
async fn a_renamed_repository_is_found_under_its_old_name() {
    let cast = Cast::new().await;
    let ada = cast.ada();
    let old = ada.repos(OWNER, REPOSITORY);
    let renamed = old.update().name("greeter").description("Greets").send().await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.description.as_deref()), ("greeter", Some("Greets")));
    let followed = old.get().await.unwrap();
    assert_eq!((followed.id, followed.full_name.as_deref()), (renamed.id, Some("acme/greeter")));
    // octocrab follows what it can repeat, and a body is not among it: its caller is told where to go.
    let moved = ada.issues(OWNER, REPOSITORY).create("Under the old name").send().await.unwrap_err();
    let octocrab::Error::GitHub { source, .. } = moved else { panic!("{moved}") };
    assert_eq!((source.status_code.as_u16(), source.message.as_str()), (307, "Moved Permanently"));
    assert!(ada.issues(OWNER, "greeter").list().send().await.unwrap().items.is_empty());
    cast.stage.played.stop().await;
}

#[tokio::test]
async fn a_fork_makes_a_pull_request() {
    let cast = Cast::new().await;
    let token = cast.stage.played.with(|world| {
        let sam = world.account("sam", Kind::User);
        world.token(sam)
    });
    let sam = cast.person(&token);
    let upstream = sam.repos(OWNER, REPOSITORY);
    let fork = upstream.create_fork().send().await.unwrap();
    assert_eq!((fork.full_name.as_deref(), fork.fork), (Some("sam/hello.site"), Some(true)));
    assert_eq!(upstream.list_forks().send().await.unwrap().items[0].id, fork.id);
    let own = sam.repos("sam", REPOSITORY);
    own.create_file("sam.txt", "Sam was here", "Hello\n").branch("main").send().await.unwrap();
    let pull = sam.pulls(OWNER, REPOSITORY).create("From a fork", "sam:main", "main").send().await.unwrap();
    assert_eq!(pull.head.label.as_deref(), Some("sam:main"));
    let ada = cast.ada();
    let files = ada.pulls(OWNER, REPOSITORY).list_files(pull.number).await.unwrap();
    assert_eq!(files.items[0].filename, "sam.txt");
    assert!(ada.pulls(OWNER, REPOSITORY).merge(pull.number).send().await.unwrap().merged);
    cast.stage.played.stop().await;
}

#[tokio::test]
async fn people_come_to_a_repository_and_go() {
    let cast = Cast::new().await;
    let ada = cast.ada();
    let repository = ada.repos(OWNER, REPOSITORY);
    assert!(repository.is_collaborator("nora").await.unwrap());
    let told = repository.list_collaborators().send().await.unwrap();
    let logins: Vec<&str> = told.items.iter().map(|person| person.author.login.as_str()).collect();
    assert_eq!(logins, ["ada", "nora"]);
    repository.remove_collaborator("nora").await.unwrap();
    assert!(!repository.is_collaborator("nora").await.unwrap());
    cast.stage.played.stop().await;
}
