//! What the world does by itself when its time has come.

use std::{collections::BTreeSet, time::Duration};

use super::{
    World,
    id::{CheckRunId, DeploymentId, RepositoryId},
    moment::Moment,
    site::Deployed,
    state::State,
};

/// A check run that says nothing for so long says nothing any more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(14 * 24 * 3600);

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Appointment {
    /// A check run that has not ended by then is stale.
    Stale(RepositoryId, CheckRunId),
    /// A deployment of a site is done.
    Deploy(RepositoryId, DeploymentId),
    /// A scheduled check starts.
    Schedule(RepositoryId),
}

/// All appointments, the next first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agenda(BTreeSet<(Moment, Appointment)>);

impl Agenda {
    pub(crate) fn add(&mut self, at: Moment, appointment: Appointment) {
        self.0.insert((at, appointment));
    }

    fn due(&mut self, now: Moment) -> Option<Appointment> {
        let first = *self.0.first()?;
        if first.0 > now {
            return None;
        }
        self.0.remove(&first);
        Some(first.1)
    }
}

impl World {
    /// When a tick has something to do next.
    #[must_use]
    pub fn next_appointment(&self) -> Option<Moment> {
        self.state.agenda.0.first().map(|(at, _)| *at)
    }
}

impl State {
    /// Does all that is due.
    pub(crate) fn tick(&mut self) {
        while let Some(appointment) = self.agenda.due(self.now) {
            match appointment {
                Appointment::Stale(repository, run) => self.grow_stale(repository, run),
                Appointment::Deploy(repository, id) => self.site_deployed(repository, id, &Deployed::Served),
                Appointment::Schedule(repository) => self.start_scheduled(repository),
            }
        }
    }
}
