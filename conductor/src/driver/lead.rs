//! Leading: what comes is decided, and stored with the position it reaches.
//!
//! The machine's state runs ahead of LOG by the batch that is being stored, and by no more: nobody is answered and
//! nothing else is decided before the stream has it. Where it never has it, the state is thrown away with the process.

use std::collections::{BTreeSet, VecDeque};

use bus::{Draft, Sequenced, connect::Connection, number::ItemKey, read::Reader};
use tokio::sync::watch;

use super::{
    Error,
    alarm::Alarms,
    answer::{Asked, Known},
    batch::{Batch, Batches},
    fence::Fence,
    fold::Fold,
    follow::AT_ONCE,
    health::{Report, Role},
    input::{Eye, Input, Own, Seen},
    snapshot::Snapshots,
    write::Writer,
};
use crate::machine::{Fact, Output, Record};

/// Decides.
pub(super) struct Lead<R> {
    reader: Reader,
    eye: Eye<R>,
    fold: Fold,
    fence: Fence,
    /// Where in LOG the own batches stand that were not read back yet: first and last number.
    mine: VecDeque<(u64, u64)>,
    alarms: Alarms,
    asked: Asked,
    snapshots: Snapshots,
    /// The last number of the last own batch.
    stored: u64,
    report: watch::Sender<Report>,
}

impl<R: Fn(&Sequenced) -> Record + Clone + Send + Sync + 'static> Lead<R> {
    /// Begins with everything read up to the own first step.
    pub(super) async fn begin(
        connection: Connection,
        reader: Reader,
        eye: Eye<R>,
        mut fold: Fold,
        fence: Fence,
        report: watch::Sender<Report>,
        snapshot_every: u64,
    ) -> Result<Self, Error> {
        fold.close();
        let term = fence.term();
        report.send_modify(|report| report.term = term);
        let asked = Asked::open(&connection, &fold.rules, eye.reading(), report.subscribe()).await?;
        let alarms = Alarms::start(&connection);
        report.send_modify(|report| report.role = Role::Leading);
        tracing::info!(term, through = fence.through(), "this conductor leads now");
        let stored = fence.last();
        let snapshots = Snapshots::new(&connection, &fold.rules, fold.places.epoch(), snapshot_every, fold.known());
        Ok(Self { reader, eye, fold, fence, mine: VecDeque::new(), alarms, asked, snapshots, stored, report })
    }

    /// Decides until somebody else leads, or LOG cannot be read.
    pub(super) async fn run(mut self) -> Result<(), Error> {
        loop {
            while !self.fold.pending.is_empty() {
                self.decide_at_hand().await?;
            }
            self.snapshots.keep(self.fence.step(), self.stored, self.eye.ids(), &self.fold.state);
            tokio::select! {
                records = self.reader.next_batch(AT_ONCE) => self.take(&records?)?,
                question = self.asked.next() => {
                    let known = Known {
                        state: &self.fold.state,
                        rules: &self.fold.rules,
                        through: self.fence.through(),
                        as_of: self.fence.through().max(self.stored),
                    };
                    self.asked.answer(&known, question?).await;
                }
            }
        }
    }

    fn take(&mut self, records: &[Sequenced]) -> Result<(), Error> {
        for record in records {
            match self.eye.see(record)? {
                Seen::Input(input) => self.fold.pending.push_back(input),
                Seen::Step(step) if self.is_mine(step.sequence) => {}
                Seen::Step(step) => return Err(Error::Superseded { term: self.fence.term(), by: step.term }),
                Seen::Own(Own { sequence, .. }) if self.is_mine(sequence) => {}
                Seen::Own(own) => self.fold.pending.push_back(Input::stray(own, &self.fold.places)),
            }
            self.report.send_modify(|report| report.read = record.sequence);
        }
        Ok(())
    }

    /// Whether this number is of a batch of one's own: that was applied when it was decided.
    fn is_mine(&mut self, sequence: u64) -> bool {
        while self.mine.pop_front_if(|(_, last)| *last < sequence).is_some() {}
        self.mine.front().is_some_and(|(first, _)| *first <= sequence)
    }

    async fn decide_at_hand(&mut self) -> Result<(), Error> {
        let mut batches = Batches::behind(self.fence.through());
        let (mut decided, mut waits) = (0, BTreeSet::new());
        while decided < AT_ONCE.records as u64
            && let Some((input, first, outputs)) = self.fold.decide()
        {
            note_waits(&mut waits, &input, &outputs);
            batches.add(input.sequence, self.write(&input, first, &outputs)?);
            decided += 1;
        }
        for batch in batches.finish() {
            self.store(batch).await?;
        }
        self.report.send_modify(|report| report.decided += decided);
        self.alarms.set(&self.fold.state, waits);
        Ok(())
    }

    fn write(&self, input: &Input, first: u32, outputs: &[Output]) -> Result<Vec<Draft>, Error> {
        let writer = Writer { state: &self.fold.state, rules: &self.fold.rules, input };
        let numbered = (first..).zip(outputs);
        numbered.map(|(n, output)| writer.write(n, output).map_err(Error::Unwritable)).collect()
    }

    async fn store(&mut self, Batch { through, said }: Batch) -> Result<(), Error> {
        let count = said.len() as u64;
        let sequence = self.fence.store(through, said).await?;
        self.stored = sequence + count;
        self.mine.push_back((sequence, self.stored));
        self.report.send_modify(|report| {
            (report.through, report.batches, report.said) = (through, report.batches + 1, report.said + count);
        });
        Ok(())
    }
}

/// Items whose wait may be another one now: those that went on, and those whose alarm rang.
fn note_waits(waits: &mut BTreeSet<ItemKey>, input: &Input, outputs: &[Output]) {
    if let Fact::Due(due) = &input.record.fact {
        waits.insert(due.item);
    }
    waits.extend(outputs.iter().filter_map(|output| match output {
        Output::Moved(key, ..) => Some(*key),
        Output::Ordered(_) => None,
    }));
}
