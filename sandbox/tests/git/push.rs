//! Pushes that are accepted.

use std::fs;

use futures::future::join_all;
use sandbox::object::{Kind, Oid};

use crate::{client::Client, owner::SITE, stage::Stage};

/// Bytes that do not compress, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(length).collect()
}

#[tokio::test]
async fn a_new_branch_reaches_the_world_with_its_objects() {
    let (stage, client) = Stage::begun().await;
    client.git(&["checkout", "-q", "-b", "feature/a"]).await;
    let tip = client.commit("deep/down/file", "content").await;
    client.git(&["push", "-q", "origin", "feature/a"]).await;
    let world = stage.owner.world();
    let push = world.pushes.last().unwrap();
    assert_eq!((push.commands.len(), push.commands[0].old, push.commands[0].new), (1, None, Some(tip)));
    assert_eq!(push.commands[0].reference, "refs/heads/feature/a");
    let kinds = |kind| push.objects.iter().filter(|raw| raw.kind == kind).count();
    assert_eq!((kinds(Kind::Commit), kinds(Kind::Tree), kinds(Kind::Blob)), (1, 3, 1));
    assert_eq!(push.credentials.as_ref().unwrap().token().as_deref(), Some("writer"));
    assert_eq!(stage.mirror.refs(SITE).unwrap()["refs/heads/feature/a"], tip);
}

#[tokio::test]
async fn a_branch_is_deleted() {
    let (stage, client) = Stage::begun().await;
    client.git(&["push", "-q", "origin", "main:refs/heads/old"]).await;
    client.git(&["push", "-q", "origin", "--delete", "old"]).await;
    assert_eq!(client.git(&["ls-remote", "origin", "old"]).await, "");
    let world = stage.owner.world();
    let push = world.pushes.last().unwrap();
    assert_eq!(push.commands[0].new, None);
    assert!(push.objects.is_empty());
}

#[tokio::test]
async fn a_branch_may_take_the_place_of_a_folder_of_branches() {
    let (stage, client) = Stage::begun().await;
    client.git(&["push", "-q", "origin", "main:refs/heads/a/b"]).await;
    client.git(&["push", "-q", "origin", ":refs/heads/a/b"]).await;
    client.git(&["push", "-q", "origin", "main:refs/heads/a"]).await;
    assert!(stage.mirror.refs(SITE).unwrap().contains_key("refs/heads/a"));
}

#[tokio::test]
async fn history_is_rewritten_only_if_the_world_allows_it() {
    let (stage, client) = Stage::begun().await;
    let before = client.commit("file", "one").await;
    client.git(&["push", "-q", "origin", "main"]).await;
    client.git(&["commit", "-q", "--amend", "-m", "Another"]).await;
    let said = client.tried(&["push", "--force", "origin", "main"]).await;
    assert!(!said.ok && said.err.contains("[remote rejected] main -> main (non-fast-forward)"), "{said:?}");
    assert_eq!(stage.mirror.refs(SITE).unwrap()["refs/heads/main"], before);
    stage.owner.world().forced = true;
    client.git(&["push", "-q", "--force", "origin", "main"]).await;
    assert_eq!(stage.mirror.refs(SITE).unwrap()["refs/heads/main"], client.oid("main").await);
}

#[tokio::test]
async fn tags_are_pushed_both_ways() {
    let (stage, client) = Stage::begun().await;
    client.git(&["tag", "light"]).await;
    client.git(&["tag", "-a", "-m", "A release", "v1"]).await;
    client.git(&["push", "-q", "origin", "--tags"]).await;
    let clone = Client::cloned(&stage.address("reader"), &[]).await;
    assert_eq!(clone.oid("v1").await, client.oid("v1").await);
    assert_eq!(clone.oid("v1^{commit}").await, clone.oid("light").await);
    let world = stage.owner.world();
    assert!(world.pushes.last().unwrap().objects.iter().any(|raw| raw.kind == Kind::Tag));
}

#[tokio::test]
async fn five_megabytes_pass_as_they_are() {
    let (stage, client) = Stage::begun().await;
    let content = noise(5 << 20);
    client.commit("big", &content).await;
    client.git(&["push", "-q", "origin", "main"]).await;
    let oid: Oid = client.oid("main:big").await;
    assert_eq!(stage.owner.world().objects.blob(oid).unwrap()[..], content[..]);
    let clone = Client::cloned(&stage.address("reader"), &[]).await;
    assert_eq!(fs::read(clone.path("big")).unwrap(), content);
}

#[tokio::test]
async fn a_pack_of_many_objects_is_read_too() {
    let (stage, client) = Stage::begun().await;
    for at in 0..300 {
        fs::write(client.path(&format!("file-{at}")), format!("{at}")).unwrap();
    }
    let tip = client.commit("last", "last").await;
    client.git(&["push", "-q", "origin", "main"]).await;
    assert_eq!(stage.owner.world().pushes.last().unwrap().objects.len(), 303);
    let tree = client.oid("main^{tree}").await;
    assert_eq!(stage.owner.world().objects.walk(tree).len(), 302);
    let clone = Client::cloned(&stage.address("reader"), &[]).await;
    assert_eq!(clone.oid("HEAD").await, tip);
    assert_eq!(stage.leftovers(), Vec::<std::path::PathBuf>::new());
}

/// A thin pack tells an object by its difference from one that only the receiver has.
#[tokio::test]
async fn thin_packs_are_completed() {
    let (stage, client) = Stage::begun().await;
    let text: String = (0..20_000).map(|line| format!("line {line}\n")).collect();
    client.commit("large", &text).await;
    client.git(&["push", "-q", "origin", "main"]).await;
    for (round, files) in [(1, 0), (2, 200)] {
        for at in 0..files {
            fs::write(client.path(&format!("file-{at}")), format!("{at}")).unwrap();
        }
        let changed = text.replace("line 77\n", &format!("line seventy-seven {round}\n"));
        client.commit("large", &changed).await;
        client.git(&["push", "-q", "--thin", "origin", "main"]).await;
        let oid = client.oid("main:large").await;
        let world = stage.owner.world();
        assert_eq!(world.objects.blob(oid).unwrap()[..], *changed.as_bytes(), "with {files} files");
    }
    let (ok, found) = stage.on_disk(&["fsck", "--strict"]).await;
    assert!(ok, "{found}");
}

#[tokio::test]
async fn a_shallow_clone_can_push() {
    let (stage, client) = Stage::begun().await;
    client.commit("two", "two").await;
    client.git(&["push", "-q", "origin", "main"]).await;
    let clone = Client::cloned(&stage.address("writer"), &["--depth", "1"]).await;
    let tip = clone.commit("three", "three").await;
    clone.git(&["push", "-q", "origin", "main"]).await;
    client.git(&["pull", "-q", "origin", "main"]).await;
    assert_eq!(client.oid("main").await, tip);
    assert_eq!(client.git(&["rev-list", "--count", "main"]).await, "3");
}

#[tokio::test]
async fn options_are_passed_on() {
    let (stage, client) = Stage::begun().await;
    client.commit("two", "two").await;
    client.git(&["push", "-q", "-o", "ci.skip", "-o", "why=because", "origin", "main"]).await;
    assert_eq!(stage.owner.world().pushes.last().unwrap().options, ["ci.skip", "why=because"]);
}

#[tokio::test]
async fn several_refs_move_with_one_push() {
    let (stage, client) = Stage::begun().await;
    client.git(&["push", "-q", "origin", "main:refs/heads/old"]).await;
    let tip = client.commit("two", "two").await;
    client.git(&["push", "-q", "--atomic", "origin", "main", ":old", "main:refs/heads/new"]).await;
    let refs = stage.mirror.refs(SITE).unwrap();
    assert_eq!(
        refs.into_iter().collect::<Vec<_>>(),
        [("refs/heads/main".to_owned(), tip), ("refs/heads/new".to_owned(), tip)]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_push_at_the_same_time() {
    let (stage, _) = Stage::begun().await;
    let address = stage.address("writer");
    let pushed = join_all((0..8).map(async |at| {
        let clone = Client::cloned(&address, &[]).await;
        let tip = clone.commit(&format!("file-{at}"), "content").await;
        clone.git(&["push", "-q", "origin", &format!("HEAD:refs/heads/{at}")]).await;
        (format!("refs/heads/{at}"), tip)
    }))
    .await;
    let refs = stage.mirror.refs(SITE).unwrap();
    assert_eq!(refs.len(), 9);
    assert!(pushed.iter().all(|(name, tip)| refs[name] == *tip));
    let (ok, found) = stage.on_disk(&["fsck", "--strict"]).await;
    assert!(ok, "{found}");
}
