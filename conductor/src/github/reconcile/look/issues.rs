//! Issues: those that are open, and those that changed lately.

use super::{Found, Look, Question, moment, written};
use crate::github::json::Json;

impl Look<'_> {
    pub(super) fn ask_for_issues(&mut self) {
        let since = written(self.memory.issues_since());
        let lists: &[String] = if self.memory.is_thorough() {
            &["state=open".to_owned(), format!("state=closed&since={since}")]
        } else {
            &[format!("state=all&since={since}")]
        };
        for list in lists {
            self.ask_list(Question::Issues, &format!("issues?{list}&sort=created&direction=asc"));
        }
    }

    pub(super) fn hear_issues(&mut self, list: Json<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for issue in list.items() {
            self.issues.note(moment(issue, "updated_at"));
            found.push(self.found("issues", &format!("\"issue\":{}", issue.raw())));
        }
        found
    }
}
