//! The checks of a commit: check runs, and commit statuses.

use bus::commit::Oid;

use super::{Found, Look, Question};
use crate::github::json::Json;

impl Look<'_> {
    /// Of every open pull request's head, of what landed lately, and of the base branch.
    pub(super) fn ask_for_checks(&mut self) {
        let mut heads = std::mem::take(&mut self.heads);
        heads.extend(self.memory.landed(self.now));
        heads.extend(self.memory.tips.get(&self.base));
        for head in heads {
            self.ask_list(Question::CheckRuns, &format!("commits/{head}/check-runs"));
            self.ask_list(Question::Statuses(head), &format!("commits/{head}/statuses"));
        }
    }

    pub(super) fn check_runs(&self, answer: Json<'_>) -> Vec<Found> {
        let runs = answer.field("check_runs").into_iter().flat_map(Json::items);
        runs.map(|run| self.found("check_run", &format!("\"check_run\":{}", run.raw()))).collect()
    }

    pub(super) fn statuses(&self, commit: Oid, list: Json<'_>) -> Vec<Found> {
        let statuses = list.items().filter_map(inside);
        statuses.map(|fields| self.found("status", &format!("\"sha\":\"{commit}\",{fields}"))).collect()
    }
}

/// An object's fields, without its braces.
fn inside(object: Json<'_>) -> Option<&str> {
    object.raw().strip_prefix('{')?.strip_suffix('}').filter(|fields| !fields.trim().is_empty())
}
