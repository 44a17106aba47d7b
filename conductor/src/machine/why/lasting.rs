//! The three lines as they stand under an issue and on a check until something else is so: spans in the place of moments,
//! and nothing of who took an offer, so that they are not written anew each minute.

use std::time::Duration;

use bus::catalogue::work::{Parked, Standing, Task, Waiting, Why};

use super::{holding, need, put_aside_for, then, words};
use crate::machine::{matter::Matter, rules::Limits, turn};

/// What it waits for, what happens next and after how long, what a person can do.
pub(in crate::machine) fn lasting(matter: Matter<'_>) -> [String; 3] {
    let Matter { rules, item, .. } = matter;
    let next = match work(&item.course.standing).filter(|_| holding(item).is_none()) {
        Some(_) => {
            let limit = turn::span(rules.limits.queue);
            format!("an agent does it; where none does in {limit}, {} is told", rules.operator)
        }
        None => {
            let limit = turn::span(limit(matter));
            then(matter).map_or_else(|| "nothing".to_owned(), |then| format!("{then} after {limit}"))
        }
    };
    [waits_for(matter), next, words(item)]
}

fn waits_for(matter: Matter<'_>) -> String {
    let Matter { state, key, item, .. } = matter;
    if let Some(hold) = holding(item) {
        return format!("{} to release it", hold.by);
    }
    match &item.course.standing {
        Standing::Waiting(waiting @ Waiting { whom, .. }) => format!("{whom}: {}", need(waiting)),
        Standing::Parked(Parked { why, .. }) => put_aside_for(state, key, why),
        Standing::Landing(landing) => format!("GitHub to merge {}", landing.head.short()),
        Standing::Gated(gated) => match gated.reasons.first() {
            Some(turn) if turn.gate == "turn" => turn.say.clone(),
            _ => "the gates that are shut".to_owned(),
        },
        standing => work(standing).map_or_else(|| standing.name().to_owned(), asked_for),
    }
}

/// What an agent is to do, whether or not one has begun.
const fn work(standing: &Standing) -> Option<&Task> {
    match standing {
        Standing::Parked(_) => None,
        standing => standing.task(),
    }
}

fn asked_for(task: &Task) -> String {
    match task {
        Task::Build => "the change".to_owned(),
        Task::Fix { .. } => "an answer to the review".to_owned(),
        Task::Mend { check, .. } => format!("`{check}` to be mended"),
        Task::Rebase { .. } => "a rebase".to_owned(),
        Task::Review { .. } => "a review".to_owned(),
    }
}

/// How long the wait lasts, from its beginning.
fn limit(Matter { rules, item, .. }: Matter<'_>) -> Duration {
    let Limits { queue, offer, lease, expected, gate, person, parked, backoff, landing, deploy, smoke, .. } =
        rules.limits;
    match &item.course.standing {
        _ if holding(item).is_some() => parked,
        Standing::Queued(_) => queue,
        Standing::Offered(_) => offer,
        Standing::Leased(_) => lease,
        Standing::Expected(_) => expected,
        Standing::Gated(_) => gate,
        Standing::Waiting(_) => person,
        Standing::Parked(Parked { why: Why::Backoff { .. }, .. }) => backoff,
        Standing::Landing(_) => landing,
        Standing::Deploying(_) => deploy,
        Standing::Verifying(_) => smoke,
        _ => parked,
    }
}
