//! Pull requests and their reviews.
//!
//! Of an open one, the object is asked for itself: lists do not say whether it merges. GitHub works that out after it is
//! asked for the first time, so that the next look tells it.

use bus::commit::Oid;

use super::{Found, Look, Question, Rest, moment};
use crate::github::json::Json;

/// An open pull request, as a list tells it.
struct Listed {
    number: u64,
    head: Oid,
}

impl Look<'_> {
    pub(super) fn hear_open_pulls(&mut self, list: Json<'_>) {
        for Listed { number, head } in list.items().filter_map(listed) {
            self.heads.insert(head);
            self.ask_at(Question::Pull(number), &format!("pulls/{number}"));
        }
    }

    pub(super) fn pull(&mut self, number: u64, pull: Json<'_>) -> Found {
        self.ask_list(Question::Reviews(pull.raw().to_owned()), &format!("pulls/{number}/reviews"));
        self.found("pull_request", &format!("\"pull_request\":{}", pull.raw()))
    }

    pub(super) fn reviews(&self, pull: &str, list: Json<'_>) -> Vec<Found> {
        let fields = |review: Json<'_>| format!("\"review\":{},\"pull_request\":{pull}", review.raw());
        list.items().map(|review| self.found("pull_request_review", &fields(review))).collect()
    }

    /// Those that were closed lately.
    pub(super) fn hear_closed_pulls(&mut self, list: Json<'_>, found: &mut Vec<Found>) -> Rest {
        let since = self.memory.pulls_since();
        for pull in list.items() {
            let updated = moment(pull, "updated_at");
            if updated.is_some_and(|updated| updated < since) {
                return Rest::Known;
            }
            self.pulls.note(updated);
            self.note_landed(pull);
            found.push(self.found("pull_request", &format!("\"pull_request\":{}", pull.raw())));
        }
        Rest::Wanted
    }

    fn note_landed(&mut self, pull: Json<'_>) {
        let commit = pull.field("merge_commit_sha").and_then(commit);
        if let (Some(commit), Some(at)) = (commit, moment(pull, "merged_at")) {
            self.memory.note_landed(commit, at);
        }
    }
}

fn listed(pull: Json<'_>) -> Option<Listed> {
    let [number, head] = pull.pick(["number", "head"]);
    Some(Listed { number: number?.number()?, head: commit(head?.field("sha")?)? })
}

fn commit(name: Json<'_>) -> Option<Oid> {
    name.name()?.parse().ok()
}
