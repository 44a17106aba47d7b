//! What no delivery told is found out by the reconciler's own pure half; only that it asks the played world is of here.

use bus::Draft;
use conductor::github::{
    deliveries::{Again, Listing},
    reconcile::{Look, Memory, Page, Teller},
};
use sandbox::world::HookId;
use serde_json::Value;
use time::OffsetDateTime;

use crate::town::Town;

const REPOSITORY: &str = "acme/hello.site";

/// What the reconciler remembers.
#[derive(Debug)]
pub struct Reconciler {
    memory: Memory,
    teller: Teller,
    again: Again,
    hook: HookId,
}

impl Reconciler {
    pub fn new(hook: HookId) -> Self {
        let begin = OffsetDateTime::UNIX_EPOCH;
        let first = std::time::Duration::from_secs(1);
        let (memory, again) = (Memory::since(begin), Again::new(begin, first));
        Self { memory, teller: Teller::default(), again, hook }
    }
}

impl Town {
    /// Everything is looked at, and what is new is logged; then what GitHub could not deliver is asked for again.
    pub fn reconciles(&mut self) {
        self.looks();
        self.asks_again();
    }

    /// One look at everything; the news.
    pub fn looks(&mut self) -> Vec<Draft> {
        let mut reconciler = self.reconciler.take().unwrap();
        let Reconciler { memory, teller, .. } = &mut reconciler;
        let mut look = Look::begin(REPOSITORY, memory, self.at());
        let mut drafts = Vec::new();
        while let Some(path) = look.path().map(str::to_owned) {
            let page = self.page(&path);
            for found in look.take(&page) {
                if let Some(news) = teller.news(&found, self.at()) {
                    drafts.push(news.draft.clone());
                    self.log(news.draft.clone());
                    teller.note(news);
                }
            }
        }
        self.reconciler = Some(reconciler);
        drafts
    }

    fn asks_again(&mut self) {
        let mut reconciler = self.reconciler.take().unwrap();
        let Reconciler { again, hook, .. } = &mut reconciler;
        let hook = format!("/repos/{REPOSITORY}/hooks/{hook}");
        let mut listing = Listing::of(&hook, again.since());
        while let Some(path) = listing.path().map(str::to_owned) {
            listing.take(&self.page(&path));
        }
        let entries = listing.entries();
        for entry in again.due(&entries, self.at()) {
            self.asked_again += 1;
            self.ask("POST", "conductor-e", &format!("{hook}/deliveries/{}/attempts", entry.id), &Value::Null, 202);
            again.note(&entry, self.at());
        }
        again.went_through(&entries);
        self.reconciler = Some(reconciler);
    }

    fn page(&mut self, path: &str) -> Page {
        let answer = self.answer_to("GET", "conductor-e", path, &Value::Null);
        assert_eq!(answer.status(), 200, "{path}");
        let body = String::from_utf8(answer.body().to_vec()).unwrap();
        Page::read(path, answer.headers(), body).unwrap()
    }
}
