//! What the numbers of LOG were in its former lives.
//!
//! When LOG is restored from rows, or found to have lost its tail, a new epoch begins, and what stands in it from before
//! is told here, in LOG's metadata. So a position of a former epoch can be looked up, and a record that was put back is
//! read as it was: with the time at which it was first stored, and with the headers it had.
//!
//! The server acts on some headers and refuses others, so a record is put back with each of these under another name.
//! Both that and the time are honoured only in what was put back: anywhere else anybody can write such a header.

use std::str::FromStr;

use async_nats::{HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{read::Position, record::Sequenced, stream::Epoch};

/// When a record that was put back was first stored.
const STORED_AT: &str = "Rig-Stored-At";

/// Stands before the name of a header that the server would act on.
const WAS: &str = "Rig-Was-";

/// What the server calls its own.
const SERVERS: &str = "Nats-";

/// The former lives of one LOG, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lineage(Vec<Segment>);

/// What LOG holds of one former epoch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Segment {
    /// The former epoch.
    pub epoch: Epoch,
    /// The first number, as that epoch counted.
    pub first: u64,
    /// The last number, as that epoch counted.
    pub last: u64,
    /// The number that the first one has now.
    pub at: u64,
    /// Whether these records were put back from rows. If not, they never left.
    pub restored: bool,
}

impl Segment {
    /// The number that the last one has now.
    #[must_use]
    pub const fn through(&self) -> u64 {
        self.at + (self.last - self.first)
    }

    const fn holds(&self, number: u64) -> bool {
        self.at <= number && number <= self.through()
    }
}

impl Lineage {
    /// Former lives, oldest first.
    #[must_use]
    pub const fn new(segments: Vec<Segment>) -> Self {
        Self(segments)
    }

    /// The former lives, oldest first.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The last number that is of a former life; 0 where there is none.
    #[must_use]
    pub fn through(&self) -> u64 {
        self.0.last().map_or(0, Segment::through)
    }

    /// Where the record of this number was first stored; nothing where that is here.
    #[must_use]
    pub fn origin(&self, number: u64) -> Option<Position> {
        let segment = self.segment_of(number)?;
        Some(Position { epoch: segment.epoch.clone(), sequence: segment.first + (number - segment.at) })
    }

    /// The number that a position of a former life has now; nothing where LOG does not hold what follows it.
    #[must_use]
    pub fn number_of(&self, position: &Position) -> Option<u64> {
        let next = position.sequence.checked_add(1)?;
        self.0
            .iter()
            .find(|segment| {
                segment.epoch == position.epoch && segment.first <= next && position.sequence <= segment.last
            })
            .map(|segment| segment.at + (next - segment.first) - 1)
    }

    /// A record as it was before it was put back.
    #[must_use]
    pub fn read(&self, mut record: Sequenced) -> Sequenced {
        if self.segment_of(record.sequence).is_some_and(|segment| segment.restored) {
            take_back(&mut record);
        }
        record
    }

    fn segment_of(&self, number: u64) -> Option<&Segment> {
        self.0.iter().find(|segment| segment.holds(number))
    }
}

/// The headers under which a record is put back.
#[must_use]
pub fn put_back(headers: &HeaderMap, stored_at: OffsetDateTime) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for (name, values) in headers.iter() {
        let text: &str = name.as_ref();
        let renamed = is_ours(text) || is_servers(text);
        let name = if renamed { HeaderName::from_str(&format!("{WAS}{text}")).ok() } else { Some(name.clone()) };
        for (name, value) in name.iter().flat_map(|name| values.iter().map(move |value| (name, value))) {
            kept.append(name.clone(), value.clone());
        }
    }
    if let Ok(time) = stored_at.format(&Rfc3339) {
        kept.insert(STORED_AT, time);
    }
    kept
}

fn take_back(record: &mut Sequenced) {
    let stored_at = record.headers.get(STORED_AT).and_then(|time| OffsetDateTime::parse(time.as_str(), &Rfc3339).ok());
    let mut headers = HeaderMap::new();
    for (name, values) in record.headers.iter() {
        let text: &str = name.as_ref();
        let name = match text.strip_prefix(WAS) {
            Some(was) => HeaderName::from_str(was).ok(),
            None => (!is_servers(text) && text != STORED_AT).then(|| name.clone()),
        };
        for (name, value) in name.iter().flat_map(|name| values.iter().map(move |value| (name, value))) {
            headers.append(name.clone(), value.clone());
        }
    }
    record.headers = headers;
    record.stored_at = stored_at.unwrap_or(record.stored_at);
}

fn is_ours(name: &str) -> bool {
    name.starts_with(WAS) || name == STORED_AT
}

/// In any letter case: the server does not mind it everywhere.
fn is_servers(name: &str) -> bool {
    name.get(..SERVERS.len()).is_some_and(|start| start.eq_ignore_ascii_case(SERVERS))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    fn epoch(name: &str) -> Epoch {
        Epoch::from(name.to_owned())
    }

    fn position(name: &str, sequence: u64) -> Position {
        Position { epoch: epoch(name), sequence }
    }

    /// One life of 5 to 1000, one of 1 to 20 that counted anew, both put back.
    fn lineage() -> Lineage {
        let segment = |name, first, last, at| Segment { epoch: epoch(name), first, last, at, restored: true };
        Lineage::new(vec![segment("a", 5, 1000, 5), segment("b", 1, 20, 1001)])
    }

    fn record(sequence: u64, headers: HeaderMap) -> Sequenced {
        Sequenced {
            sequence,
            subject: "rig.evt.conductor.step".to_owned(),
            headers,
            body: Bytes::new(),
            stored_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_number_has_its_origin_and_an_origin_its_number() {
        let lineage = lineage();
        assert_eq!(lineage.through(), 1020);
        for (number, origin) in
            [(5, position("a", 5)), (1000, position("a", 1000)), (1001, position("b", 1)), (1020, position("b", 20))]
        {
            assert_eq!(lineage.origin(number), Some(origin.clone()));
            assert_eq!(lineage.number_of(&origin), Some(number));
        }
        assert_eq!(lineage.origin(4), None);
        assert_eq!(lineage.origin(1021), None);
    }

    #[test]
    fn a_position_whose_next_record_is_not_there_has_no_number() {
        let lineage = lineage();
        assert_eq!(lineage.number_of(&position("a", 4)), Some(4));
        assert_eq!(lineage.number_of(&position("a", 3)), None, "record 4 is not in this LOG");
        assert_eq!(lineage.number_of(&position("a", 1001)), None, "read from a tail that was lost");
        assert_eq!(lineage.number_of(&position("c", 5)), None);
        assert_eq!(lineage.number_of(&position("b", 0)), Some(1000));
    }

    #[test]
    fn what_never_left_keeps_whatever_headers_somebody_wrote() {
        let mut headers = HeaderMap::new();
        headers.insert(STORED_AT, "2020-01-01T00:00:00Z");
        let forged = lineage().read(record(1021, headers.clone()));
        assert_eq!((forged.stored_at, &forged.headers), (OffsetDateTime::UNIX_EPOCH, &headers));
        let segment = Segment { epoch: epoch("a"), first: 1, last: 9, at: 1, restored: false };
        let forged = Lineage::new(vec![segment]).read(record(7, headers.clone()));
        assert_eq!((forged.stored_at, forged.headers), (OffsetDateTime::UNIX_EPOCH, headers));
    }

    #[test]
    fn it_is_read_from_metadata_as_it_was_written() {
        let text = serde_json::to_string(&lineage()).unwrap();
        assert_eq!(serde_json::from_str::<Lineage>(&text).unwrap(), lineage());
    }

    proptest! {
        #[test]
        fn any_headers_and_any_time_come_back(
            names in prop::collection::vec("(Rig-Was-|Nats-|nats-|Rig-Stored-At|)[A-Za-z-]{1,12}", 0..6),
            values in prop::collection::vec("[ -~]{0,12}", 6),
            nanos in 0_i128..4_000_000_000_000_000_000,
        ) {
            let mut headers = HeaderMap::new();
            for (name, value) in names.iter().zip(&values) {
                headers.append(name.as_str(), value.as_str());
            }
            let stored_at = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap();
            let mut stored = put_back(&headers, stored_at);
            prop_assert!(stored.iter().all(|(name, _)| !is_servers(name.as_ref())));
            stored.insert("Nats-Batch-Id", "of the transfer that put it back");
            let read = lineage().read(record(7, stored));
            prop_assert_eq!(read.headers, headers);
            prop_assert_eq!(read.stored_at, stored_at);
        }
    }
}
