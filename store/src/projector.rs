//! The projector: every record of LOG becomes a row.
//!
//! It reads LOG in order, folds records to rows, and writes a batch of rows and its own position in one transaction, so
//! that killed anywhere it goes on exactly where its rows end. It never gives up: while PostgreSQL or the bus is away it
//! waits and says so. What a record holds cannot stop it either (see `fold.rs` and `write.rs`).
//!
//! One file a table; `fold` is the one list of which record gives which row.

mod ahead;
pub(crate) mod chat_message;
pub(crate) mod cursor;
pub(crate) mod dead;
pub(crate) mod epochs;
mod fill;
pub(crate) mod fold;
pub(crate) mod github_delivery;
pub(crate) mod lock;
pub(crate) mod log;
mod park;
mod partition;
pub(crate) mod progress;
mod resume;
pub(crate) mod session;
mod status;
pub(crate) mod tables;
pub(crate) mod tail;
mod write;

use std::{sync::Arc, time::Duration};

use bus::{connect::Connection, publish::Publisher};
pub use park::CONSUMER;
pub use progress::Tally;
pub use status::{SUBJECT as STATUS_SUBJECT, Status};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::Store;
use progress::Teller;
use session::{Ended, Session};

/// How long to wait at first before a session is tried again.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// How long at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Writes rows for every record of LOG until it is cancelled.
///
/// Beside that it answers on `rig.svc.status.log`, says in LOG when LOG fills up, and says in LOG which records gave no
/// row. Of several projectors on one database one writes and the others wait.
pub async fn run(connection: &Connection, store: &Store, publisher: Publisher, cancel: CancellationToken) {
    counted(connection, store, publisher, Tally::default(), cancel).await;
}

/// The same, and counts on `tally` what it does.
pub async fn counted(
    connection: &Connection,
    store: &Store,
    publisher: Publisher,
    tally: Tally,
    cancel: CancellationToken,
) {
    let teller = Teller::new();
    let refused = Arc::new(Notify::new());
    let session = Session {
        connection: connection.clone(),
        store: store.clone(),
        teller: teller.clone(),
        refused: Arc::clone(&refused),
        tally,
    };
    let mut tasks = JoinSet::new();
    tasks.spawn(status::serve(connection.clone(), teller.listen()));
    tasks.spawn(fill::watch(connection.clone(), publisher.clone()));
    let parking = park::Teller {
        store: store.clone(),
        connection: connection.clone(),
        publisher,
        progress: teller.listen(),
        wake: refused,
    };
    tasks.spawn(parking.run());
    tasks.spawn(async move { work(&session).await });
    tokio::select! {
        () = cancel.cancelled() => {}
        Some(ended) = tasks.join_next() => tracing::error!(?ended, "a part of the projector ended, which none may"),
    }
    tasks.shutdown().await;
}

/// One session after the other, with a growing pause while they get nowhere.
async fn work(session: &Session) {
    let mut pause = PAUSE;
    loop {
        let before = session.teller.through();
        let Err(ended) = session.work(None).await else { continue };
        if session.teller.through() != before {
            pause = PAUSE;
        }
        if !matches!(ended, Ended::Moved) {
            session.teller.waits(said(&ended));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The error with its causes, on one line.
pub(crate) fn said(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !said.contains(&more) {
            said = format!("{said}: {more}");
        }
        cause = error.source();
    }
    said
}
