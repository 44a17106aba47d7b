//! Bytes that the server stores and this client's parser gives up the connection for: one such message must not stop
//! every reader for good.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod channel;

use std::net::SocketAddr;

use bus::{
    publish::{Options, Publisher},
    read::{Reader, Start},
};
use channel::{Channel, PATIENCE, id, words};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::TcpStream,
};

const CONNECT: &str = r#"CONNECT {"verbose":false,"headers":true,"user":"operator","pass":"the-password-of-operator"}"#;

const SUBJECT: &[u8] = b"rig.evt.agent.dev-e.alive";

/// Header blocks, each with what a reader finds of it.
const HEADERS: [(&[u8], &str); 7] = [
    (b"NATS/1.0\r\nA: \xff\xfe\r\n\r\n", "\u{fffd}\u{fffd}"),
    (b"NATS/1.0\r\nno colon\r\n\r\n", "no colon"),
    (b"NATS/1.0\r\na b: c\r\n\r\n", "a b: c"),
    (b"NATS/1.0 404 No Messages\r\n\r\n", ""),
    (b"NATS/1.0 100 Idle Heartbeat\r\n\r\n", ""),
    (b"NATS/1.0 much\r\n\r\n", ""),
    (b"rubbish\r\n\r\n", "rubbish"),
];

/// A client that sends what it is told, well-formed or not.
struct Raw(BufStream<TcpStream>);

impl Raw {
    async fn connect(address: SocketAddr) -> Self {
        let mut raw = Self(BufStream::new(TcpStream::connect(address).await.unwrap()));
        raw.line().await;
        raw.send(format!("{CONNECT}\r\nSUB inbox 1\r\n").as_bytes()).await;
        raw
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
        self.0.flush().await.unwrap();
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        tokio::time::timeout(PATIENCE, self.0.read_line(&mut line)).await.unwrap().unwrap();
        line
    }

    /// Publishes and waits for the stream's answer.
    async fn publish(&mut self, subject: &[u8], headers: &[u8]) {
        let sizes = format!(" inbox {} {}\r\n", headers.len(), headers.len() + 1);
        self.send(&[b"HPUB ", subject, sizes.as_bytes(), headers, b"x\r\n"].concat()).await;
        assert!(self.line().await.starts_with("MSG inbox"));
        let answer = self.line().await;
        assert!(answer.contains("\"seq\""), "{answer}");
    }
}

#[tokio::test]
async fn f_033_bytes_that_end_a_connection_end_no_reader() {
    let channel = Channel::new().await;
    let publisher = Publisher::start(&channel.operator, Options { wait: PATIENCE, ..Options::default() });
    let mut raw = Raw::connect(channel.nats.client_address()).await;
    publisher.publish(words(id(0, 0), "lobby", 10)).await.unwrap();
    for (n, (headers, _)) in HEADERS.iter().enumerate() {
        raw.publish(SUBJECT, headers).await;
        publisher.publish(words(id(0, n + 1), "lobby", 10)).await.unwrap();
    }
    raw.publish(b"rig.evt.\xff\xfe", b"NATS/1.0\r\n\r\n").await;
    raw.publish(b"rig.evt.\0", b"NATS/1.0\r\n\r\n").await;
    publisher.publish(words(id(1, 0), "lobby", 10)).await.unwrap();

    let records = channel.records().await;
    let sequences: Vec<_> = records.iter().map(|record| record.sequence).collect();
    assert_eq!(sequences, (1..=HEADERS.len() as u64 * 2 + 4).collect::<Vec<_>>());
    for (n, (_, shown)) in HEADERS.iter().enumerate() {
        let record = &records[n * 2 + 1];
        assert_eq!((record.subject.as_bytes(), &record.body[..]), (SUBJECT, &b"x"[..]));
        assert!(
            shown.is_empty() || record.headers.iter().any(|(_, values)| values[0].as_str() == *shown),
            "{record:?}"
        );
    }
    assert_eq!(records[HEADERS.len() * 2 + 1].subject, "rig.evt.\u{fffd}\u{fffd}");
    assert_eq!(records[HEADERS.len() * 2 + 2].subject, "rig.evt.\0");

    let only_agents = ["rig.evt.agent.>".to_owned()];
    let mut reader = Reader::open(&channel.operator, Start::Sequence(1), &only_agents).await.unwrap();
    for n in 0..HEADERS.len() as u64 {
        let record = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
        assert_eq!(record.sequence, n * 2 + 2);
    }
}
