//! The door on a real server: what it takes in, what it refuses, and what LOG has then.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests"
)]

mod corpus;
mod stage;

use std::{net::SocketAddr, ops::ControlFlow, time::Duration};

use bus::{RecordId, stream::Overrides};
use conductor::github::{
    ingest::{Condition, LARGEST, Options, PATH},
    signature::{Secrets, Unusable},
};
use futures::{StreamExt, future::join_all, stream};
use reqwest::StatusCode;
use serde_json::json;
use stage::{Answer, Delivery, Door, PATIENCE, SECRET, Stage, patient, secrets, until, when};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Posts them, many at once, and finds each in LOG where its answer said, with its bytes unchanged.
async fn all_are_stored(stage: &Stage, door: &Door, deliveries: Vec<Delivery>) {
    let answers: Vec<Answer> =
        stream::iter(&deliveries).map(|delivery| delivery.send_to(door.address)).buffered(32).collect().await;
    let payloads = stage.payloads().await;
    for (delivery, answer) in deliveries.iter().zip(&answers) {
        assert_eq!(answer.body["id"], delivery.id().to_string());
        assert_eq!(answer.body["duplicate"], false);
        let stored = &payloads[&(answer.sequence(), delivery.id())];
        assert!(stored == &delivery.body, "the bytes of {} differ", delivery.guid);
    }
    assert_eq!(payloads.len(), deliveries.len());
}

#[tokio::test]
async fn every_payload_of_github_is_stored_with_its_bytes_unchanged() {
    let stage = Stage::new().await;
    let door = stage.door().await;
    let deliveries = corpus::all().into_iter().enumerate();
    let deliveries = deliveries.map(|(n, sample)| Delivery::new(&sample.event, &format!("guid-{n}"), sample.body));
    all_are_stored(&stage, &door, deliveries.collect()).await;
}

#[tokio::test]
async fn what_nobody_has_seen_before_is_stored_with_its_bytes_unchanged() {
    let stage = Stage::new().await;
    let door = stage.door().await;
    let deep = format!("{{\"deep\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let large = |bytes: usize| format!("{{\"large\":\"{}\"}}", "x".repeat(bytes - 12));
    let bodies = [
        ("choir_practice", r#"{"action":"sang"}"#.to_owned()),
        ("issues", r#"{"action":"teleported","issue":{"number":1}}"#.to_owned()),
        ("issues", r#"{"issue":{"title":"\u0000"},"x":"\u0000"}"#.to_owned()),
        ("issues", r#"{"issue":{"title":"\ud800"},"\udc00":"\ud83d"}"#.to_owned()),
        ("issues", " \r\n\t{\"a\" : 1e999, \"a\":2 }\n\n".to_owned()),
        ("repository_dispatch", deep),
        ("push", large(2 << 20)),
        ("push", large(LARGEST)),
    ];
    let deliveries =
        bodies.into_iter().enumerate().map(|(n, (event, body))| Delivery::new(event, &n.to_string(), body));
    all_are_stored(&stage, &door, deliveries.collect()).await;
}

#[tokio::test]
async fn one_byte_more_than_github_sends_is_too_large() {
    let stage = Stage::new().await;
    let door = stage.door().await;
    let body = format!("{{\"large\":\"{}\"}}", "x".repeat(LARGEST + 1 - 12));
    door.post(Delivery::new("push", "declared", body.clone())).await.is_refused(413, "more than 25 MiB");
    let pieces =
        body.as_bytes().chunks(1 << 20).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
    let undeclared = reqwest::Body::wrap_stream(stream::iter(pieces));
    let request = stage::delivery::client().post(format!("http://{}{PATH}", door.address)).body(undeclared);
    let request = request.header("x-hub-signature-256", secrets().sign(body.as_bytes()));
    Answer::of(request.send().await.unwrap()).await.unwrap().is_refused(413, "more than 25 MiB");
    assert!(stage.records().await.is_empty());
}

#[test]
fn f_222_no_secret_no_start() {
    assert!(matches!(Secrets::new(""), Err(Unusable::Empty)));
    assert!(matches!(Secrets::new("\r\n"), Err(Unusable::Empty)));
    assert!(matches!(Secrets::new("fifteen bytes.."), Err(Unusable::Short(15))));
    assert!(matches!(Secrets::new("sixteen bytes...\nand another line"), Err(Unusable::Lines)));
    assert!(matches!(Secrets::new(SECRET).unwrap().and_previous(""), Err(Unusable::Empty)));
    let refusal = Secrets::new("hunter2").unwrap_err().to_string();
    assert!(refusal.contains("needs 16") && !refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn a_secret_is_never_shown() {
    assert!(!format!("{:?}", secrets()).contains(SECRET));
    assert_eq!(
        Secrets::new("It's a Secret to Everybody").unwrap().sign(b"Hello, World!"),
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "GitHub's own example"
    );
}

#[tokio::test]
async fn only_githubs_signature_opens_the_door() {
    let stage = Stage::new().await;
    let previous = "the secret of last month";
    let both = secrets().and_previous(previous).unwrap();
    let door = stage.door_with(both, patient()).await;
    let delivery = |guid: &str| Delivery::unsigned("issues", guid, "{\"a\":1}");
    let signature = secrets().sign(b"{\"a\":1}");
    let refused = [
        (delivery("a"), "carries no X-Hub-Signature-256"),
        (delivery("b").with("x-hub-signature", &signature), "carries no X-Hub-Signature-256"),
        (delivery("c").with("x-hub-signature-256", ""), "is not `sha256=`"),
        (delivery("d").with("x-hub-signature-256", "sha256="), "is not `sha256=`"),
        (delivery("e").with("x-hub-signature-256", &signature.replace("sha256", "sha1")), "is not `sha256=`"),
        (delivery("f").with("x-hub-signature-256", &signature.replace("sha256", "SHA256")), "is not `sha256=`"),
        (delivery("g").with("x-hub-signature-256", &signature[..70]), "is not `sha256=`"),
        (delivery("h").with("x-hub-signature-256", &format!("{signature}00")), "is not `sha256=`"),
        (delivery("i").with("x-hub-signature-256", &signature.replace('=', "= ")), "is not `sha256=`"),
        (delivery("j").with("x-hub-signature-256", &secrets().sign(b"{\"a\":2}")), "does not match"),
        (delivery("k").signed(&Secrets::new("nobody's secret, that is").unwrap()), "does not match"),
        (delivery("l").with("x-hub-signature-256", &signature).tampered("{\"a\":2}"), "does not match"),
    ];
    for (delivery, error) in refused {
        door.post(delivery).await.is_refused(401, error);
    }
    assert!(stage.records().await.is_empty());

    let hex = signature.trim_start_matches("sha256=").to_uppercase();
    door.post(delivery("m").with("x-hub-signature-256", &format!("sha256={hex}"))).await.sequence();
    door.post(delivery("n").signed(&Secrets::new(previous).unwrap())).await.sequence();
    door.post(delivery("o").signed(&secrets())).await.sequence();
}

#[tokio::test]
async fn nothing_is_looked_at_before_the_signature() {
    let stage = Stage::new().await;
    let door = stage.door().await;
    let form = |delivery: Delivery| delivery.with("content-type", "application/x-www-form-urlencoded");
    let strange = [
        form(Delivery::unsigned("issues", "a", "payload=%7B%7D")),
        Delivery::unsigned("issues", "b", "not JSON"),
        Delivery::unsigned("issues", "c", "{}").without("x-github-event").without("x-github-delivery"),
    ];
    for delivery in strange {
        door.post(delivery.clone()).await.is_refused(401, "carries no");
        door.post(delivery.signed(&Secrets::new("nobody's secret, that is").unwrap())).await.is_refused(401, "match");
    }
    door.post(form(Delivery::new("issues", "d", "payload=%7B%7D"))).await.is_refused(415, "came as a form");
    door.post(Delivery::new("issues", "e", "not JSON")).await.is_refused(400, "not JSON");
    door.post(Delivery::new("issues", "f", b"{\"\xff\":1}")).await.is_refused(400, "not UTF-8");
    door.post(Delivery::new("issues", "g", "{}").without("x-github-event")).await.is_refused(400, "X-GitHub-Event");
    door.post(Delivery::new("issues", "h", "{}").without("x-github-delivery"))
        .await
        .is_refused(400, "X-GitHub-Delivery");
    assert!(stage.records().await.is_empty());
}

#[tokio::test]
async fn who_comes_with_a_browser_is_told_what_this_is() {
    let stage = Stage::new().await;
    let door = stage.door().await;
    let get = |path: &str| stage::delivery::client().get(format!("http://{}{path}", door.address)).send();
    let response = get(PATH).await.unwrap();
    assert_eq!(response.headers()["allow"], "POST");
    Answer::of(response).await.unwrap().is_refused(405, "address for GitHub's webhooks");
    Answer::of(get("/").await.unwrap()).await.unwrap().is_refused(404, "nothing here");
}

#[tokio::test]
async fn f_036_doubled_and_reordered_deliveries_are_each_a_record_once() {
    let stage = Stage::new().await;
    let door = stage.door().await;
    let deliveries: Vec<_> = (0..60)
        .map(|n| Delivery::new("issues", &format!("guid-{n}"), json!({ "action": "edited", "n": n }).to_string()))
        .collect();
    let doubled = deliveries.iter().rev().chain(&deliveries).chain(deliveries.iter().rev().take(30));
    let answers = join_all(doubled.clone().map(|delivery| delivery.send_to(door.address))).await;
    let payloads = stage.payloads().await;
    assert_eq!(payloads.len(), deliveries.len(), "each GUID is one record");
    for (delivery, answer) in doubled.zip(&answers) {
        assert_eq!(payloads[&(answer.sequence(), delivery.id())], delivery.body, "each answer names its own record");
    }
    let first = answers.iter().filter(|answer| answer.body["duplicate"] == false).count();
    assert_eq!(first, deliveries.len(), "one answer a record says that it is new");
}

#[tokio::test]
async fn f_013_guid_and_hook_are_kept_and_a_redelivery_is_recognised() {
    let stage = Stage::new().await;
    let delivery = Delivery::new("issues", "72d3162e-cc78-11e3-81ab-4c9367dc0958", "{}");
    let first = stage.door().await.post(delivery.clone()).await;
    let again = stage.door().await.post(delivery.clone()).await;
    assert_eq!(
        (again.sequence(), &again.body["duplicate"]),
        (first.sequence(), &json!(true)),
        "also by another process"
    );
    let records = stage.records().await;
    let data: bus::catalogue::github::Delivered = records[0].decode().unwrap().1.open().unwrap();
    assert_eq!((data.delivery, data.hook), (delivery.guid, Some("292430182".to_owned())));
    assert_eq!(records.len(), 1);
}

/// Plays the projector's part: says how full LOG is.
fn answer_for_log(stage: &Stage) -> JoinSet<()> {
    let (client, js) = (stage.operator.client().clone(), stage.operator.jetstream());
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut requests = client.subscribe("rig.svc.status.log").await.unwrap();
        while let Some(request) = requests.next().await {
            let info = js.get_stream("LOG").await.unwrap().cached_info().clone();
            let answer = json!({ "epoch": "e", "first": 1, "last": info.state.last_sequence, "bytes": info.state.bytes,
                "max_bytes": info.config.max_bytes, "projected_through": 0, "projected_at": null });
            client.publish(request.reply.unwrap(), answer.to_string().into()).await.unwrap();
        }
    });
    serving
}

#[tokio::test]
async fn intake_stops_before_log_is_full_and_goes_on_when_there_is_room() {
    let stage = Stage::with(Overrides { log_max_bytes: Some(1 << 20), ..Overrides::default() }).await;
    let _projector = answer_for_log(&stage);
    let quick = Duration::from_millis(50);
    let door = stage.door_with(secrets(), Options { ask_every: quick, quiet: quick, ..patient() }).await;
    let body = format!("{{\"x\":\"{}\"}}", "x".repeat(20_000));
    let mut n = 0;
    let refused = until("LOG filling up", async || {
        n += 1;
        let answer = door.post(Delivery::new("push", &n.to_string(), body.clone())).await;
        if answer.status == StatusCode::ACCEPTED { ControlFlow::Continue(()) } else { ControlFlow::Break(answer) }
    });
    let refused = refused.await;
    refused.is_refused(503, "% full");
    assert_eq!(refused.retry_after.as_deref(), Some("60"));
    let report = door.health.report();
    assert_eq!(report.condition, Condition::Down, "{report:?}");
    let stored = stage.records().await.len();
    assert!((44..50).contains(&stored), "{stored} of 20 kB are in a LOG of 1 MiB");

    let raised = Overrides { log_max_bytes: Some(4 << 20), ..Overrides::default() };
    bus::stream::apply(&stage.operator.jetstream(), &raised).await.unwrap();
    until("room", async || when(door.health.report().condition != Condition::Down)).await;
    door.post(Delivery::new("push", "after", body.clone())).await.sequence();
    let outages = until("the outage's record", async || match stage.outages().await {
        outages if outages.is_empty() => ControlFlow::Continue(()),
        outages => ControlFlow::Break(outages),
    });
    assert_eq!(outages.await[0].refused, 1);
}

#[tokio::test]
async fn a_full_log_is_said_to_be_full_when_nobody_answers_for_it() {
    let stage = Stage::with(Overrides { log_max_bytes: Some(1 << 20), ..Overrides::default() }).await;
    let door = stage.door().await;
    let body = format!("{{\"x\":\"{}\"}}", "x".repeat(300_000));
    let answers = join_all((0..4).map(|n| door.post(Delivery::new("push", &n.to_string(), body.clone())))).await;
    let full: Vec<_> = answers.iter().filter(|answer| answer.status != StatusCode::ACCEPTED).collect();
    assert_eq!(full.len(), 1);
    full[0].is_refused(503, "LOG is full");
}

#[tokio::test]
async fn too_much_at_once_is_refused_for_now_and_memory_stays_bounded() {
    let stage = Stage::new().await;
    let narrow = Options { bytes_in_flight: 1 << 20, quiet: Duration::from_millis(50), ..patient() };
    let door = stage.door_with(secrets(), narrow).await;
    let body = format!("{{\"x\":\"{}\"}}", "x".repeat(3 << 20));
    let refused = door.post(Delivery::new("push", "large", body)).await;
    refused.is_refused(503, "too many deliveries");
    assert!(refused.retry_after.is_some());
    for n in 0..40 {
        let body = format!("{{\"x\":\"{}\"}}", "x".repeat(100_000));
        door.post(Delivery::new("push", &format!("small-{n}"), body)).await.sequence();
    }
}

#[tokio::test]
async fn slow_clients_are_not_waited_for() {
    let stage = Stage::new().await;
    let impatient = Options { patience: Duration::from_millis(300), ..patient() };
    let door = stage.door_with(secrets(), impatient).await;
    let signature = secrets().sign(b"{}");
    let head =
        format!("POST {PATH} HTTP/1.1\r\nhost: x\r\nx-hub-signature-256: {signature}\r\ncontent-length: 2000\r\n");
    for (sent, answer) in [(format!("{head}\r\n{{"), "HTTP/1.1 408"), (head, "")] {
        let mut slow = TcpStream::connect(door.address).await.unwrap();
        slow.write_all(sent.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        tokio::time::timeout(PATIENCE, slow.read_to_end(&mut said)).await.unwrap().unwrap();
        assert!(said.starts_with(answer.as_bytes()), "{}", String::from_utf8_lossy(&said));
    }
    let mut long = TcpStream::connect(door.address).await.unwrap();
    let _ = long.write_all(format!("POST {PATH} HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(1 << 20)).as_bytes()).await;
    let mut said = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, long.read_to_end(&mut said)).await.unwrap();
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&said));
}

/// A connection whose head the door has read: it asks for the body.
async fn arrived(address: SocketAddr, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut go_on)).await.unwrap().unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn a_closing_door_answers_what_is_open_and_waits_for_nobody_for_ever() {
    let stage = Stage::new().await;
    let door = stage.door().await;
    let address = door.address;
    let signature = secrets().sign(b"{}");
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\nx-github-event: ping\r\nx-github-delivery: open\r\n\
         x-hub-signature-256: {signature}\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n"
    );
    let mut open = arrived(address, &head).await;
    let hanging = arrived(address, &head).await;
    let finish = async {
        until("the listener's end", async || when(TcpStream::connect(address).await.is_err())).await;
        open.write_all(b"{}").await.unwrap();
        let mut said = Vec::new();
        open.read_to_end(&mut said).await.unwrap();
        String::from_utf8(said).unwrap()
    };
    let (took, said) = tokio::join!(door.close(), finish);
    assert!(said.starts_with("HTTP/1.1 202"), "{said}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    drop(hanging);
    assert_eq!(stage.payloads().await.len(), 1);
    assert_eq!(stage.records().await[0].decode().unwrap().1.id, RecordId::of_delivery("open"));
}
