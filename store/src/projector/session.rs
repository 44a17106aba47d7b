//! One connection's worth of writing rows: from the cursor on, until something stands in the way.

use std::{sync::Arc, time::Duration};

use bus::{
    connect::Connection,
    read::{self, Position, Reader, Start},
    stream,
};
use sqlx::{Connection as _, PgConnection};
use tokio::sync::Notify;

use super::{
    ahead::Ahead,
    cursor::{self, Cursor},
    epochs::Epochs,
    fold::Fold,
    lock,
    progress::{Tally, Teller},
    resume::Resume,
    tail,
    write::{Stop, Writer},
};
use crate::{Error, Store, connect, place::Place, views};

/// How often a session with nothing to write looks whether PostgreSQL is there and the cursor where it left it.
const IDLE: Duration = Duration::from_millis(500);

/// What a session works with.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) connection: Connection,
    pub(crate) store: Store,
    pub(crate) teller: Teller,
    /// Woken when a record gave no row.
    pub(crate) refused: Arc<Notify>,
    pub(crate) tally: Tally,
}

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    #[error(transparent)]
    Store(#[from] Error),
    #[error(transparent)]
    Read(#[from] read::Error),
    #[error(transparent)]
    Stream(#[from] stream::Error),
    #[error("somebody else moved the cursor; it is read again")]
    Moved,
}

impl From<Stop> for Ended {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Moved => Self::Moved,
            Stop::Store(error) => Self::Store(error),
        }
    }
}

impl Session {
    /// One that nobody but its teller's listeners hears of.
    pub(crate) fn alone(connection: &Connection, store: &Store, teller: Teller) -> Self {
        let refused = Arc::new(Notify::new());
        Self { connection: connection.clone(), store: store.clone(), teller, refused, tally: Tally::default() }
    }

    /// Writes rows until something stands in the way, or there are rows up to `goal`.
    pub(crate) async fn work(&self, goal: Option<u64>) -> Result<(), Ended> {
        let mut rows = self.store.session().await?;
        connect::migrate(&mut rows).await?;
        if !lock::take(&mut rows, &self.teller, goal).await? {
            return Ok(());
        }
        views::rebuild_if_outdated(&mut rows, &self.store).await?;
        let position = self.position(&mut rows).await?;
        let epochs = Epochs::read(&mut rows).await?;
        let reader = Reader::open(&self.connection, Start::After(position.clone()), &[]).await?;
        let epochs = Arc::new(epochs.with(reader.epoch(), reader.lineage()));
        let fold = Fold::new(Arc::clone(&epochs), reader.epoch(), reader.lineage().clone());
        self.teller.works(position.clone(), None);
        self.refused.notify_one();
        let reached = |through: u64| goal.is_some_and(|goal| through >= goal);
        if reached(position.sequence) {
            return Ok(());
        }
        let epoch = position.epoch.clone();
        let last = last_row(&mut rows).await?;
        let mut writer = Writer::new(rows, position, last);
        let mut ahead = Ahead::start(reader, fold);
        loop {
            let group = tokio::select! {
                group = ahead.next() => group?,
                () = tokio::time::sleep(IDLE) => {
                    writer.stands().await?;
                    continue;
                }
            };
            let records = group.records.len();
            let Some(written) = writer.write(&epochs, group.records).await? else { continue };
            self.tally.add(records);
            self.teller.works(Position { epoch: epoch.clone(), sequence: written.through }, Some(written.at));
            if written.refused {
                self.refused.notify_one();
            }
            if reached(written.through) {
                return Ok(());
            }
        }
    }

    /// Where to go on; the cursor is put there. It is held meanwhile: were rows dropped between a look at the cursor and
    /// a look at its row, LOG would seem to have lost its tail.
    async fn position(&self, rows: &mut PgConnection) -> Result<Position, Ended> {
        let mut transaction = rows.begin().await.map_err(Error::from)?;
        cursor::hold(&mut transaction).await?;
        let position = self.decide(&mut transaction).await?;
        transaction.commit().await.map_err(Error::from)?;
        Ok(position)
    }

    async fn decide(&self, rows: &mut PgConnection) -> Result<Position, Ended> {
        let cursor = cursor::read(rows).await?;
        let mut state = stream::log_state(&self.connection.jetstream()).await?;
        let mut resume = Resume::decide(cursor.as_ref(), &state);
        if let (Resume::AfterTheCursor, Some(cursor)) = (&resume, &cursor)
            && tail::is_lost(&self.connection, rows, &cursor.position, &state).await?
        {
            state = tail::begin_epoch(&self.connection, rows, &cursor.position, &state).await?;
            resume = Resume::decide(Some(cursor), &state);
        }
        resume.tell(cursor.as_ref(), &state);
        let sequence = resume.after(cursor.as_ref(), &state);
        let position = Position { epoch: state.epoch, sequence };
        if resume != Resume::AfterTheCursor {
            let refold_until = cursor.and_then(|cursor| cursor.refold_until).filter(|until| *until > sequence);
            cursor::put(rows, &Cursor { position: position.clone(), refold_until }).await?;
        }
        Ok(position)
    }
}

/// The place of the last row; before all places where there is none.
async fn last_row(rows: &mut PgConnection) -> Result<Place, Error> {
    let last = sqlx::query!("SELECT epoch, sequence FROM log ORDER BY epoch DESC, sequence DESC LIMIT 1")
        .fetch_optional(rows)
        .await?;
    Ok(last.map_or(Place { epoch: 0, sequence: 0 }, |row| Place { epoch: row.epoch, sequence: row.sequence }))
}
