//! What a conductor knows, folded again out of LOG without a snapshot; and how long it takes until another decides when
//! the one that leads is killed.

use std::time::{Duration, Instant};

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, agent},
    envelope::now,
    read::{Reader, Start},
    stream,
};

use crate::{
    Scale,
    drafts::{webhook_of, words},
    led::{Conductor, Led},
    raw::{self, Message},
    row::{Bound, Row, median},
    stage::Stage,
};

/// As many records as are stored in one flush.
const BATCH: usize = 256;

/// As many issues are open.
const ISSUES: usize = 10_000;

const SIZE: usize = 6 << 10;

/// As many offers may be open.
const WINDOW: u32 = 64;

pub async fn run(scale: Scale) -> Vec<Row> {
    let stage = Stage::new().await;
    let count = scale.of(1_000_000, BATCH);
    fill(&stage, count, scale.of(ISSUES, 32)).await;
    let mut first = Led::start(&stage.connection, WINDOW);
    let last = stream::log_state(&stage.connection.jetstream()).await.unwrap().last;
    first.decided(last).await;
    drop(first);
    let begin = Instant::now();
    let mut heir = Led::start(&stage.connection, WINDOW);
    heir.leads().await;
    let refolded = begin.elapsed();
    drop((heir, stage));

    let mut taken = Vec::new();
    for n in 0..scale.pairs().min(3) {
        taken.push(taken_over(n).await);
    }
    vec![
        Row::of_value("conductor, refolded from LOG", refolded.as_secs_f64(), "s", Bound::AtMost(60.0)),
        Row::of_value("conductor, take-over after kill -9", median(taken.into_iter()), "s", Bound::AtMost(5.0)),
    ]
}

/// Of ten records three are webhooks, of as many issues as that; two are signs of life; the others are words.
async fn fill(stage: &Stage, count: usize, issues: usize) {
    let client = stage.connection.client();
    let mut begin = 0;
    while begin < count {
        let batch: Vec<Message> = (begin..count.min(begin + BATCH)).map(|n| Message::from(&draft(n, issues))).collect();
        raw::batch(client, batch.into_iter()).await;
        begin += BATCH;
    }
}

fn draft(n: usize, issues: usize) -> Draft {
    match n % 10 {
        0..3 => webhook_of((n / 10 * 3 + n % 10) % issues + 1, SIZE),
        3 | 4 => alive(),
        _ => words(1 << 10),
    }
}

fn alive() -> Draft {
    let (role, pool) = ("implementer".to_owned(), "linux".to_owned());
    let alive = agent::Alive { say: "dev-e lives.".to_owned(), role, pool, work: None, resting_until: None };
    let kind = agent::Kind::Alive;
    let subject = Subject::Agent { name: Token::of("dev-e"), kind: Token::of(kind.name()) };
    let type_name = Kind::Agent(kind).type_name();
    Draft::new(subject, &Envelope::new(RecordId::new(), type_name, "/rig/agent", now(), alive)).unwrap()
}

/// Seconds from the kill to the first decision of the other one that is stored.
async fn taken_over(n: usize) -> f64 {
    let stage = Stage::new().await;
    let url = stage.url("conductor");
    fill(&stage, 1_000, 100).await;
    let mut first = Conductor::start(&url).await;
    first.does("leads").await;
    let mut heir = Conductor::start(&url).await;
    heir.does("follows").await;
    let last = stream::log_state(&stage.connection.jetstream()).await.unwrap().last;
    first.kill();
    let begin = Instant::now();
    raw::one(stage.connection.client(), Message::from(&webhook_of(50_000 + n, SIZE))).await;
    let filters = ["rig.evt.work.>".to_owned()];
    let mut reader = Reader::open(&stage.connection, Start::Sequence(last + 1), &filters).await.unwrap();
    let about = format!(".{}.", 50_000 + n);
    let decided = async {
        while !reader.next().await.unwrap().subject.contains(&about) {}
        begin.elapsed()
    };
    tokio::time::timeout(Duration::from_secs(60), decided).await.unwrap().as_secs_f64()
}
