//! Each delivery is read out of GitHub's list.

use std::collections::HashMap;

use bus::{
    Draft,
    envelope::now,
    publish::{Error, Publisher},
};
use time::OffsetDateTime;

use super::{LAG, List, entry::Entry};
use crate::github::{
    fault::Fault,
    inbound::{self, Origin},
    json::Json,
    reconcile::{Asker, Halt, Shelf},
};

/// What was read and published, and from when on it is looked for more.
#[derive(Debug)]
pub(super) struct Poll {
    since: OffsetDateTime,
    publisher: Publisher,
    read: HashMap<String, OffsetDateTime>,
}

impl Poll {
    pub(super) fn new(since: OffsetDateTime, publisher: Publisher) -> Self {
        Self { since, publisher, read: HashMap::new() }
    }

    pub(super) async fn go_through(&mut self, mut list: List<'_>) -> Result<(), Halt> {
        let entries = list.since(self.since).await?;
        for entry in entries.iter().rev() {
            if !self.read.contains_key(&entry.guid) {
                self.take(&list, entry).await?;
                self.read.insert(entry.guid.clone(), entry.at);
            }
        }
        if let Some(newest) = entries.iter().map(|entry| entry.at).max() {
            self.since = self.since.max(newest - LAG);
        }
        let since = self.since;
        self.read.retain(|_, at| *at >= since);
        Ok(())
    }

    async fn take(&self, list: &List<'_>, entry: &Entry) -> Result<(), Halt> {
        // A delivery never changes, and is read once.
        let mut shelf = Shelf::default();
        let page = match Asker::new(list.client.clone(), &mut shelf).page(&list.at(entry)).await {
            Err(Fault::Refused(_, answer)) => {
                tracing::warn!(delivery = entry.guid, answer, "GitHub no longer has a delivery");
                return Ok(());
            }
            page => page?,
        };
        let Some(draft) = draft(page.json(), &entry.guid) else {
            tracing::warn!(delivery = entry.guid, "a delivery in GitHub's list makes no record");
            return Ok(());
        };
        match self.publisher.publish(draft).await {
            Ok(_) => Ok(()),
            Err(error @ (Error::TooLarge { .. } | Error::Refused { .. })) => {
                tracing::error!(delivery = entry.guid, %error, "a delivery cannot be stored");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The record that ingest would make of it.
fn draft(delivery: Json<'_>, guid: &str) -> Option<Draft> {
    let [event, request] = delivery.pick(["event", "request"]);
    let [headers, payload] = request?.pick(["headers", "payload"]);
    let event = event?.name()?;
    let hook = headers.and_then(hook);
    let origin = Origin { event: &event, delivery: guid, hook: hook.as_deref(), source: inbound::SOURCE };
    inbound::record(&origin, payload?.raw().as_bytes(), now()).ok()
}

/// The hook's id. Nobody promises how its header is written.
fn hook(headers: Json<'_>) -> Option<String> {
    let (_, id) = headers.fields().find(|(name, _)| name.eq_ignore_ascii_case(inbound::HOOK))?;
    id.text()
}
