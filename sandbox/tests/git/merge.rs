//! Merges, answered by git.

use std::{fs, os::unix::fs::PermissionsExt};

use sandbox::{
    git::{Merged, Mirror, RepositoryId, Settings},
    object::{Kind, Objects, Oid},
    world::Question,
};
use tempfile::TempDir;

use crate::{client::Client, owner::SITE, stage::Stage};

/// A server with the branches `main` and `topic`, which both go on from one commit.
async fn forked(mine: (&str, &str), theirs: (&str, &str)) -> (Stage, Client, Oid, Oid) {
    let (stage, client) = Stage::begun().await;
    client.git(&["checkout", "-q", "-b", "topic"]).await;
    let topic = client.commit(theirs.0, theirs.1).await;
    client.git(&["checkout", "-q", "main"]).await;
    let main = client.commit(mine.0, mine.1).await;
    client.git(&["push", "-q", "origin", "main", "topic"]).await;
    (stage, client, main, topic)
}

#[tokio::test]
async fn a_merge_has_the_tree_that_git_makes() {
    let (stage, client, main, topic) = forked(("mine", "mine"), ("folder/theirs", "theirs")).await;
    let Merged::Tree { tree, objects } = stage.mirror.merge(SITE, main, topic).await.unwrap() else { panic!() };
    client.git(&["merge", "-q", "-m", "Merge", "topic"]).await;
    assert_eq!(tree, client.oid("HEAD^{tree}").await);
    assert_eq!(objects.iter().map(|raw| (raw.oid, raw.kind)).collect::<Vec<_>>(), [(tree, Kind::Tree)]);
}

#[tokio::test]
async fn a_question_leaves_nothing_and_has_one_answer() {
    let (stage, _, main, topic) = forked(("mine", "mine"), ("theirs", "theirs")).await;
    let first = stage.mirror.merge(SITE, main, topic).await.unwrap();
    let Merged::Tree { tree, .. } = first.clone() else { panic!() };
    assert!(!stage.has(tree).await);
    let question = Question::Merge { repository: SITE, ours: main, theirs: topic };
    assert_eq!(stage.mirror.answer(question).await.unwrap(), first);
    assert_eq!(stage.leftovers(), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn a_conflict_names_its_paths() {
    let (stage, _, main, topic) = forked(("README.md", "mine\n"), ("README.md", "theirs\n")).await;
    let merged = stage.mirror.merge(SITE, main, topic).await.unwrap();
    assert_eq!(merged, Merged::Conflict(vec!["README.md".to_owned()]));
    let picked = stage.mirror.pick(SITE, topic, main).await.unwrap();
    assert_eq!(picked, Merged::Conflict(vec!["README.md".to_owned()]));
}

#[tokio::test]
async fn a_renamed_file_keeps_the_others_change() {
    let (stage, client) = Stage::begun().await;
    client.commit("README.md", "one\ntwo\nthree\nfour\nfive\n").await;
    client.git(&["checkout", "-q", "-b", "topic"]).await;
    let topic = client.commit("README.md", "one\ntwo\nthree\nfour\nFIVE\n").await;
    client.git(&["checkout", "-q", "main"]).await;
    client.git(&["mv", "README.md", "LIESMICH.md"]).await;
    let main = client.commit("other", "other").await;
    client.git(&["push", "-q", "origin", "main", "topic"]).await;
    let Merged::Tree { tree, .. } = stage.mirror.merge(SITE, main, topic).await.unwrap() else { panic!() };
    client.git(&["merge", "-q", "-m", "Merge", "topic"]).await;
    assert_eq!(tree, client.oid("HEAD^{tree}").await);
    assert_eq!(client.git(&["show", "HEAD:LIESMICH.md"]).await, "one\ntwo\nthree\nfour\nFIVE");
}

#[tokio::test]
async fn commits_without_a_common_one_are_unrelated() {
    let (stage, client) = Stage::begun().await;
    let main = client.oid("main").await;
    client.git(&["checkout", "-q", "--orphan", "other"]).await;
    let other = client.commit("other", "other").await;
    client.git(&["push", "-q", "origin", "other"]).await;
    assert_eq!(stage.mirror.merge(SITE, main, other).await.unwrap(), Merged::Unrelated);
}

#[tokio::test]
async fn a_pick_carries_one_commit_as_a_rebase_does() {
    let (stage, client) = Stage::begun().await;
    client.git(&["checkout", "-q", "-b", "topic"]).await;
    client.commit("first", "first").await;
    let second = client.commit("second", "second").await;
    client.git(&["checkout", "-q", "main"]).await;
    let main = client.commit("mine", "mine").await;
    client.git(&["push", "-q", "origin", "main", "topic"]).await;
    let Merged::Tree { tree, objects } = stage.mirror.pick(SITE, second, main).await.unwrap() else { panic!() };
    client.git(&["cherry-pick", &second.to_string()]).await;
    assert_eq!(tree, client.oid("HEAD^{tree}").await);
    assert!(objects.iter().all(|raw| raw.kind != Kind::Commit));
    assert_eq!(client.git(&["ls-tree", "--name-only", "HEAD"]).await, "README.md\nmine\nsecond");
}

/// Git before 2.40, as far as a pick can tell.
#[tokio::test]
async fn an_older_git_picks_the_same() {
    let (stage, _, main, topic) = forked(("mine", "mine"), ("folder/theirs", "theirs")).await;
    let older = stage.folder().join("older-git");
    let script = "#!/bin/sh\ncase \"$*\" in *--merge-base*) exit 129;; esac\nexec git \"$@\"\n";
    fs::write(&older, script).unwrap();
    fs::set_permissions(&older, fs::Permissions::from_mode(0o755)).unwrap();
    let mirror = Mirror::open(stage.folder(), Settings { program: older, ..Settings::default() }).unwrap();
    let picked = mirror.pick(SITE, topic, main).await.unwrap();
    assert!(matches!(&picked, Merged::Tree { objects, .. } if objects.len() == 1), "{picked:?}");
    assert_eq!(picked, stage.mirror.pick(SITE, topic, main).await.unwrap());
}

#[tokio::test]
async fn a_first_commit_is_picked_as_all_it_holds() {
    let (stage, client) = Stage::begun().await;
    let main = client.oid("main").await;
    client.git(&["checkout", "-q", "--orphan", "other"]).await;
    client.git(&["rm", "-q", "-rf", "."]).await;
    let other = client.commit("other", "other").await;
    client.git(&["push", "-q", "origin", "other"]).await;
    let Merged::Tree { tree, objects } = stage.mirror.pick(SITE, other, main).await.unwrap() else { panic!() };
    let mut known = Objects::new();
    objects.iter().for_each(|raw| assert_eq!(known.insert_raw(raw.kind, raw.bytes.clone()).unwrap(), raw.oid));
    let names: Vec<_> = known.walk(tree).into_iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(names, ["README.md", "other"]);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_merged() {
    let (stage, client) = Stage::begun().await;
    let main = client.oid("main").await;
    for answer in [
        stage.mirror.merge(SITE, main, Oid([7; 20])).await,
        stage.mirror.pick(SITE, Oid([7; 20]), main).await,
        stage.mirror.merge(RepositoryId(404), main, main).await,
    ] {
        assert!(answer.is_err(), "{answer:?}");
    }
    let folder = TempDir::new().unwrap();
    let without = Settings { program: "/nowhere/git".into(), ..Settings::default() };
    let mirror = Mirror::open(folder.path(), without).unwrap();
    mirror.create(SITE, "main").unwrap();
    let said = mirror.merge(SITE, main, main).await.unwrap_err().to_string();
    assert!(said.contains("install git 2.38 or later"), "{said}");
}
