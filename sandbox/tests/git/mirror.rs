//! The mirror follows a world that writes without a push.

use std::{fs, sync::Arc};

use bytes::Bytes;
use sandbox::{
    git::{Error, Merged, Mirror, Raw, RepositoryId, Settings},
    object::{Kind, Objects, Oid},
};
use tempfile::TempDir;

use crate::{client::Client, owner::SITE, stage::Stage};

const FORK: RepositoryId = RepositoryId(2);

fn commit(tree: Oid, parent: Option<Oid>) -> Raw {
    let parent = parent.map(|oid| format!("parent {oid}\n")).unwrap_or_default();
    let text = format!("tree {tree}\n{parent}author a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nSaid\n");
    Raw::new(Kind::Commit, text.into())
}

#[tokio::test]
async fn what_the_world_writes_can_be_cloned() {
    let stage = Stage::new().await;
    let blob = Raw::new(Kind::Blob, Bytes::from_static(b"hello\n"));
    let entry = [&b"100644 hello\0"[..], &blob.oid.0].concat();
    let tree = Raw::new(Kind::Tree, entry.into());
    let commit = commit(tree.oid, None);
    stage.mirror.write(SITE, [blob, tree, commit.clone()]).unwrap();
    stage.mirror.update_refs(SITE, &[("refs/heads/main", Some(commit.oid))]).unwrap();
    let clone = Client::cloned(&stage.address("reader"), &[]).await;
    assert_eq!(clone.oid("HEAD").await, commit.oid);
    assert_eq!(fs::read_to_string(clone.path("hello")).unwrap(), "hello\n");
    clone.git(&["fsck", "--strict"]).await;
}

/// As many objects, one a file, as this repository has.
async fn loose(stage: &Stage) -> u64 {
    let counted = stage.on_disk(&["count-objects"]).await.1;
    counted.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn refs_take_along_what_they_reach() {
    let stage = Stage::new().await;
    let mut world = Objects::new();
    let empty = commit(Oid::EMPTY_TREE, None);
    let blob = world.insert_raw(Kind::Blob, Bytes::from_static(b"hello\n")).unwrap();
    let tree = world.insert_raw(Kind::Tree, [&b"100644 hello\0"[..], &blob.0].concat().into()).unwrap();
    let first = world.insert_raw(Kind::Commit, empty.bytes.clone()).unwrap();
    let second = world.insert_raw(Kind::Commit, commit(tree, Some(first)).bytes).unwrap();
    let other = world.insert_raw(Kind::Commit, commit(tree, None).bytes).unwrap();
    stage.mirror.follow(SITE, &world, &[("refs/heads/main", Some(second))]).unwrap();
    let clone = Client::cloned(&stage.address("reader"), &[]).await;
    assert_eq!(clone.oid("HEAD").await, second);
    clone.git(&["fsck", "--strict"]).await;
    assert_eq!(loose(&stage).await, 5);
    assert!(!stage.has(other).await);
    stage.mirror.follow(SITE, &world, &[("refs/heads/main", None), ("refs/heads/other", Some(other))]).unwrap();
    assert_eq!(
        stage.mirror.refs(SITE).unwrap().into_iter().collect::<Vec<_>>(),
        [("refs/heads/other".to_owned(), other)]
    );
    assert_eq!(loose(&stage).await, 6);
}

#[tokio::test]
async fn what_a_push_brought_is_not_written_again() {
    let (stage, client) = Stage::begun().await;
    for at in 0..150 {
        fs::write(client.path(&format!("file-{at}")), at.to_string()).unwrap();
    }
    let tip = client.commit("last", "last").await;
    client.git(&["push", "-q", "origin", "main"]).await;
    let before = loose(&stage).await;
    stage.mirror.follow(SITE, &stage.owner.world().objects, &[("refs/heads/more", Some(tip))]).unwrap();
    assert_eq!(loose(&stage).await, before);
    assert_eq!(stage.mirror.refs(SITE).unwrap()["refs/heads/more"], tip);
}

#[tokio::test]
async fn a_ref_does_not_move_to_what_is_not_whole() {
    let stage = Stage::new().await;
    let mut world = Objects::new();
    let tip = world.insert_raw(Kind::Commit, commit(Oid([7; 20]), None).bytes).unwrap();
    let failed = stage.mirror.follow(SITE, &world, &[("refs/heads/main", Some(tip))]);
    assert!(matches!(failed, Err(Error::Unreadable { .. })), "{failed:?}");
    assert!(stage.mirror.refs(SITE).unwrap().is_empty());
    assert!(!stage.has(tip).await);
}

#[tokio::test]
async fn a_pull_request_from_a_fork_merges_without_copying() {
    let (stage, client) = Stage::begun().await;
    let main = client.oid("main").await;
    stage.mirror.fork(FORK, SITE, "main").unwrap();
    assert!(stage.mirror.refs(FORK).unwrap().is_empty());
    let empty = Raw::new(Kind::Tree, Bytes::new());
    let theirs = commit(empty.oid, Some(main));
    stage.mirror.write(FORK, [empty.clone(), theirs.clone()]).unwrap();
    let merged = stage.mirror.merge(SITE, main, theirs.oid).await.unwrap();
    assert_eq!(merged, Merged::Tree { tree: Oid::EMPTY_TREE, objects: Vec::new() });
}

#[tokio::test]
async fn a_fork_outlives_its_source() {
    let (stage, client) = Stage::begun().await;
    let main = client.oid("main").await;
    stage.mirror.fork(FORK, SITE, "main").unwrap();
    stage.mirror.remove(SITE).unwrap();
    stage.mirror.update_refs(FORK, &[("refs/heads/main", Some(main))]).unwrap();
    assert!(matches!(stage.mirror.merge(FORK, main, main).await.unwrap(), Merged::Tree { .. }));
    stage.mirror.remove(FORK).unwrap();
    assert!(stage.mirror.refs(FORK).unwrap().is_empty());
    assert!(stage.mirror.merge(FORK, main, main).await.is_err());
}

#[tokio::test]
async fn refs_move_together_or_not_at_all() {
    let (stage, client) = Stage::begun().await;
    let before = stage.mirror.refs(SITE).unwrap();
    let main = client.oid("main").await;
    let changes = [("refs/heads/good", Some(main)), ("refs/heads/../bad", Some(main))];
    let failed = stage.mirror.update_refs(SITE, &changes);
    assert!(matches!(failed, Err(Error::Reference { .. })), "{failed:?}");
    assert_eq!(stage.mirror.refs(SITE).unwrap(), before);
}

#[test]
fn no_ref_is_lost_when_many_move_at_once() {
    let folder = TempDir::new().unwrap();
    let mirror = Arc::new(Mirror::open(folder.path(), Settings::default()).unwrap());
    mirror.create(SITE, "main").unwrap();
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let mirror = mirror.clone();
            threads.spawn(move || {
                for at in 0..25 {
                    let name = format!("refs/heads/{thread}/{at}");
                    mirror.update_refs(SITE, &[(name, Some(Oid([1; 20])))]).unwrap();
                }
            });
        }
    });
    assert_eq!(mirror.refs(SITE).unwrap().len(), 100);
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_away() {
    let (stage, client) = Stage::begun().await;
    let left = stage.folder().join("networks/1/incoming-left");
    fs::create_dir_all(left.join("aa")).unwrap();
    let again = Mirror::open(stage.folder(), Settings::default()).unwrap();
    assert!(!left.exists());
    assert_eq!(again.refs(SITE).unwrap()["refs/heads/main"], client.oid("main").await);
}

#[tokio::test]
async fn a_mirror_is_found_again_where_it_was_moved() {
    let folder = TempDir::new().unwrap();
    let mirror = Mirror::open(folder.path().join("old"), Settings::default()).unwrap();
    mirror.create(SITE, "main").unwrap();
    let empty = Raw::new(Kind::Tree, Bytes::new());
    let first = commit(empty.oid, None);
    mirror.write(SITE, [empty, first.clone()]).unwrap();
    fs::rename(folder.path().join("old"), folder.path().join("new")).unwrap();
    let mirror = Mirror::open(folder.path().join("new"), Settings::default()).unwrap();
    assert!(matches!(mirror.merge(SITE, first.oid, first.oid).await.unwrap(), Merged::Tree { .. }));
}
