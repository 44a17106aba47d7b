//! Runs: what they are called, and what an agent is told when it asks whether to go on (`rig.svc.run.next`).

use bus::{
    RecordId,
    catalogue::{agent::Fence, work::Standing},
    number::ItemKey,
};

use super::state::State;

/// A run's identity: the same for whoever computes it.
#[must_use]
pub fn run_of(key: ItemKey, generation: u32) -> RecordId {
    const RUNS: uuid::Uuid = uuid::Uuid::from_u128(0x2b1f_7d3e_90a4_4c55_8f21_6d0e_c7a9_3b18);
    RecordId::from(RUNS).named(&format!("{} {} {generation}", key.repository, key.issue.0))
}

/// The answer to an agent that asks whether to go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Go on.
    Go,
    /// The claim is not decided yet: ask again.
    Ask,
    /// Stop, for this reason. What was pushed stays.
    Stop(String),
}

/// Whether the agent that has this work goes on with it.
#[must_use]
pub fn next(state: &State, agent: &str, fence: Fence) -> Next {
    let Some((key, item)) = state.item_of(fence) else {
        return Next::Stop("this work is no longer yours".to_owned());
    };
    match &item.course.standing {
        Standing::Offered(_) => Next::Ask,
        Standing::Leased(leased) if leased.agent == agent => Next::Go,
        Standing::Leased(leased) => Next::Stop(format!("{} has {}", leased.agent, state.name_of(key))),
        _ => Next::Stop(format!("{} is said to be done", state.name_of(key))),
    }
}
