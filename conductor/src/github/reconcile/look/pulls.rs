//! Pull requests and their reviews.
//!
//! Of an open one, the object is asked for itself: lists do not say whether it merges. GitHub works that out after it is
//! asked for the first time, so that the next look tells it.

use bus::commit::Oid;

use super::{Look, moment};
use crate::github::{json::Json, reconcile::Halt};

/// An open pull request, as a list tells it.
struct Listed {
    number: u64,
    head: Oid,
}

impl Look<'_> {
    /// Tells of the open ones, and answers with their heads.
    pub(super) async fn open_pulls(&mut self) -> Result<Vec<Oid>, Halt> {
        let mut pages = self.list("pulls?state=open&sort=created&direction=asc");
        let mut open = Vec::new();
        while let Some(page) = pages.next(&mut self.asker()).await? {
            open.extend(page.json()?.items().filter_map(listed));
        }
        for pull in &open {
            self.open_pull(pull.number).await?;
        }
        Ok(open.into_iter().map(|pull| pull.head).collect())
    }

    async fn open_pull(&mut self, number: u64) -> Result<(), Halt> {
        let path = self.at(&format!("pulls/{number}"));
        let page = self.asker().page(&path).await?;
        let pull = page.json()?;
        self.tell("pull_request", &format!("\"pull_request\":{}", pull.raw())).await?;
        self.reviews(number, pull).await
    }

    async fn reviews(&mut self, number: u64, pull: Json<'_>) -> Result<(), Halt> {
        let mut pages = self.list(&format!("pulls/{number}/reviews"));
        while let Some(page) = pages.next(&mut self.asker()).await? {
            for review in page.json()?.items() {
                let fields = format!("\"review\":{},\"pull_request\":{}", review.raw(), pull.raw());
                self.tell("pull_request_review", &fields).await?;
            }
        }
        Ok(())
    }

    /// Tells of those that were closed lately.
    pub(super) async fn closed_pulls(&mut self) -> Result<(), Halt> {
        let since = self.memory.pulls_since();
        let mut pages = self.list("pulls?state=closed&sort=updated&direction=desc");
        while let Some(page) = pages.next(&mut self.asker()).await? {
            for pull in page.json()?.items() {
                let updated = moment(pull, "updated_at");
                if updated.is_some_and(|updated| updated < since) {
                    return Ok(());
                }
                self.pulls.note(updated);
                self.note_landed(pull);
                self.tell("pull_request", &format!("\"pull_request\":{}", pull.raw())).await?;
            }
        }
        Ok(())
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
