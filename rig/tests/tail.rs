//! `rig tail` and `rig subjects`: what is stored, shown to eyes and given to programs.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod world;

use std::process::{Command, Stdio};

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, chat::Said},
    publish::{Options, Publisher},
};
use serde_json::{Value, value::RawValue};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::datetime};
use uuid::Uuid;
use world::{Rig, until, webhook::issue};

/// What `rig tail … --json` printed, a record a line.
async fn records(rig: &Rig, args: &[&str]) -> Vec<Value> {
    let ended = rig.command(&[&["tail", "--json", "--until-idle"], args].concat()).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn says(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["record"]["data"]["say"].as_str().unwrap()).collect()
}

/// Five things said, and two issues; with where they stand. A tick of the clock may stand among them.
async fn seeded() -> (Rig, Vec<u64>) {
    let rig = Rig::up().await;
    let mut places = Vec::new();
    for n in 1..=5 {
        let room = if n == 3 { "ops" } else { "general" };
        places.push(rig.say(room, &format!("words {n}")).await.sequence);
    }
    places.push(rig.post("issues", &issue(1, "One")).await.sequence());
    places.push(rig.post("issues", &issue(2, "Two")).await.sequence());
    (rig, places)
}

#[tokio::test]
async fn what_is_named_is_shown_and_from_where_it_is_asked_for() {
    let (rig, at) = seeded().await;
    assert_eq!(says(&records(&rig, &["chat"]).await), ["words 1", "words 2", "words 3", "words 4", "words 5"]);
    assert_eq!(says(&records(&rig, &["rig.evt.chat.ops.>"]).await), ["words 3"]);
    assert_eq!(says(&records(&rig, &["chat", "--last", "2"]).await), ["words 4", "words 5"]);
    assert_eq!(records(&rig, &["chat", "--last", "0"]).await, [Value::Null; 0]);
    assert_eq!(says(&records(&rig, &["chat", "--from", &at[3].to_string()]).await), ["words 4", "words 5"]);
    assert_eq!(records(&rig, &["chat", "--from", "400"]).await, [Value::Null; 0]);
    assert_eq!(records(&rig, &["acme/hello.site"]).await.len(), 2);
    assert_eq!(records(&rig, &["ACME/*", "--last", "1"]).await[0]["sequence"], at[6]);
    assert_eq!(records(&rig, &["work"]).await, [Value::Null; 0]);
    assert_eq!(records(&rig, &["github", "chat", "--since", "1h"]).await.len(), 7);
    let third = records(&rig, &["--from", &at[2].to_string(), "--count", "1"]).await[0]["stored_at"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(says(&records(&rig, &["chat", "--since", &third]).await), ["words 3", "words 4", "words 5"]);
    rig.finish().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_what_there_is() {
    let rig = Rig::up().await;
    for (args, expected) in [
        (&["tail", "wrok"][..], "`wrok` names nothing that LOG holds"),
        (&["tail", "rig.evt.a b"], "is no filter"),
        (&["tail", "--since", "yesterday"], "`yesterday` is no moment"),
        (&["tail", "--since", "1h", "--last", "2"], "cannot be used with"),
        (&["tail", "--each", "true"], "required arguments were not provided"),
        (&["tail", "--as", "nobody"], "there is no subscriber `nobody`"),
    ] {
        let ended = rig.command(args).await;
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{args:?}: {}", ended.stderr);
    }
    rig.finish().await;
}

#[tokio::test]
async fn json_is_one_line_a_record_and_the_record_is_what_was_published() {
    let rig = Rig::up().await;
    // Line ends between tokens, a number no float holds, a name twice, text that commands a terminal.
    let payload = "{\r\n  \"action\": \"opened\",\n  \"n\": 12345678901234567890123.50e-2,\n  \"n\": 0,\n  \
                   \"s\": \"\\u0000\\u001b[2J \\ud800 \u{9b}\",\n  \"repository\": {\"id\": 1, \"name\": \"site\", \
                   \"full_name\": \"acme/site\", \"owner\": {\"login\": \"acme\"}}\n}";
    rig.github().post(Uuid::from_u128(7), "issues", payload.as_bytes().to_vec()).await.unwrap().sequence();
    let ended = rig.command(&["tail", "github", "--json", "--until-idle"]).await;
    let lines: Vec<&str> = ended.stdout.split_terminator('\n').collect();
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    #[derive(serde::Deserialize)]
    struct Line<'a> {
        sequence: u64,
        subject: &'a str,
        epoch: &'a str,
        #[serde(borrow)]
        record: &'a RawValue,
    }
    let line: Line<'_> = serde_json::from_str(line).unwrap();
    let records = rig.records().await;
    let published = records.iter().find(|record| record.sequence == line.sequence).unwrap();
    assert_eq!((line.sequence, line.subject), (published.sequence, published.subject.as_str()));
    assert_eq!(line.epoch.len(), 36, "an epoch");
    let expected = String::from_utf8(published.body.to_vec()).unwrap().replace(['\r', '\n'], " ");
    assert_eq!(line.record.get(), expected);
    assert!(line.record.get().contains(&payload.replace(['\r', '\n'], " ")), "GitHub's bytes");
    rig.finish().await;
}

#[tokio::test]
async fn people_read_time_sequence_who_and_what() {
    let (rig, at) = seeded().await;
    let ended = rig.command(&["tail", "chat", "github", "--until-idle"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 8, "a day and seven records: {lines:?}");
    assert!(lines[1].ends_with(&format!("{:>8}  operator       words 1", at[0])), "{lines:?}");
    assert!(lines[3].ends_with(&format!("{:>8}  operator       [ops] words 3", at[2])), "{lines:?}");
    assert!(lines[6].contains(&format!("{:>8}  nora           ", at[5])) && lines[6].contains("One"), "{lines:?}");
    rig.finish().await;
}

#[tokio::test]
async fn records_whose_times_jump_are_shown_in_their_order_with_the_servers_times() {
    let rig = Rig::up().await;
    let publisher = Publisher::start(&rig.operator().await, Options::default());
    let jumps = [datetime!(2026-11-22 10:00 UTC), datetime!(1970-01-01 00:00 UTC), datetime!(2099-01-01 00:00 UTC)];
    for (n, at) in jumps.into_iter().enumerate() {
        let say = format!("words {n}");
        let said = Said { say, room: "general".to_owned(), who: "sam".to_owned(), door: None };
        let envelope = Envelope::new(RecordId::new(), Kind::ChatSaid.type_name(), "/rig/test", at, said);
        let subject = Subject::ChatOperator { room: Token::of("general"), who: Token::of("sam") };
        publisher.publish(Draft::new(subject, &envelope).unwrap()).await.unwrap();
    }
    let shown = records(&rig, &["chat", "--since", "10m"]).await;
    assert_eq!(says(&shown), ["words 0", "words 1", "words 2"]);
    let stored_at = |record: &Value| OffsetDateTime::parse(record["stored_at"].as_str().unwrap(), &Rfc3339).unwrap();
    assert!(shown.is_sorted_by_key(stored_at));
    rig.finish().await;
}

#[tokio::test]
async fn it_ends_in_peace_when_nobody_reads_and_with_130_when_interrupted() {
    let (rig, _) = seeded().await;
    let program = env!("CARGO_BIN_EXE_rig");
    let folder = rig.folder();
    let script =
        format!("{{ {program} tail --json --from 1 --home {}; echo code $? >&2; }} | head -n 1", folder.display());
    let output = tokio::task::spawn_blocking(move || {
        Command::new("sh").args(["-c", &script]).stdin(Stdio::null()).output().unwrap()
    });
    // It learns that nobody reads when the next record comes.
    let said = async {
        loop {
            rig.say("general", "more").await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let output = tokio::select! {
        output = output => output.unwrap(),
        () = said => unreachable!(),
    };
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "code 0\n");

    let mut following = rig.begin(&["tail"]);
    until("it to follow", async || following.printed().contains("words 5").then_some(())).await;
    following.interrupt();
    let ended = following.ended().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(130), ""));
    rig.finish().await;
}

#[tokio::test]
async fn it_follows_over_the_death_of_the_server_without_a_gap_or_a_double() {
    let rig = Rig::up().await;
    let mut following = rig.begin(&["tail", "--json", "--from", "1", "chat"]);
    for n in 0..60 {
        if n == 20 || n == 40 {
            rig.kill_nats();
        }
        rig.say("general", &format!("words {n}")).await;
    }
    until("the last one to be followed", async || following.printed().contains("words 59").then_some(())).await;
    following.interrupt();
    let ended = following.ended().await;
    let seen: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected: Vec<String> = (0..60).map(|n| format!("words {n}")).collect();
    assert_eq!(says(&seen), expected);
    rig.finish().await;
}

#[tokio::test]
async fn subjects_shows_the_tree_with_counts_and_the_newest_of_each() {
    let (rig, at) = seeded().await;
    let ended = rig.command(&["subjects", "--json"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let rows: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let issues = rows.iter().find(|row| row["kind"] == "issues").unwrap();
    assert_eq!((&issues["count"], &issues["newest"]["sequence"]), (&2.into(), &at[6].into()));
    assert_eq!(issues["newest"]["subject"], "rig.evt.github.acme.hello%2Esite.issues");
    let words = rows.iter().find(|row| row["pattern"] == "rig.evt.chat.<room>.operator.<who>").unwrap();
    assert_eq!((&words["count"], &words["newest"]["say"]), (&5.into(), &"words 5".into()));

    let tree = rig.command(&["subjects"]).await.stdout;
    for family in bus::subject::FAMILIES {
        assert!(tree.contains(family.pattern) && tree.contains(family.what), "{}\n{tree}", family.pattern);
    }
    rig.finish().await;
}
