//! The lives of LOG, counted.

use std::collections::{BTreeSet, HashMap};

use bus::{lineage::Lineage, stream::Epoch};
use sqlx::PgConnection;

use crate::{Error, place::number};

/// The lives of LOG and their ordinals. A life is written down with its first row, so that the same LOG, read anew,
/// counts the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Epochs {
    ordinals: HashMap<Epoch, i16>,
}

impl Epochs {
    /// The lives that rows are of.
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self, Error> {
        let rows = sqlx::query!("SELECT ordinal, id FROM epoch").fetch_all(connection).await?;
        Ok(Self { ordinals: rows.into_iter().map(|row| (Epoch::from(row.id), row.ordinal)).collect() })
    }

    /// These, and those of a LOG: new ones in the order in which it lived them.
    #[must_use]
    pub(crate) fn with(mut self, epoch: &Epoch, lineage: &Lineage) -> Self {
        let former = lineage.segments().iter().map(|segment| &segment.epoch);
        for epoch in former.chain([epoch]) {
            let next = self.ordinals.values().max().map_or(1, |last| last.saturating_add(1));
            self.ordinals.entry(epoch.clone()).or_insert(next);
        }
        self
    }

    /// The ordinal of an epoch; 0, which none has, for one that is not known.
    pub(crate) fn ordinal(&self, epoch: &Epoch) -> i16 {
        self.ordinals.get(epoch).copied().unwrap_or_default()
    }

    /// The epoch of an ordinal.
    pub(crate) fn epoch(&self, ordinal: i16) -> Option<&Epoch> {
        self.ordinals.iter().find(|(_, other)| **other == ordinal).map(|(epoch, _)| epoch)
    }

    /// Writes down those of these ordinals.
    pub(crate) async fn write(&self, connection: &mut PgConnection, ordinals: &BTreeSet<i16>) -> sqlx::Result<()> {
        for ordinal in ordinals {
            let Some(epoch) = self.epoch(*ordinal) else { continue };
            sqlx::query!(
                "INSERT INTO epoch (ordinal, id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                ordinal,
                epoch.as_str(),
            )
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }
}

/// What rows have of one life of LOG.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Life {
    pub(crate) epoch: Epoch,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// What rows have of each life of LOG, in order.
pub(crate) async fn lives(connection: &mut PgConnection) -> Result<Vec<Life>, Error> {
    let rows = sqlx::query!(
        "SELECT epoch.id, first.sequence AS first, last.sequence AS last
        FROM epoch
        CROSS JOIN LATERAL (SELECT sequence FROM log WHERE epoch = ordinal ORDER BY sequence LIMIT 1) AS first
        CROSS JOIN LATERAL (SELECT sequence FROM log WHERE epoch = ordinal ORDER BY sequence DESC LIMIT 1) AS last
        ORDER BY ordinal"
    )
    .fetch_all(connection)
    .await?;
    let life =
        rows.into_iter().map(|row| Life { epoch: row.id.into(), first: number(row.first), last: number(row.last) });
    Ok(life.collect())
}
