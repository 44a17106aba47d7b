//! A list of deliveries, read from its newest entry back to a moment.

use time::OffsetDateTime;

use super::entry::Entry;
use crate::github::reconcile::{MOST_PAGES, Page};

/// A list on its way. Pure: whoever reads it asks.
#[derive(Debug)]
pub struct Listing {
    since: OffsetDateTime,
    next: Option<String>,
    pages_left: u32,
    entries: Vec<Entry>,
}

impl Listing {
    /// Of a hook, as `/app/hook` or `/repos/acme/hello.site/hooks/7`.
    #[must_use]
    pub fn of(hook: &str, since: OffsetDateTime) -> Self {
        let first = format!("{hook}/deliveries?per_page=100");
        Self { since, next: Some(first), pages_left: MOST_PAGES, entries: Vec::new() }
    }

    /// The path that is asked for next; nothing once all of it is there.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// Takes the answer.
    pub fn take(&mut self, page: &Page) {
        let mut is_old = false;
        for entry in page.json().items().filter_map(Entry::of) {
            is_old = entry.at < self.since;
            if is_old {
                break;
            }
            self.entries.push(entry);
        }
        self.pages_left -= 1;
        self.next = page.next().filter(|_| !is_old && self.pages_left > 0).map(str::to_owned);
    }

    /// What it holds, the newest first.
    #[must_use]
    pub fn entries(self) -> Vec<Entry> {
        self.entries
    }
}
