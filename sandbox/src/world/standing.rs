//! How the checks and statuses of a commit stand.

use std::collections::BTreeMap;

use super::{
    check::Progress,
    id::{AppId, RepositoryId},
    state::State,
    status::Word,
};
use crate::{object::Oid, workflow::Conclusion};

/// How a check or status stands. Of several of one name the worst counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Standing {
    Passing,
    Pending,
    Failing,
}

impl Standing {
    pub(crate) const fn of_run(progress: Progress) -> Self {
        match progress {
            Progress::Open(_) => Self::Pending,
            Progress::Ended { conclusion: Conclusion::Success | Conclusion::Neutral | Conclusion::Skipped, .. } => {
                Self::Passing
            }
            Progress::Ended { .. } => Self::Failing,
        }
    }

    pub(crate) const fn of_status(word: Word) -> Self {
        match word {
            Word::Success => Self::Passing,
            Word::Pending => Self::Pending,
            Word::Error | Word::Failure => Self::Failing,
        }
    }
}

impl State {
    /// All checks and statuses of a commit, by name.
    pub(crate) fn checks(&self, repository: RepositoryId, head: Oid) -> BTreeMap<String, Standing> {
        let mut found = BTreeMap::new();
        self.each_check(repository, head, |name, _, standing| {
            let known = found.entry(name.to_owned()).or_insert(standing);
            *known = standing.max(*known);
        });
        found
    }

    /// One check or status of a commit, of this App if it matters which; none if nobody spoke of it.
    pub(crate) fn check(
        &self,
        repository: RepositoryId,
        head: Oid,
        context: &str,
        app: Option<AppId>,
    ) -> Option<Standing> {
        let mut found = None;
        self.each_check(repository, head, |name, by, standing| {
            if name == context && (app.is_none() || app == by) {
                found = found.max(Some(standing));
            }
        });
        found
    }

    fn each_check(&self, repository: RepositoryId, head: Oid, mut tell: impl FnMut(&str, Option<AppId>, Standing)) {
        let Some(repository) = self.repositories.get(repository) else { return };
        for suite in repository.checks.suites_of(head) {
            for (name, run) in repository.checks.latest_of(suite.id) {
                tell(name, Some(suite.app), Standing::of_run(run.progress));
            }
        }
        for (context, status) in repository.statuses.latest(head) {
            tell(context, None, Standing::of_status(status.word));
        }
    }
}
