//! Runs: what they are called, who has one, and what an agent is told when it asks whether to go on (`rig.svc.run.next`).

use bus::{
    RecordId,
    catalogue::{
        agent::Fence,
        work::{Standing, Task},
    },
    number::ItemKey,
    service::run::Word,
};

use super::{rules::Rules, state::State, turn};

/// A run's identity: the same for whoever computes it.
#[must_use]
pub fn run_of(key: ItemKey, generation: u32) -> RecordId {
    const RUNS: uuid::Uuid = uuid::Uuid::from_u128(0x2b1f_7d3e_90a4_4c55_8f21_6d0e_c7a9_3b18);
    RecordId::from(RUNS).named(&format!("{} {} {generation}", key.repository, key.issue.0))
}

/// The answer to an agent that asks whether to go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Go on, with what people said meanwhile.
    Go(Vec<Word>),
    /// The claim is not decided yet: ask again.
    Ask,
    /// Stop, for this reason. What was pushed stays.
    Stop(String),
}

/// Whether the agent that has this work goes on with it; `after` are the last words that it was told.
#[must_use]
pub fn next(state: &State, rules: &Rules, agent: &str, fence: Fence, after: Option<RecordId>) -> Next {
    let Some((key, item)) = state.item_of(fence) else {
        return Next::Stop("this work is no longer yours".to_owned());
    };
    match &item.course.standing {
        Standing::Offered(offered) if turn::is_offered_to(rules, offered, agent) => Next::Ask,
        Standing::Offered(offered) => Next::Stop(format!("this work is for agents of {}", offered.pool)),
        Standing::Leased(leased) if leased.agent == agent => Next::Go(state.words.after(key, after).to_vec()),
        Standing::Leased(leased) => Next::Stop(format!("{} has {}", leased.agent, state.name_of(key))),
        _ => Next::Stop(format!("{} is said to be done", state.name_of(key))),
    }
}

/// The item and the task that this agent has by this fence.
#[must_use]
pub fn held<'a>(state: &'a State, agent: &str, fence: Fence) -> Option<(ItemKey, &'a Task)> {
    let (key, item) = state.item_of(fence)?;
    match &item.course.standing {
        Standing::Leased(leased) if leased.agent == agent => Some((key, &leased.task)),
        _ => None,
    }
}
