//! Pushes that the world, or git, refuses.

use std::{io::Write, path::PathBuf};

use flate2::{Compression, write::ZlibEncoder};
use gix_packetline::blocking_io::encode::{data_to_write, flush_to_write};
use sandbox::object::{Kind, Oid, id};

use crate::{client::Client, owner::SITE, stage::Stage};

#[tokio::test]
async fn a_protected_branch_says_why_and_no_object_stays() {
    let (stage, client) = Stage::begun().await;
    stage.owner.world().protected.insert("refs/heads/main".to_owned());
    let before = stage.mirror.refs(SITE).unwrap();
    let tip = client.commit("more", "more").await;
    let said = client.tried(&["push", "origin", "main"]).await;
    assert!(!said.ok);
    assert!(said.err.contains("remote: error: GH006: Protected branch update failed for refs/heads/main."), "{said:?}");
    assert!(said.err.contains("! [remote rejected] main -> main (protected branch hook declined)"), "{said:?}");
    assert_eq!(stage.mirror.refs(SITE).unwrap(), before);
    assert!(!stage.has(tip).await);
    assert_eq!(stage.leftovers(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn one_of_two_refs_may_be_refused() {
    let (stage, client) = Stage::begun().await;
    stage.owner.world().protected.insert("refs/heads/main".to_owned());
    let tip = client.commit("more", "more").await;
    let said = client.tried(&["push", "origin", "main", "main:refs/heads/more"]).await;
    assert!(!said.ok && said.err.contains("[new branch]      main -> more"), "{said:?}");
    let refs = stage.mirror.refs(SITE).unwrap();
    assert_eq!(refs["refs/heads/more"], tip);
    assert_ne!(refs["refs/heads/main"], tip);
}

#[tokio::test]
async fn an_atomic_push_is_refused_as_a_whole() {
    let (stage, client) = Stage::begun().await;
    stage.owner.world().protected.insert("refs/heads/main".to_owned());
    let tip = client.commit("more", "more").await;
    let said = client.tried(&["push", "--atomic", "origin", "main", "main:refs/heads/more"]).await;
    assert!(!said.ok && said.err.contains("main -> more (atomic push failure)"), "{said:?}");
    assert!(!stage.mirror.refs(SITE).unwrap().contains_key("refs/heads/more"));
    assert!(!stage.has(tip).await);
}

#[tokio::test]
async fn a_branch_that_moved_meanwhile_is_not_overwritten() {
    let (stage, client) = Stage::begun().await;
    let clone = Client::cloned(&stage.address("writer"), &[]).await;
    let first = client.commit("mine", "mine").await;
    client.git(&["push", "-q", "origin", "main"]).await;
    clone.commit("theirs", "theirs").await;
    assert!(!clone.tried(&["push", "origin", "main"]).await.ok);
    assert_eq!(stage.mirror.refs(SITE).unwrap()["refs/heads/main"], first);
}

#[tokio::test]
async fn a_branch_cannot_be_a_folder_of_branches_too() {
    let (stage, client) = Stage::begun().await;
    client.git(&["push", "-q", "origin", "main:refs/heads/a-b", "main:refs/heads/a/b"]).await;
    for name in ["refs/heads/a", "refs/heads/a/b/c", "refs/heads/main/x"] {
        let said = client.tried(&["push", "origin", &format!("main:{name}")]).await;
        assert!(!said.ok && said.err.contains("(directory file conflict)"), "{name}: {said:?}");
    }
    client.git(&["push", "-q", "origin", "main:refs/heads/a", ":refs/heads/a/b"]).await;
    client.git(&["push", "-q", "origin", "main:refs/heads/a-b/c", ":refs/heads/a-b"]).await;
    let names: Vec<_> = stage.mirror.refs(SITE).unwrap().into_keys().collect();
    assert_eq!(names, ["refs/heads/a", "refs/heads/a-b/c", "refs/heads/main"]);
}

/// A push as a client that is not git could make it.
fn sent(new: Oid, name: &str, objects: &[(u8, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    data_to_write(format!("{} {new} {name}\0report-status", Oid::ZERO).as_bytes(), &mut out).unwrap();
    flush_to_write(&mut out).unwrap();
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend_from_slice(&u32::try_from(objects.len()).unwrap().to_be_bytes());
    for (kind, bytes) in objects {
        let size = u8::try_from(bytes.len()).unwrap();
        pack.extend_from_slice(&[0x80 | (kind << 4) | (size & 15), size >> 4]);
        let mut zlib = ZlibEncoder::new(&mut pack, Compression::fast());
        zlib.write_all(bytes).unwrap();
        zlib.finish().unwrap();
    }
    let sum = sha1::Digest::finalize(sha1::Digest::chain_update(<sha1::Sha1 as sha1::Digest>::new(), &pack));
    [out, pack, sum.to_vec()].concat()
}

fn commit(tree: Oid) -> Vec<u8> {
    format!("tree {tree}\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\n").into_bytes()
}

const TREE: u8 = 2;
const COMMIT: u8 = 1;

#[tokio::test]
async fn a_whole_push_by_hand_is_taken() {
    let stage = Stage::new().await;
    let text = commit(id(Kind::Tree, b""));
    let push = sent(id(Kind::Commit, &text), "refs/heads/main", &[(COMMIT, &text), (TREE, b"")]);
    let answer = stage.posted("git-receive-pack", &push, "").await;
    assert!(answer.contains("000eunpack ok\n0017ok refs/heads/main\n0000"), "{answer}");
}

#[tokio::test]
async fn a_pack_that_lacks_something_is_refused() {
    let stage = Stage::new().await;
    let text = commit(id(Kind::Tree, b"no such tree"));
    let tip = id(Kind::Commit, &text);
    let answer = stage.posted("git-receive-pack", &sent(tip, "refs/heads/main", &[(COMMIT, &text)]), "").await;
    assert!(answer.contains("unpack unpack-objects abnormal exit\n"), "{answer}");
    assert!(answer.contains("ng refs/heads/main unpacker error\n"), "{answer}");
    assert!(!stage.has(tip).await);
    let answer = stage.posted("git-receive-pack", &sent(tip, "refs/heads/main", &[]), "").await;
    assert!(answer.contains("ng refs/heads/main missing necessary objects\n"), "{answer}");
    assert!(stage.owner.world().pushes.is_empty());
    assert_eq!(stage.leftovers(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_name_that_is_no_ref_is_refused() {
    let stage = Stage::new().await;
    let text = commit(id(Kind::Tree, b""));
    for name in ["refs/heads/../../config", "HEAD", "refs/heads/a.lock"] {
        let push = sent(id(Kind::Commit, &text), name, &[(COMMIT, &text), (TREE, b"")]);
        let answer = stage.posted("git-receive-pack", &push, "").await;
        assert!(answer.contains(&format!("ng {name} funny refname\n")), "{answer}");
    }
    assert!(stage.owner.world().pushes.is_empty());
}

/// A tree with a file `.git` would write into the repository of whoever checks it out.
#[tokio::test]
async fn a_tree_with_a_git_folder_is_refused() {
    let stage = Stage::new().await;
    let mut tree = b"40000 .git\0".to_vec();
    tree.extend_from_slice(&id(Kind::Tree, b"").0);
    let text = commit(id(Kind::Tree, &tree));
    let objects: [(u8, &[u8]); 3] = [(COMMIT, &text), (TREE, &tree), (TREE, b"")];
    let answer = stage.posted("git-receive-pack", &sent(id(Kind::Commit, &text), "refs/heads/a", &objects), "").await;
    assert!(answer.contains("ng refs/heads/a unpacker error\n"), "{answer}");
}
