//! Offers that cannot be read: of a newer version, or of nobody who should offer.
//!
//! Where the fence can be read, the run is claimed and ends as broken, so that the item goes on and a person is told in
//! the end. Where not even that can, the conductor gives the record up: agents may not speak on `rig.evt.dead`.

use std::time::Duration;

use bus::{
    Sequenced,
    catalogue::{agent::Fence, cmd::Offer},
    connect::Connection,
    consume::Verdict,
    service::{
        self,
        run::{self, Done, Park},
    },
};

use super::{claims::Claims, heard::Heard, lease::Lease};

/// How long one answer may take.
const WITHIN: Duration = Duration::from_secs(5);

/// What can be said of an offer that cannot be read.
#[derive(Debug)]
pub(super) struct Unread {
    fence: Option<Fence>,
    pub(super) error: String,
}

/// The offer in a record.
pub(super) fn read(record: &Sequenced) -> Result<Offer, Unread> {
    let (_, envelope) = record.decode().map_err(|error| Unread { fence: None, error: error.to_string() })?;
    envelope.open::<Offer>().map_err(|error| Unread { fence: envelope.open().ok(), error: error.to_string() })
}

impl Unread {
    pub(super) async fn end(
        self,
        connection: &Connection,
        claims: &Claims<'_>,
        sequence: u64,
        deliveries: u64,
    ) -> Verdict {
        let ended = match self.fence {
            Some(fence) => fail(connection, claims, fence, self.error).await,
            None => park(connection, Park { sequence, deliveries, error: self.error }).await,
        };
        ended.map_or_else(Verdict::Retry, |()| Verdict::Done)
    }
}

async fn fail(connection: &Connection, claims: &Claims<'_>, fence: Fence, error: String) -> Result<(), String> {
    claims.claimed_unread(fence).await.map_err(|error| error.to_string())?;
    let lease = Lease { connection, fence, every: WITHIN, heard: Heard::default() };
    match lease.granted().await {
        Ok(()) => claims.failed_unread(fence, error).await.map_err(|error| error.to_string()),
        // It is another's, or of the past.
        Err(_) => Ok(()),
    }
}

async fn park(connection: &Connection, park: Park) -> Result<(), String> {
    let done: Result<Done, _> = service::ask(connection, &run::park(), &park, WITHIN).await;
    done.map(drop).map_err(|error| error.to_string())
}
