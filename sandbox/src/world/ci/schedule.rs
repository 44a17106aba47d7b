//! Checks that start by the clock, as the default branch declares them.

use std::{collections::BTreeSet, time::Duration};

use super::{Actions, Place, start::Cause};
use crate::{
    object::Oid,
    workflow::{Event, Trigger, Workflow},
    world::{
        agenda::Appointment,
        id::{AccountId, RepositoryId},
        moment::Moment,
        state::State,
    },
};

impl State {
    /// The default branch has moved: what it declares is planned. What was planned in the same rhythm stays so.
    pub(super) fn plan(&mut self, repository: RepositoryId, head: Oid, by: AccountId) {
        let declared = self.declared(head).and_then(Result::ok);
        let now = self.now;
        let Some(there) = self.repositories.get_mut(repository) else { return };
        let Actions { schedule, scheduled_by, .. } = &mut there.actions;
        let before = std::mem::take(schedule);
        *scheduled_by = Some(by);
        for (name, every) in declared.iter().flat_map(rhythms) {
            let kept = before.get(name).filter(|(known, _)| *known == every);
            let next = kept.map_or_else(|| now.after(every), |(_, next)| *next);
            schedule.insert(name.to_owned(), (every, next));
            self.agenda.add(next, Appointment::Schedule(repository));
        }
    }

    /// Starts the checks whose time has come, together with what they need.
    pub(crate) fn start_scheduled(&mut self, repository: RepositoryId) {
        let due = self.due(repository);
        let Some(there) = self.repositories.get(repository).filter(|_| !due.is_empty()) else { return };
        let (branch, by) = (there.default_branch.clone(), there.actions.scheduled_by);
        let (Some(head), Some(by)) = (there.branch(&branch), by) else { return };
        let Some(Ok(workflow)) = self.declared(head) else { return };
        let only = Some(with_needs(&workflow, due));
        self.start_workflow(&Cause {
            repository,
            event: Event::Schedule,
            head,
            before: None,
            head_repository: repository,
            place: Place::Branch(branch.clone()),
            branch,
            title: "Scheduled".to_owned(),
            by,
            only,
        });
    }

    /// The checks whose time has come; each is planned anew. What was missed is not made up for.
    fn due(&mut self, repository: RepositoryId) -> BTreeSet<String> {
        let now = self.now;
        let Some(there) = self.repositories.get_mut(repository) else { return BTreeSet::new() };
        let mut due = BTreeSet::new();
        for (name, (every, next)) in &mut there.actions.schedule {
            if *next <= now {
                *next = following(*next, *every, now);
                self.agenda.add(*next, Appointment::Schedule(repository));
                due.insert(name.clone());
            }
        }
        due
    }
}

fn rhythms(workflow: &Workflow) -> impl Iterator<Item = (&str, Duration)> {
    workflow.checks().iter().filter_map(|check| {
        let every = check.on.iter().find_map(|trigger| match trigger {
            Trigger::Every(every) => Some(*every),
            Trigger::Push | Trigger::PullRequest => None,
        });
        every.map(|every| (check.name.as_str(), every))
    })
}

/// The first moment after now in the rhythm that had this one.
fn following(last: Moment, every: Duration, now: Moment) -> Moment {
    let step = i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1);
    let missed = now.millis().saturating_sub(last.millis()).div_euclid(step);
    Moment::from_millis(last.millis().saturating_add(step.saturating_mul(missed.saturating_add(1))))
}

fn with_needs(workflow: &Workflow, mut names: BTreeSet<String>) -> BTreeSet<String> {
    // A check stands after those it needs, so from the last to the first one round finds all.
    for check in workflow.checks().iter().rev() {
        if names.contains(&check.name) {
            names.extend(check.needs.iter().cloned());
        }
    }
    names
}
