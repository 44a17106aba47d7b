//! Where to begin: so many records back, or a moment.

use std::{ops::Range, time::Duration};

use async_nats::jetstream::{
    consumer::{AckPolicy, DeliverPolicy, pull},
    stream::LastRawMessageErrorKind,
};
use bus::{
    Sequenced,
    connect::Connection,
    read::{Reader, Start},
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
    let begin = begin(connection, filters, state.first..state.last + 1, count).await?;
    Ok(Start::Sequence(begin))
}

/// The last records that match and stand before this number, at most `count` and in order; none where there are none.
pub(crate) async fn page_before(
    connection: &Connection,
    filters: &[String],
    end: u64,
    count: u64,
) -> Result<Vec<Sequenced>, Failure> {
    let state = log_state(&connection.jetstream()).await?;
    let end = end.min(state.last + 1);
    if count == 0 || state.messages == 0 || end <= state.first {
        return Ok(Vec::new());
    }
    let start = Start::Sequence(begin(connection, filters, state.first..end, count).await?);
    let mut left = matching(connection, filters, &start).await?;
    let mut reader = Reader::open(connection, start, filters).await?;
    let mut page = Vec::new();
    while left > 0 {
        let record = reader.next().await?;
        if record.sequence >= end {
            break;
        }
        left -= 1;
        page.push(record);
    }
    Ok(page)
}

/// Where the last `count` of those that match within these numbers begin; the first number where there are fewer.
async fn begin(connection: &Connection, filters: &[String], within: Range<u64>, count: u64) -> Result<u64, Failure> {
    let matching = async |sequence| matching(connection, filters, &Start::Sequence(sequence)).await;
    let behind = matching(within.end).await?;
    // Enough records match from `enough` on, and too few from `few` on.
    let (mut enough, mut few) = (within.start, within.end);
    let mut back = count;
    while few > enough + 1 {
        let middle = few.saturating_sub(back).clamp(enough + 1, few - 1);
        if matching(middle).await?.saturating_sub(behind) >= count {
            enough = middle;
            back = (few - enough) / 2;
        } else {
            few = middle;
            back = back.saturating_mul(4).min((few - enough).div_ceil(2).max(1));
        }
    }
    Ok(enough)
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
