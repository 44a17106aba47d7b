//! Giving a record up, as a record.

use std::collections::{BTreeMap, VecDeque};

use uuid::Uuid;

use super::delivery::Delivery;
use crate::{
    catalogue::{Kind, dead::Parked},
    envelope::{Envelope, Trust, now},
    id::RecordId,
    publish::Publisher,
    record::{Draft, Sequenced},
    subject::Subject,
    token::Token,
};

/// The namespace under which ids are derived for records that have none.
const NAMELESS: Uuid = Uuid::from_u128(0x2b8e_6a0d_53f3_4d54_8a53_1f4c_90f1_77e2);

/// Errors kept of one record: the last ones tell what is wrong.
const ERRORS_KEPT: usize = 10;

/// Records whose errors are kept. A record handed out by another process has its errors there.
const RECORDS_KEPT: usize = 1000;

/// What went wrong with the records that are being tried.
#[derive(Default)]
pub(super) struct Errors(BTreeMap<u64, VecDeque<String>>);

impl Errors {
    pub(super) fn note(&mut self, sequence: u64, reason: String) {
        let errors = self.0.entry(sequence).or_default();
        errors.push_back(reason);
        if errors.len() > ERRORS_KEPT {
            errors.pop_front();
        }
        if self.0.len() > RECORDS_KEPT {
            self.0.pop_first();
        }
    }

    pub(super) fn of(&self, sequence: u64) -> Vec<String> {
        self.0.get(&sequence).map(|errors| errors.iter().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn forget(&mut self, sequence: u64) {
        self.0.remove(&sequence);
    }
}

/// Publishes that a record was given up; answers whether that is stored.
pub(super) async fn park(delivery: &Delivery, errors: Vec<String>, publisher: &Publisher) -> bool {
    let stored = match draft(&delivery.consumer, &delivery.record, delivery.count, errors) {
        Ok(draft) => publisher.publish(draft).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    stored.inspect_err(|error| tracing::error!(error, "a record could not be given up; it is tried again")).is_ok()
}

/// The record `rig.dead.parked.v1` that says `record` was given up by `consumer`. Its id follows from both and
/// from where the record stands, so that saying it twice is saying it once; handed out again and given up again, it is
/// another one.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn draft(
    consumer: &str,
    record: &Sequenced,
    deliveries: u64,
    errors: Vec<String>,
) -> Result<Draft, serde_json::Error> {
    let known = record.decode().ok().map(|(_, envelope)| envelope.id);
    let cause = known.unwrap_or_else(|| nameless(record));
    let reason = errors.last().map_or("no reason is known", String::as_str);
    let parked = Parked {
        say: format!("{consumer} gave up record {} after {deliveries} tries: {reason}", record.sequence),
        consumer: consumer.to_owned(),
        sequence: record.sequence,
        subject: record.subject.clone(),
        record: known,
        deliveries,
        errors,
    };
    let source = format!("/rig/{consumer}");
    let id = cause.named(&format!("dead:{consumer}:{}", record.sequence));
    let mut envelope = Envelope::new(id, Kind::DeadParked.type_name(), &source, now(), parked);
    envelope.cause = known;
    envelope.trust = Trust::Operator;
    Draft::new(Subject::Dead { consumer: Token::of(consumer) }, &envelope)
}

fn nameless(record: &Sequenced) -> RecordId {
    let place = format!("{}:{}", record.sequence, record.stored_at.unix_timestamp_nanos());
    Uuid::new_v5(&NAMELESS, place.as_bytes()).into()
}
