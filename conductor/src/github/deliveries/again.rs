//! What failed is asked for again.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use octocrab::map_github_error;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{
    LAG, List, distance,
    entry::{End, Entry},
};
use crate::github::{fault::Fault, reconcile::Halt};

/// So many are asked for in one go: GitHub holds it against who asks for too much at once.
const AT_ONCE: usize = 50;

/// What was asked for again, and until when it is waited.
#[derive(Debug)]
pub(super) struct Again {
    /// Whatever is older is done with.
    since: OffsetDateTime,
    first: Duration,
    asked: HashMap<String, Asked>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    tries: u32,
    next: Instant,
}

impl Again {
    pub(super) fn new(since: OffsetDateTime, first: Duration) -> Self {
        Self { since, first, asked: HashMap::new() }
    }

    pub(super) async fn go_through(&mut self, mut list: List<'_>) -> Result<(), Halt> {
        let entries = list.since(self.since).await?;
        let failed = failed(&entries);
        for entry in failed.iter().filter(|entry| self.is_due(entry)).take(AT_ONCE).copied().collect::<Vec<_>>() {
            ask(&list, entry).await?;
            self.note(entry);
        }
        let taken: HashSet<&str> = entries.iter().filter(|entry| entry.end == End::Taken).map(Entry::guid).collect();
        self.asked.retain(|guid, _| !taken.contains(guid.as_str()));
        let oldest = failed.iter().map(|entry| entry.at).min();
        let newest = entries.iter().map(|entry| entry.at - LAG).max();
        self.since = oldest.into_iter().chain(newest).min().map_or(self.since, |since| since.max(self.since));
        Ok(())
    }

    fn is_due(&self, entry: &Entry) -> bool {
        self.asked.get(&entry.guid).is_none_or(|asked| asked.next <= Instant::now())
    }

    fn note(&mut self, entry: &Entry) {
        let tries = self.asked.get(&entry.guid).map_or(0, |asked| asked.tries + 1);
        let next = Instant::now() + distance(self.first, tries);
        self.asked.insert(entry.guid.clone(), Asked { tries, next });
        tracing::info!(delivery = entry.guid, tries = tries + 1, "asked GitHub for a delivery that failed");
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

async fn ask(list: &List<'_>, entry: &Entry) -> Result<(), Fault> {
    let answer = list.client._post(format!("{}/attempts", list.at(entry)), None::<&()>).await?;
    match map_github_error(answer).await.map_err(Fault::from) {
        // GitHub has forgotten it meanwhile, or the hook is gone.
        Ok(_) | Err(Fault::Refused(..)) => Ok(()),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u64, guid: &str, end: End) -> Entry {
        Entry { id, guid: guid.to_owned(), at: OffsetDateTime::UNIX_EPOCH, end }
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
}
