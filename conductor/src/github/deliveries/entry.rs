//! One line of GitHub's list of deliveries: one sending of one event.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::github::json::Json;

/// One sending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its number in the list; every sending has one of its own.
    pub id: u64,
    /// The same for every sending of one event.
    pub guid: String,
    /// When it was sent.
    pub at: OffsetDateTime,
    /// What became of it.
    pub end: End,
}

/// What became of a sending.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It was taken.
    Taken,
    /// It is on its way.
    Pending,
    /// It was refused, or met nobody.
    Failed,
}

impl Entry {
    pub(super) fn of(line: Json<'_>) -> Option<Self> {
        let [id, guid, at, status, code] = line.pick(["id", "guid", "delivered_at", "status", "status_code"]);
        let at = OffsetDateTime::parse(&at?.name()?, &Rfc3339).ok()?;
        let status = status.and_then(Json::text).unwrap_or_default();
        let end = match code?.number()? {
            200..=299 => End::Taken,
            0 if status == "pending" => End::Pending,
            _ => End::Failed,
        };
        Some(Self { id: id?.number()?, guid: guid?.name()?.into_owned(), at, end })
    }

    pub(super) fn guid(&self) -> &str {
        &self.guid
    }
}
