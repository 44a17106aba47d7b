//! What runs keep with the conductor, and offers that agents hand in: asked by who has the work, done beside deciding.
//!
//! A state is kept of the item and its task. So whoever is given the task after a kill, under another fence, finds it; for
//! another task there is none.

use bus::{
    RecordId,
    catalogue::work::Task,
    connect::Connection,
    consume::parked,
    number::ItemKey,
    publish::Publisher,
    read::{Which, lookup},
    roles::Name,
    run_state::{self, Entry},
    service::run::{Kept, LARGEST_STATE, Park, Save},
    subject::Subject,
    token::Token,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A run that somebody has.
pub(super) struct Held {
    pub(super) item: ItemKey,
    pub(super) task: Task,
    pub(super) generation: u32,
}

/// A state as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    task: Task,
    run: RecordId,
    generation: u32,
    state: Value,
}

/// Keeps a state, unless a later run kept one.
pub(super) async fn save(connection: &Connection, held: Held, Save { fence, state }: Save) -> Result<(), String> {
    let Held { item, task, generation } = held;
    let stored = Stored { task, run: fence.run, generation, state };
    let bytes = serde_json::to_vec(&stored).map_err(|error| error.to_string())?;
    if bytes.len() > LARGEST_STATE {
        return Err(format!("the state of a run may have {LARGEST_STATE} bytes, this one has {}", bytes.len()));
    }
    let before = run_state::load(connection, item).await.map_err(told)?;
    if read(&before).is_some_and(|before| before.generation > generation) {
        return Err("a later run of this work kept its state already".to_owned());
    }
    run_state::save(connection, item, bytes.into(), before.revision).await.map_err(told)
}

/// What was kept of this task.
pub(super) async fn load(connection: &Connection, held: Held) -> Result<Kept, String> {
    let entry = run_state::load(connection, held.item).await.map_err(told)?;
    let of_the_task = read(&entry).filter(|stored| stored.task == held.task && stored.generation <= held.generation);
    Ok(of_the_task.map_or_else(Kept::default, |stored| Kept { state: stored.state }))
}

fn read(entry: &Entry) -> Option<Stored> {
    serde_json::from_slice(&entry.bytes).ok()
}

fn told(error: run_state::Error) -> String {
    let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{source}")
}

/// Gives an offer up as a record, in the name of the agents that it was for.
pub(super) async fn park(
    connection: &Connection,
    publisher: &Publisher,
    agent: &str,
    park: Park,
) -> Result<(), String> {
    let Park { sequence, deliveries, error } = park;
    let found = lookup(&connection.jetstream(), Which::Number(sequence)).await.map_err(|error| error.to_string())?;
    let record = found.ok_or_else(|| format!("there is no record {sequence}"))?;
    let consumer = match record.subject.parse() {
        Ok(Subject::CmdAgent { role, pool, .. }) => consumer_of(&role, &pool),
        _ => None,
    };
    let consumer = consumer.ok_or_else(|| format!("record {sequence} is no offer"))?;
    let error = format!("{agent}: {error}");
    let draft = parked(&consumer, &record, deliveries, vec![error]).map_err(|error| error.to_string())?;
    publisher.publish(draft).await.map(drop).map_err(|error| error.to_string())
}

fn consumer_of(role: &Token, pool: &Token) -> Option<String> {
    let [role, pool] = [role, pool].map(|token| token.text().filter(|text| Name::of(text).is_ok()));
    Some(format!("agent-{}-{}", role?, pool?))
}
