//! The past, folded: what was decided once is taken over as it was decided.
//!
//! In LOG an input comes first, then, behind the step record that covers it, what a conductor said to it; of one step
//! after the other, and of one step in the order of its inputs. A step that said more than the server takes at once is cut:
//! until the last part is there, its input counts as not decided, and what was said is kept for whoever goes on.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::input::{Fenced, Input, Own, Places, Seen};
use crate::machine::{Output, Record, Rules, State, Watch, replay_under, resume, step};

/// What is known up to a position, and what has come since.
pub(super) struct Fold {
    pub(super) state: State,
    pub(super) rules: Arc<Rules>,
    pub(super) places: Arc<Places>,
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
    pub(super) fn new(rules: Arc<Rules>, places: Arc<Places>) -> Self {
        Self {
            state: State::new(),
            rules,
            places,
            step: None,
            pending: VecDeque::new(),
            said: HashMap::new(),
            cut: Vec::new(),
            open: false,
            known: 0,
        }
    }

    /// Goes on from what was kept. What is read next begins behind its position.
    pub(super) fn kept(self, state: State, step: Fenced, last: u64) -> Self {
        Self { state, step: Some(step), known: last, ..self }
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
        self.take_under(seen, &mut ());
    }

    /// The same, and somebody looks on.
    pub(super) fn take_under(&mut self, seen: Seen, watch: &mut impl Watch) {
        match seen {
            Seen::Step(Fenced { sequence, .. }) | Seen::Own(Own { sequence, .. }) if sequence <= self.known => {}
            Seen::Step(step) => {
                self.close_under(watch);
                self.step = Some(step);
                self.open = true;
            }
            Seen::Own(own) if self.open => drop(self.said.insert(own.record.id, own)),
            Seen::Own(own) => self.pending.push_back(Input::stray(own, &self.places)),
            Seen::Input(input) => {
                self.close_under(watch);
                self.pending.push_back(input);
            }
        }
    }

    /// Folds what the last step covers: all that it said is there, since what follows it has come.
    pub(super) fn close(&mut self) {
        self.close_under(&mut ());
    }

    /// The same, and somebody looks on.
    pub(super) fn close_under(&mut self, watch: &mut impl Watch) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let through = self.through();
        while let Some(input) = self.pending.pop_front_if(|input| input.sequence <= through) {
            let said = self.said_to(&input);
            replay_under(&mut self.state, &self.rules, &input.record, &said, watch);
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

    /// What stands behind the last step and was said to none of its inputs.
    fn take_strays(&mut self) {
        let mut strays: Vec<Own> = self.said.drain().map(|(_, own)| own).collect();
        strays.sort_by_key(|own| own.sequence);
        self.pending.extend(strays.into_iter().map(|own| Input::stray(own, &self.places)));
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
