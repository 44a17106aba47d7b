//! What an agent says: it is heard, rests, or renews its lease.

use bus::catalogue::{
    agent::Failure,
    work::{Course, Leased, Standing},
};

use crate::machine::{
    fact::{Claim, Says},
    rules::Rules,
    state::State,
};

pub(super) fn apply_claim(state: &mut State, rules: &Rules, claim: &Claim) {
    match &claim.what {
        Says::Alive { resting_until, .. } => {
            state.agents.note(&claim.agent, state.now, *resting_until);
            renew(state, rules, claim);
        }
        Says::Failed(Failure::Saturated { until }) => {
            state.agents.rest(&claim.agent, state.now, *until);
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
