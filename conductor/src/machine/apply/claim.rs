//! What an agent says: it is heard, rests, or renews its lease.

use bus::{
    catalogue::{
        agent::{Failure, Outcome, Verdict},
        work::{Course, Leased, Standing},
    },
    commit::Oid,
};

use crate::machine::{
    fact::{Claim, Says},
    rules::Rules,
    state::{Abstention, State},
};

pub(super) fn apply_claim(state: &mut State, rules: &Rules, claim: &Claim) {
    match &claim.what {
        Says::Alive { resting_until, .. } => {
            state.agents.note(&claim.agent, state.now, *resting_until);
            renew(state, rules, claim);
        }
        Says::Failed(Failure::Saturated { until }) => {
            turn_away(state, claim);
            // Its clock is its own: whatever that says, it rests a while, and not for ever (F-162).
            let limits = &rules.limits;
            let until = (*until).max(state.now + limits.backoff).min(state.now + limits.parked);
            state.agents.rest(&claim.agent, state.now, until);
        }
        Says::Failed(Failure::Stopped) => {
            turn_away(state, claim);
            state.agents.heard(&claim.agent, state.now);
        }
        Says::Finished(Outcome::Judged { verdict: Verdict::Commented, head, .. }) => {
            state.agents.heard(&claim.agent, state.now);
            abstain(state, claim, *head);
        }
        Says::Claimed | Says::Finished(_) | Says::Failed(_) | Says::GaveUp(_) => {
            state.agents.heard(&claim.agent, state.now);
        }
    }
}

/// A sign of life of whoever holds the lease renews it.
fn renew(state: &mut State, rules: &Rules, claim: &Claim) {
    let Some((key, leased)) = state.lease_of(claim) else {
        return;
    };
    let renewed = Leased { until: state.now + rules.limits.lease, ..leased.clone() };
    if let Some(item) = state.items.get(&key) {
        let course = Course { standing: Standing::Leased(renewed), ..item.course.clone() };
        state.set_course(key, course);
    }
}

/// Whoever took it had no room for it: it has waited since then.
fn turn_away(state: &mut State, claim: &Claim) {
    let lease = state.lease_of(claim).map(|(key, leased)| (key, leased.since));
    if let Some((key, since)) = lease
        && let Some(item) = state.items.get_mut(&key)
    {
        item.turned_away.get_or_insert(since);
    }
}

/// Notes who read a head and judged nothing, as long as the item is about that head.
fn abstain(state: &mut State, claim: &Claim, head: Oid) {
    let now = state.now;
    let key = state.lease_of(claim).map(|(key, _)| key);
    if let Some(item) = key.and_then(|key| state.items.get_mut(&key)) {
        item.abstained.retain(|known| known.head == head && known.agent != claim.agent);
        item.abstained.push(Abstention { agent: claim.agent.clone(), head, at: now });
    }
}
