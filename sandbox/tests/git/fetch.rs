//! Clone and fetch.

use std::{fs, io::Write};

use flate2::{Compression, write::GzEncoder};
use futures::future::join_all;
use gix_packetline::blocking_io::encode::{data_to_write, delim_to_write, flush_to_write};

use crate::{client::Client, stage::Stage};

#[tokio::test]
async fn a_clone_has_what_was_pushed_in_every_protocol() {
    let (stage, client) = Stage::begun().await;
    let main = client.oid("main").await;
    for version in ["0", "1", "2"] {
        let clone = Client::cloned(&stage.address("reader"), &["-c", &format!("protocol.version={version}")]).await;
        assert_eq!(clone.oid("HEAD").await, main, "protocol {version}");
        assert_eq!(clone.git(&["branch", "--show-current"]).await, "main");
        assert_eq!(fs::read_to_string(clone.path("README.md")).unwrap(), "one\n");
        clone.git(&["fsck", "--strict"]).await;
    }
}

#[tokio::test]
async fn an_empty_repository_can_be_cloned() {
    let stage = Stage::new().await;
    let clone = Client::cloned(&stage.address("reader"), &[]).await;
    assert_eq!(clone.git(&["symbolic-ref", "HEAD"]).await, "refs/heads/main");
}

#[tokio::test]
async fn a_fetch_gets_what_came_since() {
    let (stage, client) = Stage::begun().await;
    let clone = Client::cloned(&stage.address("reader"), &[]).await;
    let more = client.commit("more", "more").await;
    client.git(&["push", "-q", "origin", "main", "main:refs/heads/other"]).await;
    clone.git(&["fetch", "-q"]).await;
    assert_eq!(clone.oid("origin/main").await, more);
    assert_eq!(clone.oid("origin/other").await, more);
}

#[tokio::test]
async fn a_shallow_clone_is_shallow_and_can_be_deepened() {
    let (stage, client) = Stage::begun().await;
    client.commit("two", "two").await;
    client.commit("three", "three").await;
    client.git(&["push", "-q", "origin", "main"]).await;
    let clone = Client::cloned(&stage.address("reader"), &["--depth", "1"]).await;
    assert_eq!(clone.git(&["rev-list", "--count", "HEAD"]).await, "1");
    clone.git(&["fetch", "-q", "--unshallow"]).await;
    assert_eq!(clone.git(&["rev-list", "--count", "HEAD"]).await, "3");
}

#[tokio::test]
async fn a_partial_clone_leaves_the_blobs_out() {
    let (stage, client) = Stage::begun().await;
    let blob = client.oid("main:README.md").await;
    let clone = Client::cloned(&stage.address("reader"), &["--bare", "--filter=blob:none"]).await;
    let lazy = clone.git(&["rev-list", "--objects", "--missing=print", "main"]).await;
    assert!(lazy.contains(&format!("?{blob}")), "{lazy}");
}

#[tokio::test]
async fn the_default_branch_is_the_one_that_was_set() {
    let (stage, client) = Stage::begun().await;
    client.git(&["push", "-q", "origin", "main:refs/heads/stable"]).await;
    stage.mirror.set_head(crate::owner::SITE, "stable").unwrap();
    let clone = Client::cloned(&stage.address("reader"), &[]).await;
    assert_eq!(clone.git(&["branch", "--show-current"]).await, "stable");
}

#[tokio::test]
async fn a_request_may_come_in_gzip() {
    let (stage, client) = Stage::begun().await;
    let mut asked = Vec::new();
    data_to_write(b"command=fetch", &mut asked).unwrap();
    data_to_write(b"object-format=sha1", &mut asked).unwrap();
    delim_to_write(&mut asked).unwrap();
    data_to_write(format!("want {}\n", client.oid("main").await).as_bytes(), &mut asked).unwrap();
    data_to_write(b"done\n", &mut asked).unwrap();
    flush_to_write(&mut asked).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&asked).unwrap();
    let packed = gzip.finish().unwrap();
    let headers = "Git-Protocol: version=2\r\nContent-Encoding: gzip\r\n";
    let answer = stage.posted("git-upload-pack", &packed, headers).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("packfile\n") && answer.contains("PACK"), "{answer}");
    let cut = stage.posted("git-upload-pack", &packed[..packed.len() - 6], headers).await;
    assert!(!cut.contains("PACK") || !cut.ends_with("0\r\n\r\n"), "{cut}");
}

/// Git itself packs its request from a kilobyte on: so many commits that the server has not seen make one.
#[tokio::test]
async fn a_client_with_much_of_its_own_can_fetch() {
    let (stage, client) = Stage::begun().await;
    let clone = Client::cloned(&stage.address("reader"), &[]).await;
    for at in 0..60 {
        clone.commit("own", at.to_string()).await;
    }
    let more = client.commit("more", "more").await;
    client.git(&["push", "-q", "origin", "main"]).await;
    for version in ["0", "2"] {
        clone.git(&["update-ref", "-d", "refs/remotes/origin/main"]).await;
        clone.git(&["-c", &format!("protocol.version={version}"), "fetch", "-q"]).await;
        assert_eq!(clone.oid("origin/main").await, more);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_clone_at_the_same_time() {
    let (stage, client) = Stage::begun().await;
    for at in 0..200 {
        fs::write(client.path(&format!("file-{at}")), format!("{at}\n").repeat(100)).unwrap();
    }
    let main = client.commit("last", "last").await;
    client.git(&["push", "-q", "origin", "main"]).await;
    let address = stage.address("reader");
    let clones = join_all((0..20).map(|_| Client::cloned(&address, &[]))).await;
    for clone in clones {
        assert_eq!(clone.oid("HEAD").await, main);
        assert_eq!(clone.git(&["status", "--porcelain"]).await, "");
    }
}
