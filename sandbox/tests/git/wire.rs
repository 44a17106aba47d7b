//! Clients that are not git, and bounds.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use sandbox::{git::Settings, object::Oid};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, interval},
};

use crate::{client::Client, stage::Stage};

#[tokio::test]
async fn garbage_is_refused_and_the_server_goes_on() {
    let (stage, _) = Stage::begun().await;
    let zero = "0".repeat(40);
    let bodies: [&[u8]; 7] = [
        b"zzzz",
        b"0003",
        b"ffff",
        b"0010garbage line",
        b"",
        b"\xff\xfe\xfd\xfc\xfb",
        &format!("0076{zero} {zero} refs/heads/a\0report-status 0000PACK").into_bytes(),
    ];
    for body in bodies {
        let answer = stage.posted("git-receive-pack", body, "").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{body:?}: {answer}");
        let answer = stage.posted("git-upload-pack", body, "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{body:?}: {answer}");
        assert!(!answer.contains("PACK"), "{body:?}: {answer}");
    }
    Client::cloned(&stage.address("reader"), &[]).await;
}

#[tokio::test]
async fn nothing_is_the_question_whether_one_may_push() {
    let (stage, _) = Stage::begun().await;
    let answer = stage.posted("git-receive-pack", b"0000", "").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_pack_of_garbage_is_not_unpacked() {
    let (stage, client) = Stage::begun().await;
    let command = format!("{} {} refs/heads/a\0report-status", "0".repeat(40), client.oid("main").await);
    for pack in ["", "PACK", "PACK\0\0\0\u{2}\0\0\0\u{1}garbage garbage garbage", "PACK\0\0\0\u{2}\u{7f}\0\0\0garbage"]
    {
        let body = format!("{:04x}{command}0000{pack}", command.len() + 4);
        let answer = stage.posted("git-receive-pack", body.as_bytes(), "").await;
        assert!(answer.contains("abnormal exit\n"), "{pack:?}: {answer}");
        assert!(answer.contains("ng refs/heads/a unpacker error\n"), "{pack:?}: {answer}");
    }
    assert_eq!(stage.leftovers(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn other_content_types_and_encodings_are_refused() {
    let stage = Stage::new().await;
    for headers in ["Content-Encoding: br\r\n", "Content-Type: text/plain\r\n"] {
        let body = "POST /octo/site.git/git-upload-pack HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\
                    Authorization: Bearer writer\r\nContent-Length: 4\r\n";
        let kind =
            if headers.contains("Type") { "" } else { "Content-Type: application/x-git-upload-pack-request\r\n" };
        let answer = stage.said(format!("{body}{kind}{headers}\r\n0000").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 415"), "{headers}: {answer}");
    }
}

#[tokio::test]
async fn damaged_gzip_is_refused() {
    let stage = Stage::new().await;
    for service in ["git-upload-pack", "git-receive-pack"] {
        let answer = stage.posted(service, b"\x1f\x8b\x08\0garbage of all kinds", "Content-Encoding: gzip\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_is_bounded_also_when_it_is_packed() {
    let stage = Stage::with(Settings { body: 100_000, ..Settings::default() }).await;
    let answer = stage.posted("git-upload-pack", &[b'0'; 200_000], "").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, &[b'0'; 10_000_000]).unwrap();
    let bomb = gzip.finish().unwrap();
    assert!(bomb.len() < 100_000);
    let answer = stage.posted("git-receive-pack", &bomb, "Content-Encoding: gzip\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_push_that_unpacks_to_too_much_is_refused() {
    let stage = Stage::with(Settings { unpacked: 1 << 20, ..Settings::default() }).await;
    let client = stage.pushed().await;
    client.commit("zeros", vec![0; 2 << 20]).await;
    let said = client.tried(&["push", "origin", "main"]).await;
    assert!(said.err.contains("remote: error: the objects unpack to more than 1048576 bytes"), "{said:?}");
    assert!(said.err.contains("main -> main (unpacker error)"), "{said:?}");
    assert_eq!(stage.leftovers(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_client_that_says_nothing_is_not_waited_for() {
    let stage = Stage::with(Settings { time: Duration::from_millis(300), ..Settings::default() }).await;
    for service in ["git-upload-pack", "git-receive-pack"] {
        let head = format!(
            "POST /octo/site.git/{service} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\nContent-Length: 9\r\n\
             Authorization: Bearer writer\r\nContent-Type: application/x-{service}-request\r\n\r\n"
        );
        let answer = stage.said(head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{service}: {answer}");
    }
    until_serving(&stage, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_leaves_no_process() {
    let (stage, _) = Stage::begun().await;
    let head = "POST /octo/site.git/git-upload-pack HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer writer\r\n\
                Content-Type: application/x-git-upload-pack-request\r\nContent-Length: 1000\r\n\r\n0014";
    let mut gone = TcpStream::connect(stage.at).await.unwrap();
    gone.write_all(head.as_bytes()).await.unwrap();
    until_serving(&stage, true).await;
    drop(gone);
    until_serving(&stage, false).await;
    let mut whole = TcpStream::connect(stage.at).await.unwrap();
    whole.write_all(b"GET /octo/site.git/HEAD HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(whole.read_u8().await.is_ok());
}

/// A repository with more than fits into the pipes and sockets on the way.
async fn large(stage: &Stage) -> Oid {
    let client = Client::begun().await;
    client.git(&["config", "core.compression", "0"]).await;
    let noise: Vec<u8> = (0_u64..2 << 20).flat_map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()).collect();
    let tip = client.commit("large", noise).await;
    stage.on_disk(&["fetch", "-q", &client.path("").to_string_lossy(), "main"]).await;
    assert!(stage.has(tip).await);
    tip
}

fn asks_for(tip: Oid) -> String {
    let want = format!("0032want {tip}\n00000009done\n");
    format!(
        "POST /octo/site.git/git-upload-pack HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer writer\r\n\
         Content-Type: application/x-git-upload-pack-request\r\nContent-Length: {}\r\n\r\n{want}",
        want.len()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_in_the_middle_leaves_no_process() {
    let stage = Stage::new().await;
    let tip = large(&stage).await;
    let mut gone = TcpStream::connect(stage.at).await.unwrap();
    gone.write_all(asks_for(tip).as_bytes()).await.unwrap();
    let mut begun = [0; 1000];
    gone.read_exact(&mut begun).await.unwrap();
    until_serving(&stage, true).await;
    drop(gone);
    until_serving(&stage, false).await;
}

/// Git's children do not all write, and so do not all notice that nobody reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_git_has_started_ends_with_it() {
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("git");
    let script = "#!/bin/sh\nfor last; do :; done\n\
                  cd \"$last\" && { sleep 30 >/dev/null 2>&1 & }\nexec git \"$@\"\n";
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let stage = Stage::with(Settings { program, ..Settings::default() }).await;
    let mut gone = TcpStream::connect(stage.at).await.unwrap();
    let head = "POST /octo/site.git/git-upload-pack HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer writer\r\n\
                Content-Type: application/x-git-upload-pack-request\r\nContent-Length: 1000\r\n\r\n0014";
    gone.write_all(head.as_bytes()).await.unwrap();
    let sleeps = || stage.serving().iter().any(|process| named(process, "sleep"));
    until("something sleeps", sleeps).await;
    drop(gone);
    until_serving(&stage, false).await;
}

fn named(process: &Path, name: &str) -> bool {
    fs::read_to_string(process.join("comm")).is_ok_and(|comm| comm.trim_end() == name)
}

/// It reads a little and then nothing, and does not go away either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_is_not_waited_for() {
    let stage = Stage::with(Settings { time: Duration::from_secs(3), children: 1, ..Settings::default() }).await;
    let tip = large(&stage).await;
    let mut slow = TcpStream::connect(stage.at).await.unwrap();
    slow.write_all(asks_for(tip).as_bytes()).await.unwrap();
    let mut begun = [0; 1000];
    slow.read_exact(&mut begun).await.unwrap();
    until_serving(&stage, true).await;
    until_serving(&stage, false).await;
    Client::new().git(&["ls-remote", &stage.address("reader")]).await;
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).await.ok();
    assert!(!rest.ends_with(b"0\r\n\r\n"), "an answer that was broken off looks whole");
}

/// Waits until a git serves, or none does any more.
async fn until_serving(stage: &Stage, some: bool) {
    until("as many gits serve as should", || stage.serving().is_empty() != some).await;
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let (end, mut again) = (Instant::now() + Duration::from_secs(10), interval(Duration::from_millis(10)));
    while !holds() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        again.tick().await;
    }
}
