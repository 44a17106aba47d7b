//! What there is to know about a piece of work, read from GitHub beside the run and given to it as data.

mod failing;

use bus::{catalogue::work::Task, commit::Oid, number::PullNumber};
use serde::{Deserialize, Serialize};

use self::failing::Failing;
use crate::{
    api::{Api, Error},
    place::Place,
};

/// The longest text that is handed on.
const LONGEST: usize = 64 << 10;

/// The most remarks and checks that are read.
const PAGE: &str = "per_page=100";

/// What there is to know.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Context {
    /// The issue's text.
    pub(crate) body: String,
    /// What reviews of the head ask for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) remarks: Vec<Words>,
    /// What the red check says, and the end of its log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failing: Option<Failing>,
}

/// A remark of a review.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Words {
    pub(crate) by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    pub(crate) body: String,
}

#[derive(Deserialize)]
struct Issue {
    body: Option<String>,
}

#[derive(Deserialize)]
struct Person {
    login: String,
}

#[derive(Deserialize)]
struct Review {
    user: Option<Person>,
    body: Option<String>,
    state: String,
    commit_id: Option<String>,
    path: Option<String>,
    line: Option<u64>,
}

#[derive(Deserialize)]
struct Comment {
    user: Option<Person>,
    body: Option<String>,
    path: Option<String>,
    line: Option<u64>,
    original_commit_id: Option<String>,
}

impl Api<'_> {
    /// Reads what there is to know for this task.
    pub(crate) async fn context(&self, place: &Place, number: u64, task: &Task) -> Result<Context, Error> {
        let repository = place.repository.as_str();
        let issue: Issue = self.get(repository, &format!("issues/{number}")).await?;
        let mut context = Context { body: short(issue.body), ..Context::default() };
        match (task, place.pull) {
            (Task::Fix { head }, Some(pull)) => {
                context.remarks = self.remarks(repository, pull, *head).await?;
            }
            (Task::Mend { head, check }, _) => context.failing = self.failing(repository, *head, check).await?,
            _ => {}
        }
        Ok(context)
    }

    async fn remarks(&self, repository: &str, pull: PullNumber, head: Oid) -> Result<Vec<Words>, Error> {
        let head = head.to_string();
        let on_head = |commit: &Option<String>| commit.as_deref() == Some(head.as_str());
        let reviews: Vec<Review> = self.get(repository, &format!("pulls/{}/reviews?{PAGE}", pull.0)).await?;
        let comments: Vec<Comment> = self.get(repository, &format!("pulls/{}/comments?{PAGE}", pull.0)).await?;
        let asked = reviews.into_iter().filter(|review| on_head(&review.commit_id) && review.state != "APPROVED");
        let asked = asked.map(|Review { user, body, path, line, .. }| words(user, path, line, body));
        let said = comments.into_iter().filter(|comment| on_head(&comment.original_commit_id));
        let said = said.map(|Comment { user, body, path, line, .. }| words(user, path, line, body));
        Ok(asked.chain(said).filter(|words| !words.body.is_empty()).collect())
    }
}

fn words(user: Option<Person>, path: Option<String>, line: Option<u64>, body: Option<String>) -> Words {
    Words { by: user.map_or_else(|| "ghost".to_owned(), |user| user.login), path, line, body: short(body) }
}

fn short(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}
