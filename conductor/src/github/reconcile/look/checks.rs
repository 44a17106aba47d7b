//! The checks of a commit: check runs, and commit statuses.

use bus::commit::Oid;

use super::Look;
use crate::github::{json::Json, reconcile::Halt};

impl Look<'_> {
    /// Tells how the checks of a commit are.
    pub(super) async fn checks(&mut self, commit: Oid) -> Result<(), Halt> {
        let mut pages = self.list(&format!("commits/{commit}/check-runs"));
        while let Some(page) = pages.next(&mut self.asker()).await? {
            for run in page.json()?.field("check_runs").into_iter().flat_map(Json::items) {
                self.tell("check_run", &format!("\"check_run\":{}", run.raw())).await?;
            }
        }
        let mut pages = self.list(&format!("commits/{commit}/statuses"));
        while let Some(page) = pages.next(&mut self.asker()).await? {
            for status in page.json()?.items() {
                if let Some(fields) = inside(status) {
                    self.tell("status", &format!("\"sha\":\"{commit}\",{fields}")).await?;
                }
            }
        }
        Ok(())
    }
}

/// An object's fields, without its braces.
fn inside(object: Json<'_>) -> Option<&str> {
    object.raw().strip_prefix('{')?.strip_suffix('}').filter(|fields| !fields.trim().is_empty())
}
