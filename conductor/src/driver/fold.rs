//! The past, folded: what was decided once is taken over as it was decided.
//!
//! In LOG an input comes first, then, behind the step record that covers it, what a conductor said to it; of one step
//! after the other, and of one step in the order of its inputs. A step that said more than the server takes at once is cut:
//! until the last part is there, its input counts as not decided, and what was said is kept for whoever goes on.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use super::input::{Fenced, Input, Own, Seen};
use crate::machine::{Output, Record, Rules, State, replay, resume, step};

/// What is known up to a position, and what has come since.
pub(super) struct Fold {
    pub(super) state: State,
    pub(super) rules: Arc<Rules>,
    /// The last step record.
    pub(super) step: Option<Fenced>,
    /// Inputs beyond it.
    pub(super) pending: VecDeque<Input>,
    /// What was said, and belongs to inputs that are not folded yet.
    said: HashMap<bus::RecordId, Own>,
    /// What was said to the first pending input before its step was cut.
    cut: Vec<Record>,
    /// Whether the last step may have more outputs to come.
    open: bool,
    /// Up to here nothing that a conductor wrote is news.
    known: u64,
}

impl Fold {
    pub(super) fn new(rules: Arc<Rules>) -> Self {
        Self {
            state: State::new(),
            rules,
            step: None,
            pending: VecDeque::new(),
            said: HashMap::new(),
            cut: Vec::new(),
            open: false,
            known: 0,
        }
    }

    /// What was kept. What is read next begins behind its position.
    pub(super) fn kept(rules: Arc<Rules>, state: State, step: Fenced, last: u64) -> Self {
        Self { state, step: Some(step), known: last, ..Self::new(rules) }
    }

    /// Up to where it was kept.
    pub(super) const fn known(&self) -> u64 {
        self.known
    }

    /// The last number that was decided.
    pub(super) fn through(&self) -> u64 {
        self.step.map_or(0, |step| step.through)
    }

    /// Takes the next record of LOG.
    pub(super) fn take(&mut self, seen: Seen) {
        match seen {
            Seen::Step(Fenced { sequence, .. }) | Seen::Own(Own { sequence, .. }) if sequence <= self.known => {}
            Seen::Step(step) => {
                self.close();
                self.step = Some(step);
                self.open = true;
            }
            Seen::Own(own) => drop(self.said.insert(own.record.id, own)),
            Seen::Input(input) => {
                self.close();
                self.pending.push_back(input);
            }
        }
    }

    /// Folds what the last step covers: all that it said is there, since what follows it has come.
    pub(super) fn close(&mut self) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let through = self.through();
        while let Some(input) = self.pending.pop_front_if(|input| input.sequence <= through) {
            let said = self.said_to(&input);
            replay(&mut self.state, &self.rules, &input.record, &said);
        }
        if let Some(input) = self.pending.pop_front() {
            self.cut = self.said_to(&input);
            self.pending.push_front(input);
        }
        self.take_strays();
    }

    /// What was said to an input. It was applied at the moment of the input, not at that of its own storing.
    fn said_to(&mut self, input: &Input) -> Vec<Record> {
        let mut said = std::mem::take(&mut self.cut);
        while let Some(own) = self.said.remove(&input.record.id.output(u32::try_from(said.len()).unwrap_or(u32::MAX))) {
            said.push(Record { at: input.record.at, ..own.record });
        }
        said
    }

    /// What was said to inputs that LOG does not have any more is true all the same.
    fn take_strays(&mut self) {
        let strays: BTreeMap<u64, Record> = self.said.drain().map(|(_, own)| (own.sequence, own.record)).collect();
        strays.into_values().for_each(|record| self.take_stray(&record));
    }

    /// Takes over what was said by nobody who could have decided it here.
    pub(super) fn take_stray(&mut self, record: &Record) {
        tracing::warn!(id = %record.id, "a record of the conductor's has no input in LOG; it is taken as it is");
        replay(&mut self.state, &self.rules, record, &[]);
    }

    /// Decides the next pending input. Its outputs begin with this number; nothing where none is pending.
    pub(super) fn decide(&mut self) -> Option<(Input, u32, Vec<Output>)> {
        let input = self.pending.pop_front()?;
        let cut = std::mem::take(&mut self.cut);
        let first = u32::try_from(cut.len()).unwrap_or(u32::MAX);
        let outputs = if cut.is_empty() {
            step(&mut self.state, &self.rules, &input.record)
        } else {
            resume(&mut self.state, &self.rules, &input.record, &cut)
        };
        Some((input, first, outputs))
    }
}
