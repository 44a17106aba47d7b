//! One step: a record is applied, what follows from it is decided, and that is applied too.

use bus::{RecordId, number::ItemKey};

use super::{
    after,
    apply::apply,
    ask,
    fact::{Fact, Record},
    output::Output,
    overdue,
    rules::Rules,
    settle,
    state::State,
    tell, turn,
};

/// How often one item may go on within one step. What goes on for ever is a fault of ours: it stops here, and its
/// deadline finds it.
const MOST_MOVES: usize = 32;

/// Applies a record, decides what follows, and applies that.
pub fn step(state: &mut State, rules: &Rules, record: &Record) -> Vec<Output> {
    let mut said = Said { cause: record.id, before: 0, outputs: Vec::new() };
    if matches!(&record.fact, Fact::Asked(asked) if state.heard.has(asked.record)) {
        return said.outputs;
    }
    apply(state, rules, record);
    for output in decide(state, rules, record) {
        said.say(state, rules, output);
    }
    settle_all(state, rules, &mut said);
    said.outputs
}

/// Goes on where a step was cut: the record was decided, and `recorded` is as much of what follows as was stored. Says
/// what else follows from how things are then; what the cut lost of the decision itself, the next tick finds.
pub fn resume(state: &mut State, rules: &Rules, record: &Record, recorded: &[Record]) -> Vec<Output> {
    let before = u32::try_from(recorded.len()).unwrap_or(u32::MAX);
    let mut said = Said { cause: record.id, before, outputs: Vec::new() };
    std::iter::once(record).chain(recorded).for_each(|record| apply(state, rules, record));
    state.follow.retain(|order| !recorded.iter().any(|record| record.fact == Fact::Ordered(order.clone())));
    settle_all(state, rules, &mut said);
    said.outputs
}

fn settle_all(state: &mut State, rules: &Rules, said: &mut Said) {
    for order in std::mem::take(&mut state.follow) {
        if turn::is_still_wanted(state, &order) {
            said.say(state, rules, Output::Ordered(order));
        }
    }
    let mut moves = std::collections::BTreeMap::<ItemKey, usize>::new();
    loop {
        while let Some(key) = state.agenda.pop_first() {
            let count = moves.entry(key).or_default();
            *count += 1;
            if *count <= MOST_MOVES {
                settle::settle(state, rules, key).into_iter().for_each(|output| said.say(state, rules, output));
                retire_if_over(state, rules, key);
            }
        }
        match turn::dispatch(state, rules) {
            Some(outputs) => outputs.into_iter().for_each(|output| said.say(state, rules, output)),
            None => break,
        }
    }
    for key in std::mem::take(&mut state.strays) {
        tell::stray(state, rules, key).into_iter().for_each(|output| said.say(state, rules, output));
    }
}

/// Looks on while the past is replayed.
pub trait Watch {
    /// This record was applied.
    fn applied(&mut self, state: &State, record: &Record);
    /// So was all that was said to it.
    fn settled(&mut self, state: &State, record: &Record);
}

/// Nobody looks on.
impl Watch for () {
    fn applied(&mut self, _: &State, _: &Record) {}
    fn settled(&mut self, _: &State, _: &Record) {}
}

/// Applies a record that was decided earlier, with what was decided then: the past is not decided again.
pub fn replay(state: &mut State, rules: &Rules, record: &Record, recorded: &[Record]) {
    replay_under(state, rules, record, recorded, &mut ());
}

/// The same, and somebody looks on.
pub fn replay_under(state: &mut State, rules: &Rules, record: &Record, recorded: &[Record], watch: &mut impl Watch) {
    for record in std::iter::once(record).chain(recorded) {
        apply(state, rules, record);
        watch.applied(state, record);
    }
    state.strays.clear();
    state.follow.clear();
    for key in std::mem::take(&mut state.agenda) {
        retire_if_over(state, rules, key);
    }
    state.agenda.clear();
    watch.settled(state, record);
}

fn retire_if_over(state: &mut State, rules: &Rules, key: ItemKey) {
    if tell::is_over(state, rules, key) {
        let name = state.repositories.get(&key.repository).map_or("", |known| &known.name);
        let label = rules.repository(name).map_or("", |repository| &repository.label);
        state.retire(key, label);
    }
}

/// What follows from the record itself; what follows from how things are now is settled afterwards.
fn decide(state: &State, rules: &Rules, record: &Record) -> Vec<Output> {
    match &record.fact {
        Fact::Claim(claim) => turn::claimed(state, rules, claim),
        Fact::Smoked(repository, smoke) => after::smoked(state, rules, *repository, smoke),
        Fact::Asked(asked) => ask::answer(state, rules, asked),
        Fact::Tick => state.overdue().into_iter().filter_map(|key| overdue::default(state, rules, key)).collect(),
        Fact::Due(due) => {
            let counts = state.items.get(&due.item).is_some_and(|item| {
                item.course.generation == due.generation
                    && item.course.standing.until() == Some(due.due_at)
                    && due.due_at <= state.now
            });
            counts.then(|| overdue::default(state, rules, due.item)).flatten().into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What is said to one record, each with the id that whoever repeats the step gives it again.
struct Said {
    cause: RecordId,
    /// How much of it was said before a cut.
    before: u32,
    outputs: Vec<Output>,
}

impl Said {
    fn say(&mut self, state: &mut State, rules: &Rules, output: Output) {
        let n = self.before.saturating_add(u32::try_from(self.outputs.len()).unwrap_or(u32::MAX));
        let record = Record { id: self.cause.output(n), at: state.now, fact: output.fact() };
        apply(state, rules, &record);
        self.outputs.push(output);
    }
}
