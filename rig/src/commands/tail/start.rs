//! Where to begin: so many records back, or a moment.

use std::time::Duration;

use async_nats::jetstream::{
    consumer::{AckPolicy, DeliverPolicy, pull},
    stream::LastRawMessageErrorKind,
};
use bus::{
    connect::Connection,
    read::Start,
    stream::{LOG, log_state},
};

use crate::exit::Failure;

/// How long the server keeps a consumer that only counts, should its removal be lost.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(10);

/// Where the last `count` records that match begin; LOG is not read for it.
pub(crate) async fn last(connection: &Connection, filters: &[String], count: u64) -> Result<Start, Failure> {
    let state = log_state(&connection.jetstream()).await?;
    if count == 0 || state.messages == 0 {
        return Ok(Start::New);
    }
    let matching = async |sequence| matching(connection, filters, &Start::Sequence(sequence)).await;
    // Enough records match from `enough` on, and too few from `few` on.
    let (mut enough, mut few) = (state.first, state.last + 1);
    let mut back = count;
    while few > enough + 1 {
        let middle = few.saturating_sub(back).clamp(enough + 1, few - 1);
        if matching(middle).await? >= count {
            enough = middle;
            back = (few - enough) / 2;
        } else {
            few = middle;
            back = back.saturating_mul(4).min((few - enough).div_ceil(2).max(1));
        }
    }
    Ok(Start::Sequence(enough))
}

/// How many records match from `start` on.
pub(crate) async fn matching(connection: &Connection, filters: &[String], start: &Start) -> Result<u64, Failure> {
    let js = connection.jetstream();
    let config = pull::Config {
        deliver_policy: policy(start),
        filter_subjects: filters.to_vec(),
        ack_policy: AckPolicy::None,
        memory_storage: true,
        inactive_threshold: FORGOTTEN_AFTER,
        ..pull::Config::default()
    };
    let consumer = js
        .create_consumer_on_stream(config, LOG)
        .await
        .map_err(|error| Failure::failed("the records in LOG cannot be counted").because(error))?;
    let (name, pending) = {
        let info = consumer.cached_info();
        (info.name.clone(), info.num_pending)
    };
    // The server forgets it by itself where this is lost.
    let _ = js.delete_consumer_from_stream(name, LOG).await;
    Ok(pending)
}

fn policy(start: &Start) -> DeliverPolicy {
    match start {
        Start::After(position) => from(position.sequence + 1),
        Start::Sequence(sequence) => from(*sequence),
        Start::Time(moment) => DeliverPolicy::ByStartTime { start_time: *moment },
        Start::New => DeliverPolicy::New,
    }
}

fn from(sequence: u64) -> DeliverPolicy {
    DeliverPolicy::ByStartSequence { start_sequence: sequence.max(1) }
}

/// The number of the newest record that matches; 0 where there is none.
pub(crate) async fn newest(connection: &Connection, filter: &str) -> Result<u64, Failure> {
    let log = connection.jetstream().get_stream_no_info(LOG).await.map_err(no_newest)?;
    match log.get_last_raw_message_by_subject(filter).await {
        Ok(message) => Ok(message.sequence),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(0),
        Err(error) => Err(no_newest(error)),
    }
}

fn no_newest(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::unreachable("LOG cannot be asked for its newest record").because(error)
}
