//! What failed is asked for again. Pure: whoever reads the list asks.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use time::OffsetDateTime;

use super::{
    LAG, distance,
    entry::{End, Entry},
};

/// So many are asked for in one go: GitHub holds it against who asks for too much at once.
const AT_ONCE: usize = 50;

/// What was asked for again, and until when it is waited.
#[derive(Debug)]
pub struct Again {
    /// Whatever is older is done with.
    since: OffsetDateTime,
    first: Duration,
    asked: HashMap<String, Asked>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    tries: u32,
    next: OffsetDateTime,
}

impl Again {
    /// Nothing yet. What is older than this is not asked for; what fails again is asked for again after this, and then
    /// at growing distances.
    #[must_use]
    pub fn new(since: OffsetDateTime, first: Duration) -> Self {
        Self { since, first, asked: HashMap::new() }
    }

    /// So far the list has to be read.
    #[must_use]
    pub const fn since(&self) -> OffsetDateTime {
        self.since
    }

    /// Those of a list that are to be asked for now, the oldest first.
    #[must_use]
    pub fn due(&self, entries: &[Entry], now: OffsetDateTime) -> Vec<Entry> {
        let is_due = |entry: &&Entry| self.asked.get(&entry.guid).is_none_or(|asked| asked.next <= now);
        failed(entries).into_iter().filter(is_due).take(AT_ONCE).cloned().collect()
    }

    /// It was asked for.
    pub fn note(&mut self, entry: &Entry, now: OffsetDateTime) {
        let tries = self.asked.get(&entry.guid).map_or(0, |asked| asked.tries + 1);
        let next = now + distance(self.first, tries);
        self.asked.insert(entry.guid.clone(), Asked { tries, next });
        tracing::info!(delivery = entry.guid, tries = tries + 1, "asked GitHub for a delivery that failed");
    }

    /// All that was due of this list was asked for.
    pub fn went_through(&mut self, entries: &[Entry]) {
        let taken: HashSet<&str> = entries.iter().filter(|entry| entry.end == End::Taken).map(Entry::guid).collect();
        self.asked.retain(|guid, _| !taken.contains(guid.as_str()));
        let oldest = failed(entries).iter().map(|entry| entry.at).min();
        let newest = entries.iter().map(|entry| entry.at - LAG).max();
        self.since = oldest.into_iter().chain(newest).min().map_or(self.since, |since| since.max(self.since));
    }
}

/// The latest sending of each that was never taken and is not on its way, the oldest first. The list begins with the newest.
fn failed(entries: &[Entry]) -> Vec<&Entry> {
    let settled = entries.iter().filter(|entry| entry.end != End::Failed).map(Entry::guid);
    let mut known: HashSet<&str> = settled.collect();
    let mut failed: Vec<&Entry> = entries.iter().filter(|entry| known.insert(&entry.guid)).collect();
    failed.reverse();
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
    const SECOND: Duration = Duration::from_secs(1);

    fn entry(id: u64, guid: &str, end: End) -> Entry {
        Entry { id, guid: guid.to_owned(), at: NOW, end }
    }

    #[test]
    fn of_what_was_never_taken_the_latest_sending_counts_and_the_oldest_comes_first() {
        let entries = [
            entry(6, "lost", End::Failed),
            entry(5, "mended", End::Taken),
            entry(4, "asked", End::Pending),
            entry(3, "mended", End::Failed),
            entry(2, "lost", End::Failed),
            entry(1, "asked", End::Failed),
            entry(0, "first", End::Failed),
        ];
        let ids: Vec<u64> = failed(&entries).into_iter().map(|entry| entry.id).collect();
        assert_eq!(ids, [0, 6]);
    }

    #[test]
    fn what_fails_again_and_again_is_asked_for_at_growing_distances() {
        let mut again = Again::new(NOW, SECOND);
        let entries = [entry(1, "lost", End::Failed)];
        let mut asked = Vec::new();
        for second in 0..10_u32 {
            let now = NOW + second * SECOND;
            for entry in again.due(&entries, now) {
                again.note(&entry, now);
                asked.push(second);
            }
            again.went_through(&entries);
        }
        assert_eq!(asked, [0, 1, 3, 7]);
    }
}
