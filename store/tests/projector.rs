//! Records become rows.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod stage;

use bus::{
    Trust,
    stream::{self, Overrides},
};
use sqlx::Row;
use stage::{
    PATIENCE, Stage,
    drafts::{agent, delivery, delivery_of, id, operator, parked, raw, retried, said, words},
    eventually,
};
use store::projector::Status;

#[tokio::test(flavor = "multi_thread")]
async fn every_record_is_a_row_as_it_was() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    stage
        .publish([
            words("1", "general", "sam", "hello"),
            delivery("guid-1", r#"{"action":"opened","text":"\u0000 and \ud800 and ü"}"#),
            raw(operator("general", "sam"), "2", &b"\xff\xfe not UTF-8 \x00"[..]),
            raw(operator("general", "sam"), "3", &b"nul \x00 in UTF-8"[..]),
            raw(operator("general", "sam"), "4", &b""[..]),
        ])
        .await;
    stage.caught_up().await;
    stage.assert_projected().await;
    let texts = stage.count("SELECT count(*) FROM log WHERE body IS NOT NULL").await;
    let bytes = stage.count("SELECT count(*) FROM log WHERE body_bytes IS NOT NULL").await;
    assert!(bytes == 2 && texts >= 3, "{bytes} {texts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_the_greatest_size_is_a_row_as_it_was() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    let payload = format!("{{\"text\":\"{}\"}}", "\u{fc}x ".repeat(25 * 1024 * 1024 / 4));
    stage
        .publish([delivery("big-1", &payload), delivery("big-2", &payload), words("1", "general", "sam", "after")])
        .await;
    stage.caught_up().await;
    stage.assert_projected().await;
    assert_eq!(stage.count("SELECT count(*) FROM github_delivery").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_read_by_room_with_what_a_column_refuses_shown() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    let lone = r#"{"specversion":"1.0","id":"00000000-0000-4000-8000-000000000001","type":"rig.chat.said.v1","source":"/x",
        "time":"2026-01-02T03:04:05Z","trust":"agent","data":{"say":"half \ud83d\ude00 \ud800!","room":"r","who":"dev-e"}}"#;
    stage
        .publish([
            words("1", "Über uns", "Sam", "a\0b"),
            said(agent("r", "dev-e"), "2", "r", "dev-e", "claimed", Trust::Agent),
            raw(agent("r", "dev-e"), "3", lone.as_bytes().to_vec()),
        ])
        .await;
    stage.caught_up().await;
    let rows = sqlx::query("SELECT speaker, room, who, door, say FROM chat_message ORDER BY sequence")
        .fetch_all(&mut stage.sql().await)
        .await
        .unwrap();
    let rows: Vec<[Option<String>; 5]> = rows.iter().map(|row| std::array::from_fn(|n| row.get(n))).collect();
    let row = |texts: [&str; 5]| texts.map(|text| (!text.is_empty()).then(|| text.to_owned()));
    assert_eq!(
        rows,
        [
            row(["operator", "Über uns", "Sam", "terminal", "a\u{fffd}b"]),
            row(["agent", "r", "dev-e", "terminal", "claimed"]),
            row(["agent", "r", "dev-e", "", "half 😀 \u{fffd}!"]),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn f_226_words_that_claim_another_speaker_are_refused_and_told() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    stage
        .publish([
            said(agent("r", "dev-e"), "1", "r", "nora", "I approve", Trust::Agent),
            said(agent("r", "dev-e"), "2", "ops", "dev-e", "wrong room", Trust::Agent),
            said(agent("r", "dev-e"), "3", "r", "dev-e", "trust me", Trust::Operator),
            parked("4", "door-chat", 1),
        ])
        .await;
    let dead = eventually("three dead letters", async || {
        let rows = sqlx::query("SELECT say FROM dead WHERE consumer = 'projector' ORDER BY sequence")
            .fetch_all(&mut stage.sql().await)
            .await
            .unwrap();
        (rows.len() == 3).then(|| rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>())
    })
    .await;
    for (say, part) in dead.iter().zip(["the words of `nora`", "said in `ops`", "the trust of `Operator`"]) {
        assert!(say.contains(part), "{say}");
    }
    assert_eq!(stage.count("SELECT count(*) FROM chat_message").await, 0);
    assert_eq!(stage.count("SELECT count(*) FROM log WHERE refused IS NOT NULL").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn f_033_a_poison_record_is_told_once_and_work_goes_on() {
    let stage = Stage::new().await;
    let mut projector = stage.projector().await;
    let mut sql = stage.sql().await;
    for statement in [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF new.say LIKE 'poison%' THEN RAISE 'no such words here'; END IF; RETURN new; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON chat_message FOR EACH ROW EXECUTE FUNCTION refuse()",
    ] {
        sqlx::query(statement).execute(&mut sql).await.unwrap();
    }
    let say = |n: u32| if n % 50 == 17 { format!("poison {n}") } else { format!("words {n}") };
    // An index takes no key that long, so this one PostgreSQL refuses by itself.
    let mut draw = stage::draw::Draw::new(1);
    let guid = draw.text(9000).replace(['"', '\\'], "'");
    stage.publish((0..300).map(|n| words(&n.to_string(), "general", "sam", &say(n)))).await;
    stage.publish([delivery(&guid, "{}"), words("last", "general", "sam", "after all")]).await;

    let told = eventually("seven dead letters", async || {
        let told = stage.count("SELECT count(*) FROM dead WHERE consumer = 'projector'").await;
        (told >= 7).then_some(told)
    })
    .await;
    assert_eq!(told, 7);
    assert_eq!(stage.count("SELECT count(*) FROM chat_message").await, 295);
    assert_eq!(stage.count("SELECT count(*) FROM github_delivery").await, 0);
    let reasons = stage.count(
        "SELECT count(*) FROM dead JOIN log ON log.sequence = about_sequence
            AND log.id = about_id AND dead.say LIKE '%' || log.refused AND log.subject = about_subject
        WHERE log.refused LIKE 'PostgreSQL refuses its row: %no such words here%' OR log.refused LIKE '%index row%'",
    );
    assert_eq!(reasons.await, 7);
    stage.assert_projected().await;
    assert!(projector.is_running());

    // Another one looks at all of it again and has nothing new to say.
    projector.abort().await;
    let _projector = stage.projector().await;
    stage.publish([words("later", "general", "sam", "poison later")]).await;
    eventually("the eighth dead letter", async || (stage.count("SELECT count(*) FROM dead").await == 8).then_some(()))
        .await;
    let records = stage.records().await;
    let told = records.iter().filter(|record| record.subject == "rig.evt.dead.projector").count();
    assert_eq!(told, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_record_keeps_its_row_with_the_reason() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    stage
        .publish([
            raw(operator("general", "sam"), "1", &b"{}"[..]),
            raw(operator("general", "sam"), "2", &b"\0\0"[..]),
            raw(operator("general", "sam"), "3", words("x", "general", "sam", "x").body.slice(..40)),
            raw(delivery("g", "{}").subject, "4", words("y", "general", "sam", "y").body),
        ])
        .await;
    stage.caught_up().await;
    assert_eq!(stage.count("SELECT count(*) FROM log WHERE refused IS NOT NULL AND id IS NULL").await, 4);
    assert_eq!(stage.count("SELECT count(*) FROM log WHERE refused LIKE '%does not belong on its subject%'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_one_row_however_often_it_is_told() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    let stored = stage
        .publish([
            parked("1", "door-chat", 40),
            raw(parked("1", "door-chat", 41).subject, "told again", parked("1", "door-chat", 41).body),
            parked("2", "door-github", 50),
            retried("3", "door-chat", id("1"), 70),
            retried("4", "door-chat", id("1"), 90),
            retried("5", "door-chat", id("nobody's"), 91),
        ])
        .await;
    stage.caught_up().await;
    let rows = sqlx::query(
        "SELECT consumer, about_sequence, errors, retried_as, retried_sequence FROM dead ORDER BY sequence",
    )
    .fetch_all(&mut stage.sql().await)
    .await
    .unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].get::<i64, _>("about_sequence"), 40);
    assert_eq!(rows[0].get::<Option<i64>, _>("retried_as"), Some(90));
    assert_eq!(rows[0].get::<Option<i64>, _>("retried_sequence"), Some(stored[4].sequence as i64));
    assert_eq!(rows[1].get::<Option<i64>, _>("retried_as"), None);
    let errors: Vec<String> = serde_json::from_str(rows[0].get("errors")).unwrap();
    assert_eq!(errors, ["first \0 error", "last error"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guid_redelivered_after_the_window_is_two_rows_and_one_in_the_view() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    let again = delivery("guid-1", "{}");
    stage
        .publish([
            delivery("guid-1", "{}"),
            delivery_of("guid-2", "acme/api", 8, "{}"),
            raw(again.subject, "after the window", again.body),
        ])
        .await;
    stage.caught_up().await;
    let rows = sqlx::query("SELECT guid, records, first_sequence, last_sequence, as_of FROM delivery ORDER BY guid")
        .fetch_all(&mut stage.sql().await)
        .await
        .unwrap();
    let numbers = |n: usize| ["records", "first_sequence", "last_sequence"].map(|name| rows[n].get::<i64, _>(name));
    let [records, first, last] = numbers(0);
    assert!(rows.len() == 2 && records == 2 && last == first + 2, "{records} {first} {last}");
    assert_eq!(numbers(1), [1, first + 1, first + 1]);
    assert!(rows[0].get::<i64, _>("as_of") >= last);
}

#[tokio::test(flavor = "multi_thread")]
async fn f_013_each_repository_says_when_it_was_last_heard_of() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    stage
        .publish([
            delivery_of("1", "acme/old-name", 7, "{}"),
            delivery_of("2", "acme/api", 8, "{}"),
            delivery_of("3", "acme/new-name", 7, "{}"),
        ])
        .await;
    stage.caught_up().await;
    let rows = sqlx::query(
        "SELECT repository, last_sequence, extract(epoch FROM age)::float8 AS age FROM repository_delivery ORDER BY 1",
    )
    .fetch_all(&mut stage.sql().await)
    .await
    .unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(names, ["acme/api", "acme/new-name"]);
    assert!(rows.iter().all(|row| (0.0..600.0).contains(&row.get::<f64, _>("age"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn i_26_of_two_projectors_one_writes_and_the_other_takes_over() {
    let stage = Stage::new().await;
    let first = stage.projector().await;
    stage.publish([words("0", "general", "sam", "0")]).await;
    stage.caught_up().await;
    let _second = stage.projector().await;
    let writers = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND classid = 1380534048 AND objid = 1280263969 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    for round in 0..20 {
        stage.publish((0..50).map(|n| words(&format!("{round} {n}"), "general", "sam", "hello"))).await;
        if round == 10 {
            first.connection.client().drain().await.unwrap();
        }
        assert_eq!(stage.count(writers).await, 1);
    }
    first.abort().await;
    stage.caught_up().await;
    stage.assert_projected().await;
    assert_eq!(stage.count("SELECT count(*) FROM chat_message").await, 1001);
}

#[tokio::test(flavor = "multi_thread")]
async fn f_163_the_status_says_how_far_the_rows_are_and_what_they_wait_for() {
    let stage = Stage::new().await;
    let _projector = stage.projector().await;
    stage.publish((0..5).map(|n| words(&n.to_string(), "general", "sam", "hello"))).await;
    stage.caught_up().await;
    let status = ask(&stage).await;
    let state = stage.state().await;
    assert_eq!(status.epoch, state.epoch.to_string());
    assert_eq!((status.first, status.max_bytes, status.waits.clone()), (1, state.max_bytes, None));
    assert!(status.projected_through >= Some(5) && status.projected_at.is_some(), "{status:?}");

    let mut sql = stage.sql().await;
    sqlx::query("ALTER TABLE log RENAME TO hidden").execute(&mut sql).await.unwrap();
    stage.publish([words("waits", "general", "sam", "hello")]).await;
    let waits = eventually("the reason", async || ask(&stage).await.waits).await;
    assert!(waits.contains("\"log\" does not exist"), "{waits}");
    assert!(ask(&stage).await.last > status.projected_through.unwrap());
    sqlx::query("ALTER TABLE hidden RENAME TO log").execute(&mut sql).await.unwrap();
    stage.caught_up().await;
    assert_eq!(ask(&stage).await.waits, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn f_031_that_log_fills_up_is_said_once_and_so_is_its_relief() {
    let room = |bytes| Overrides { log_max_bytes: Some(bytes), ..Overrides::default() };
    let stage = Stage::with(&room(1_000_000)).await;
    let projector = stage.projector().await;
    stage.publish((0..75).map(|n| words(&n.to_string(), "general", "sam", &"x".repeat(9_600)))).await;
    let said = async |subject: &str| stage.records().await.into_iter().find(|record| record.subject == subject);
    let filling = eventually("the alarm", async || said("rig.evt.bus.filling").await).await;
    let (_, envelope) = filling.decode().unwrap();
    assert!(envelope.say().starts_with("LOG is 7"), "{}", envelope.say());

    // Another one finds in LOG that it was said.
    projector.stop().await;
    let _projector = stage.projector().await;
    stream::apply(&stage.conductor.jetstream(), &room(2_000_000)).await.unwrap();
    let relieved = eventually("the relief", async || said("rig.evt.bus.relieved").await).await;
    assert_eq!(relieved.decode().unwrap().1.say(), "LOG has room again: 37 % full.");
    let words = stage.records().await.iter().filter(|record| record.subject.starts_with("rig.evt.bus.")).count();
    assert_eq!(words, 2);
}

async fn ask(stage: &Stage) -> Status {
    let answer = stage.conductor.client().request("rig.svc.status.log", "".into());
    let answer = tokio::time::timeout(PATIENCE, answer).await.unwrap().unwrap();
    serde_json::from_slice(&answer.payload).unwrap()
}
