//! Filling a closed LOG from rows.

use bus::{
    Draft, Envelope, RecordId, Subject, Token, Trust,
    catalogue::{
        Kind,
        bus::{Gap, Restored},
    },
    connect::Connection,
    lineage, stream,
};
use futures::TryStreamExt;
use sqlx::PgConnection;
use tokio::{sync::mpsc, task::JoinSet};
use uuid::Uuid;

use super::{
    Error, Progress,
    plan::Plan,
    put_back::{Failure, Message, put_back},
};
use crate::{Store, projector::epochs::Epochs, stored};

/// Records in one batch at most.
const RECORDS: usize = 256;

/// Bytes in one batch, one record beyond included.
const BYTES: usize = 4 << 20;

/// Batches read ahead.
const AHEAD: usize = 3;

/// How long to wait before a batch is tried again whose answer was lost.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

/// Puts everything back that is not there yet, and a record behind it that says so.
pub(super) async fn fill(
    connection: &Connection,
    store: &Store,
    rows: &mut PgConnection,
    plan: &Plan,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<(), Error> {
    let epochs = Epochs::read(rows).await?;
    let through = plan.through();
    loop {
        let last = match stream::log_state(&connection.jetstream()).await {
            Ok(state) => state.last,
            Err(error) if matches!(error, stream::Error::Unreachable { .. }) => {
                tracing::debug!(%error, "waiting for the bus");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        progress(Progress { done: last.min(through), through });
        if last > through {
            return Ok(());
        }
        match go_on(connection, store, plan, &epochs, last, progress).await {
            Ok(()) => {}
            Err(Failure::InDoubt) => tokio::time::sleep(PAUSE).await,
            Err(Failure::Final(error)) => return Err(error),
        }
    }
}

/// From LOG's last number on.
async fn go_on(
    connection: &Connection,
    store: &Store,
    plan: &Plan,
    epochs: &Epochs,
    last: u64,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<(), Failure> {
    let (sender, mut batches) = mpsc::channel(AHEAD);
    let mut reading = JoinSet::new();
    reading.spawn(read(store.clone(), plan.clone(), epochs.clone(), last, sender));
    while let Some(batch) = batches.recv().await {
        let batch = batch.map_err(Failure::Final)?;
        let done = batch.last().map_or(last, |message| message.number);
        put_back(connection, batch).await?;
        progress(Progress { done: done.min(plan.through()), through: plan.through() });
    }
    Ok(())
}

/// Reads rows into batches. Whoever takes them and stops taking ends it.
async fn read(store: Store, plan: Plan, epochs: Epochs, last: u64, batches: mpsc::Sender<Result<Vec<Message>, Error>>) {
    let mut batching = Batching { batches, batch: Vec::new(), bytes: 0 };
    match read_rows(&store, &plan, &epochs, last, &mut batching).await {
        Ok(Some(())) => drop(batching.flush().await),
        Ok(None) => {}
        Err(error) => drop(batching.batches.send(Err(error)).await),
    }
}

/// Nothing when nobody takes the batches any more.
async fn read_rows(
    store: &Store,
    plan: &Plan,
    epochs: &Epochs,
    last: u64,
    batching: &mut Batching,
) -> Result<Option<()>, Error> {
    let mut next = last + 1;
    if let Some(before) = plan.before(epochs, next) {
        let mut rows = store.session().await?;
        let mut records = stored::after(&mut rows, before);
        while let Some(stored) = records.try_next().await? {
            let Some(number) = plan.number_of(epochs, stored.place) else { continue };
            while next < number {
                if batching.add(gap(plan, next)?).await.is_none() {
                    return Ok(None);
                }
                next += 1;
            }
            let record = stored.record;
            let headers = lineage::put_back(&record.headers, record.stored_at);
            let message = Message { number, subject: record.subject, headers, body: record.body };
            if batching.add(message).await.is_none() {
                return Ok(None);
            }
            next += 1;
        }
    }
    Ok(batching.add(restored(plan)?).await)
}

/// Collects messages into batches.
struct Batching {
    batches: mpsc::Sender<Result<Vec<Message>, Error>>,
    batch: Vec<Message>,
    bytes: usize,
}

impl Batching {
    /// Nothing when nobody takes them any more.
    async fn add(&mut self, message: Message) -> Option<()> {
        self.bytes += message.size();
        self.batch.push(message);
        if self.batch.len() < RECORDS && self.bytes < BYTES {
            return Some(());
        }
        self.flush().await
    }

    async fn flush(&mut self) -> Option<()> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        self.batches.send(Ok(batch)).await.ok()
    }
}

/// Stands at the number of a record that rows lack.
fn gap(plan: &Plan, number: u64) -> Result<Message, Error> {
    let data = Gap { say: format!("Record {number} is lost: neither LOG nor PostgreSQL has it."), sequence: number };
    let draft = draft(plan, &format!("gap {number}"), Kind::BusGap, "gap", data)?;
    let headers = lineage::put_back(&async_nats::HeaderMap::new(), plan.contents.begun_at);
    Ok(Message { number, subject: draft.subject.to_string(), headers, body: draft.body })
}

/// The first record of the new life.
fn restored(plan: &Plan) -> Result<Message, Error> {
    let (first, through, gaps) = (plan.first(), plan.through(), plan.contents.gaps.clone());
    let lost: u64 = gaps.iter().map(|(first, last)| last - first + 1).sum();
    let lost = if lost == 0 { "none of them is lost".to_owned() } else { format!("{lost} of them are lost") };
    let say = format!(
        "LOG was made again from PostgreSQL: records {first} to {through}, {lost}. What it had confirmed after that, if \
         anything, is not in it. Programs with a durable get its records again, from the first one on."
    );
    let data = Restored { say, epoch: plan.epoch.to_string(), through, gaps };
    let draft = draft(plan, "restored", Kind::BusRestored, "restored", data)?;
    let headers = async_nats::HeaderMap::new();
    Ok(Message { number: through + 1, subject: draft.subject.to_string(), headers, body: draft.body })
}

fn draft<D: serde::Serialize>(plan: &Plan, name: &str, kind: Kind, token: &str, data: D) -> Result<Draft, Error> {
    let epoch = RecordId::from(Uuid::new_v5(&Uuid::NAMESPACE_OID, plan.epoch.as_str().as_bytes()));
    let at = plan.contents.begun_at;
    let mut envelope = Envelope::new(epoch.named(name), kind.type_name(), "/rig/restore", at, data);
    envelope.trust = Trust::Operator;
    Ok(Draft::new(Subject::Bus { kind: Token::of(token) }, &envelope)?)
}
