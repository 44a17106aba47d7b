//! Conservation: what came in is in exactly one place, whatever was told since.

use std::collections::{BTreeMap, BTreeSet};

use bus::{
    catalogue::work::{Expected, Gated, Leased, Need, Offered, Parked, Place, Standing, Waiting, Why},
    number::ItemKey,
};

use crate::machine::{
    Fact, Record, State, Watch, default,
    rules::Skill,
    state::{fence_of, skill},
};

/// Looks after every record whether a promise is broken, and panics then.
#[derive(Clone, Debug, Default)]
pub struct Conservation {
    /// Every item that ever came in.
    came_in: BTreeSet<ItemKey>,
}

/// A promise that is not kept.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Broken {
    /// An item came in once, and is nowhere.
    #[error("{0:?} is lost")]
    Lost(ItemKey),
    /// An item is among the open ones and among the ended ones.
    #[error("{0:?} lies in two places")]
    Twice(ItemKey),
    /// An item was moved, and is not where it was moved to.
    #[error("{0:?} was moved to {1:?} and does not lie there")]
    Elsewhere(ItemKey, Place),
    /// An item waits without an end, for nobody or for nothing.
    #[error("{0:?} waits for ever: it is {1}")]
    Endless(ItemKey, &'static str),
    /// A list beside the items says something else than the items.
    #[error("{0} is not what the items say")]
    List(&'static str),
    /// Something that follows was not said.
    #[error("something is left undone")]
    Undone,
}

impl Conservation {
    /// Looks at what is known after one record.
    ///
    /// # Errors
    /// The first promise that it breaks.
    pub fn after(&mut self, state: &State, record: &Record) -> Result<(), Broken> {
        if let Fact::Moved(key, transition) = &record.fact {
            let place = transition.course.standing.place();
            if place_of(state, *key) != Some(place) {
                return Err(Broken::Elsewhere(*key, place));
            }
        }
        if self.are_all_there(state) {
            return Ok(());
        }
        self.came_in.extend(state.items.keys().chain(state.ended.keys()));
        if let Some(key) = self.came_in.iter().find(|key| place_of(state, **key).is_none()) {
            return Err(Broken::Lost(*key));
        }
        match state.items.keys().find(|key| state.ended.contains_key(*key)) {
            Some(key) => Err(Broken::Twice(*key)),
            None => Ok(()),
        }
    }

    /// Whether those that came in are there, each once, and no others: so it is after most records, and there are many.
    fn are_all_there(&self, state: &State) -> bool {
        let (mut open, mut ended) = (state.items.keys().peekable(), state.ended.keys().peekable());
        let mut is_there = |key| open.next_if_eq(&key).or_else(|| ended.next_if_eq(&key)).is_some();
        self.came_in.iter().all(&mut is_there) && open.next().is_none() && ended.next().is_none()
    }

    /// Looks at what is known after a record and all that was said to it.
    ///
    /// # Errors
    /// The first promise that is broken.
    pub fn at_rest(&self, state: &State) -> Result<(), Broken> {
        if !(state.agenda.is_empty() && state.strays.is_empty() && state.follow.is_empty()) {
            return Err(Broken::Undone);
        }
        state.items.iter().try_for_each(|(key, item)| waits_end(*key, &item.course.standing))?;
        let lists = [
            ("the queue", queue_is_right(state)),
            ("the next deadline", deadline_is_right(state)),
            ("whose work it is", work_is_right(state)),
            ("how much is in work", busy_is_right(state)),
        ];
        lists.into_iter().try_for_each(|(name, is_right)| is_right.then_some(()).ok_or(Broken::List(name)))
    }
}

impl Watch for Conservation {
    #[expect(clippy::panic, reason = "a test in which a promise is broken fails, and says which")]
    fn applied(&mut self, state: &State, record: &Record) {
        if let Err(broken) = self.after(state, record) {
            panic!("{broken}, after {record:?}");
        }
    }

    #[expect(clippy::panic, reason = "a test in which a promise is broken fails, and says which")]
    fn settled(&mut self, state: &State, record: &Record) {
        if let Err(broken) = self.at_rest(state) {
            panic!("{broken}, after {record:?} and what was said to it");
        }
    }
}

fn place_of(state: &State, key: ItemKey) -> Option<Place> {
    match state.items.get(&key) {
        Some(item) => Some(item.course.standing.place()),
        None => state.ended.contains_key(&key).then_some(Place::Terminal),
    }
}

/// Every wait names a person or an event, a deadline, and what happens then; an end has none of them.
fn waits_end(key: ItemKey, standing: &Standing) -> Result<(), Broken> {
    let has_a_deadline = standing.until().is_some() != standing.is_end();
    let has_a_default = default(standing).is_some() != standing.is_end();
    if has_a_deadline && has_a_default && names_what_it_waits_for(standing) {
        return Ok(());
    }
    Err(Broken::Endless(key, standing.name()))
}

/// A person, or whoever has to say something: the others wait for one fact, which the standing itself says.
fn names_what_it_waits_for(standing: &Standing) -> bool {
    match standing {
        Standing::Waiting(Waiting { whom, what, .. }) => !whom.is_empty() && says_something(what),
        Standing::Parked(Parked { why: Why::After { items }, .. }) => !items.is_empty(),
        Standing::Parked(Parked { why: Why::Stopped { by }, .. }) => !by.is_empty(),
        Standing::Offered(Offered { pool, .. }) => !pool.is_empty(),
        Standing::Leased(Leased { agent, .. }) | Standing::Expected(Expected { agent, .. }) => !agent.is_empty(),
        Standing::Gated(Gated { reasons, .. }) => reasons.iter().all(|reason| !reason.say.is_empty()),
        Standing::Cancelled { because } => !because.is_empty(),
        Standing::Parked(Parked { why: Why::Watched | Why::Backoff { .. }, .. })
        | Standing::Filed
        | Standing::Queued(_)
        | Standing::Landing(_)
        | Standing::Deploying(_)
        | Standing::Verifying(_)
        | Standing::Landed { .. }
        | Standing::Live { .. }
        | Standing::Superseded { .. } => true,
    }
}

const fn says_something(what: &Need) -> bool {
    match what {
        Need::Words { question, .. } => !question.is_empty(),
        Need::Trouble { why, .. } => !why.is_empty(),
        Need::Approval { .. } | Need::Duplicate { .. } => true,
    }
}

fn queue_is_right(state: &State) -> bool {
    let waiting = [Skill::Implementer, Skill::Reviewer].into_iter().flat_map(|skill| state.queue.waiting(skill));
    let queued = state.lying(Place::Queued).map(|(key, _)| key);
    waiting.collect::<BTreeSet<_>>() == queued.collect()
}

fn deadline_is_right(state: &State) -> bool {
    let waits = state.items.iter().filter_map(|(key, item)| Some((item.course.standing.until()?, *key)));
    state.next_deadline() == waits.min()
}

fn work_is_right(state: &State) -> bool {
    state.items.iter().all(|(key, item)| {
        let of = fence_of(&item.course).map(|fence| state.item_of(fence).map(|(key, _)| key));
        of.is_none_or(|found| found == Some(*key))
    })
}

fn busy_is_right(state: &State) -> bool {
    let mut in_work = BTreeMap::<_, u32>::new();
    for (_, item) in state.lying(Place::Offered).chain(state.lying(Place::Leased)) {
        if let Standing::Offered(Offered { task, pool, .. }) | Standing::Leased(Leased { task, pool, .. }) =
            &item.course.standing
        {
            *in_work.entry((skill(task), pool)).or_default() += 1;
        }
    }
    in_work.into_iter().all(|((skill, pool), count)| state.queue.busy(skill, pool) == count)
}

#[cfg(test)]
mod tests;
