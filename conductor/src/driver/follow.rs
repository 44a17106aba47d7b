//! Following: what another conductor decides is folded, until that one is gone.

use std::time::Duration;

use bus::{
    Sequenced,
    connect::Connection,
    read::{Batch, Reader},
};
use tokio::sync::watch;

use super::{
    Error, Settings,
    fence::{Fence, last_step},
    fold::Fold,
    health::{Report, Role},
    input::Eye,
    lead::Lead,
    vacancy::Vacancy,
};
use crate::machine::Record;

/// How much is read at once.
pub(super) const AT_ONCE: Batch = Batch { records: 1024, bytes: 8 << 20 };

/// Reads LOG, and folds it.
pub(super) struct Follower<R> {
    connection: Connection,
    reader: Reader,
    eye: Eye<R>,
    fold: Fold,
    report: watch::Sender<Report>,
}

impl<R: Fn(&Sequenced) -> Record + Clone + Send + Sync + 'static> Follower<R> {
    pub(super) fn new(
        connection: Connection,
        reader: Reader,
        eye: Eye<R>,
        fold: Fold,
        report: watch::Sender<Report>,
    ) -> Self {
        Self { connection, reader, eye, fold, report }
    }

    /// Follows until nobody leads any more and all that was decided is known; then takes over.
    pub(super) async fn take_over(mut self, settings: &Settings) -> Result<Lead<R>, Error> {
        self.report.send_modify(|report| report.role = Role::Following);
        // Where nobody ever led, nobody is waited for.
        let patience = last_step(&self.connection).await?.map_or(Duration::ZERO, |_| settings.patience);
        let mut vacancy = Vacancy::watch(&self.connection, patience);
        let fence = loop {
            tokio::select! {
                // What is at hand is read first: whoever takes over knows it all.
                biased;
                records = self.reader.next_batch(AT_ONCE) => self.take(records?)?,
                () = vacancy.wait() => {
                    if let Some(fence) = self.try_to_lead().await? {
                        break fence;
                    }
                    let records = self.reader.next_batch(AT_ONCE).await?;
                    self.take(records)?;
                }
            }
        };
        drop(vacancy);
        self.read_up_to(fence.last()).await?;
        let Self { connection, reader, eye, fold, report } = self;
        Lead::begin(connection, reader, eye, fold, fence, report, settings.snapshot_every).await
    }

    fn take(&mut self, records: Vec<Sequenced>) -> Result<(), Error> {
        let read = records.last().map_or(0, |record| record.sequence);
        for record in &records {
            self.fold.take(self.eye.see(record)?);
        }
        let step = self.fold.step;
        self.report.send_modify(|report| {
            report.read = read;
            (report.term, report.through) = step.map_or((0, 0), |step| (step.term, step.through));
        });
        Ok(())
    }

    /// Nothing where there is a step that was not read yet: whoever wrote it leads.
    async fn try_to_lead(&self) -> Result<Option<Fence>, Error> {
        let last = last_step(&self.connection).await?.map(|step| step.sequence);
        if last != self.fold.step.map(|step| step.sequence) {
            return Ok(None);
        }
        match Fence::take(&self.connection, self.fold.step).await {
            Ok(fence) => Ok(Some(fence)),
            Err(Error::Superseded { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What stands before the own first step may still be the last one's words, and inputs.
    async fn read_up_to(&mut self, step: u64) -> Result<(), Error> {
        while self.fold.step.is_none_or(|known| known.sequence < step) {
            let record = self.reader.next().await?;
            self.take(vec![record])?;
        }
        Ok(())
    }
}
