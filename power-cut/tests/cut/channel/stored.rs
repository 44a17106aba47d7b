//! What the channel holds, and what of the acknowledged is missing in it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::{Duration, Instant},
};

use async_nats::jetstream::{Context, consumer::pull::OrderedConfig};
use bus::{
    RecordId,
    catalogue::due::Deadline,
    connect::Connection,
    envelope::Sealed,
    read::{Reader, Start},
    stream,
};
use bytes::Bytes;
use futures::StreamExt;

use super::{
    Channel, PATIENCE,
    load::{Place, Stored},
};

/// Bodies by their numbers in a stream.
pub(crate) type Held = BTreeMap<u64, Bytes>;

/// What three streams hold.
pub(crate) struct Holdings {
    pub(crate) log: Held,
    /// Where each record stands in LOG.
    places: HashMap<RecordId, Vec<u64>>,
    voice: Held,
    items: HashSet<String>,
}

impl Channel {
    /// What the streams hold once LOG has taken over all that VOICE holds.
    pub(crate) async fn holdings(&self) -> Holdings {
        let conductor = self.user("conductor").await;
        let js = conductor.jetstream();
        let voice = all_of(&js, "VOICE").await;
        let log = log_with(&conductor, voice.values().map(id_of).collect()).await;
        let items = all_of(&js, "CLOCK").await.values().filter_map(item_of).collect();
        let mut places: HashMap<RecordId, Vec<u64>> = HashMap::new();
        for (sequence, body) in &log {
            places.entry(id_of(body)).or_default().push(*sequence);
        }
        Holdings { log, places, voice, items }
    }
}

impl Holdings {
    /// Whether it is where the channel said, with the same bytes; a word in VOICE also in LOG.
    pub(crate) fn have(&self, stored: &Stored) -> bool {
        let at = |held: &Held, place: &Place| held.get(&place.sequence) == Some(&place.body);
        match stored {
            Stored::Log(place) => at(&self.log, place),
            Stored::Voice(place) => at(&self.voice, place) && self.taken_over(place),
            Stored::Clock(item) => self.items.contains(item),
        }
    }

    fn taken_over(&self, place: &Place) -> bool {
        let places = self.places.get(&place.id).map_or(&[][..], Vec::as_slice);
        places.iter().any(|sequence| self.log.get(sequence) == Some(&place.body))
    }

    /// Records that stand in LOG more than once.
    pub(crate) fn doubles(&self) -> Vec<RecordId> {
        self.places.iter().filter(|(_, places)| places.len() > 1).map(|(id, _)| *id).collect()
    }
}

/// LOG, once it has these.
async fn log_with(conductor: &Connection, wanted: HashSet<RecordId>) -> Held {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let log = log(conductor).await;
        let there: HashSet<RecordId> = log.values().map(id_of).collect();
        if wanted.is_subset(&there) || Instant::now() > deadline {
            return log;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn log(conductor: &Connection) -> Held {
    let last = stream::log_state(&conductor.jetstream()).await.unwrap().last;
    let mut reader = Reader::open(conductor, Start::Sequence(1), &[]).await.unwrap();
    let mut held = Held::new();
    while held.last_key_value().is_none_or(|(sequence, _)| *sequence < last) && last > 0 {
        let record = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
        held.insert(record.sequence, record.body);
    }
    held
}

async fn all_of(js: &Context, name: &str) -> Held {
    let stream = js.get_stream(name).await.unwrap();
    let last = stream.get_info().await.unwrap().state.last_sequence;
    let mut held = Held::new();
    let mut messages = stream.create_consumer(OrderedConfig::default()).await.unwrap().messages().await.unwrap();
    while held.last_key_value().is_none_or(|(sequence, _)| *sequence < last) && last > 0 {
        let message = tokio::time::timeout(PATIENCE, messages.next()).await.unwrap().unwrap().unwrap();
        held.insert(message.info().unwrap().stream_sequence, message.payload.clone());
    }
    held
}

fn id_of(body: &Bytes) -> RecordId {
    serde_json::from_slice::<Sealed<'_>>(body).unwrap().id
}

/// The item of a deadline; the tick has none.
fn item_of(body: &Bytes) -> Option<String> {
    let envelope: Sealed<'_> = serde_json::from_slice(body).unwrap();
    envelope.open::<Deadline>().ok().map(|deadline| deadline.item)
}
