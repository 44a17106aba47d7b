//! `issue`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{label::Label, repository, user};
use crate::world::{
    id::{AccountId, Number},
    issue::{self, Reason, Standing},
    moment::Moment,
    permission::Role,
    pull::Pull,
    repository::Repository,
    state::State,
};

#[derive(Serialize)]
pub(crate) struct Issue<'a> {
    id: u64,
    node_id: String,
    url: String,
    repository_url: String,
    labels_url: String,
    comments_url: String,
    events_url: String,
    timeline_url: String,
    html_url: String,
    number: Number,
    state: &'static str,
    state_reason: Option<Said>,
    title: &'a str,
    body: Option<&'a str>,
    user: Option<&'a RawValue>,
    labels: Vec<Label<'a>>,
    assignee: Option<&'a RawValue>,
    assignees: Vec<&'a RawValue>,
    milestone: Option<&'a RawValue>,
    locked: bool,
    active_lock_reason: Option<&'a str>,
    comments: u64,
    closed_at: Option<Moment>,
    created_at: Moment,
    updated_at: Moment,
    author_association: Association,
    reactions: Reactions,
    performed_via_github_app: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pull_request: Option<PullRequest>,
}

/// Where the other half of a pull request is.
#[derive(Serialize)]
struct PullRequest {
    url: String,
    html_url: String,
    diff_url: String,
    patch_url: String,
    merged_at: Option<Moment>,
}

impl PullRequest {
    fn of(pull: &Pull, repository_url: &str, html_url: &str) -> Self {
        Self {
            url: format!("{repository_url}/pulls/{}", pull.number),
            html_url: html_url.to_owned(),
            diff_url: format!("{html_url}.diff"),
            patch_url: format!("{html_url}.patch"),
            merged_at: pull.merge.map(|merge| merge.at),
        }
    }
}

#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
enum Said {
    Closed(Reason),
    Reopened(&'static str),
}

/// What an author is to a repository.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Association {
    Owner,
    Collaborator,
    None,
}

impl Association {
    pub(crate) fn of(repository: &Repository, author: AccountId) -> Self {
        match repository.role(author) {
            _ if author == repository.owner => Self::Owner,
            Some(role) if role > Role::Read => Self::Collaborator,
            _ => Self::None,
        }
    }
}

/// Nobody reacts here.
#[derive(Serialize)]
pub(crate) struct Reactions {
    url: String,
    total_count: u64,
    #[serde(rename = "+1")]
    up: u64,
    #[serde(rename = "-1")]
    down: u64,
    laugh: u64,
    hooray: u64,
    confused: u64,
    heart: u64,
    rocket: u64,
    eyes: u64,
}

impl Reactions {
    pub(crate) fn none(url: &str) -> Self {
        Self {
            url: format!("{url}/reactions"),
            total_count: 0,
            up: 0,
            down: 0,
            laugh: 0,
            hooray: 0,
            confused: 0,
            heart: 0,
            rocket: 0,
            eyes: 0,
        }
    }
}

impl<'a> Issue<'a> {
    pub(crate) fn of(state: &'a State, at: &'a Repository, issue: &'a issue::Issue) -> Self {
        let repository_url = repository::url(state, at);
        let url = format!("{repository_url}/issues/{}", issue.number);
        let kind = if issue.is_pull_request { "pull" } else { "issues" };
        let html_url = format!("{}/{}/{kind}/{}", state.addresses.html, state.full_name(at), issue.number);
        let pull = at.pulls.get(issue.number);
        let (closed_at, said) = standing(issue.standing);
        let assignees: Vec<_> = issue.assignees.iter().filter_map(|person| user::of(state, *person)).collect();
        Self {
            id: issue.id,
            node_id: format!("I_{:x}", issue.id),
            labels_url: format!("{url}/labels{{/name}}"),
            comments_url: format!("{url}/comments"),
            events_url: format!("{url}/events"),
            timeline_url: format!("{url}/timeline"),
            number: issue.number,
            state: if issue.is_open() { "open" } else { "closed" },
            state_reason: said,
            title: &issue.title,
            body: issue.body.as_deref(),
            user: user::of(state, issue.author),
            labels: labels(state, at, issue),
            assignee: assignees.first().copied(),
            assignees,
            milestone: None,
            locked: issue.locked,
            active_lock_reason: None,
            comments: issue.comments,
            closed_at,
            created_at: issue.created_at,
            updated_at: issue.updated_at,
            author_association: Association::of(at, issue.author),
            reactions: Reactions::none(&url),
            draft: pull.map(|pull| pull.draft),
            pull_request: pull.map(|pull| PullRequest::of(pull, &repository_url, &html_url)),
            html_url,
            performed_via_github_app: super::app::of(state, issue.app),
            repository_url,
            url,
        }
    }
}

/// The labels that an issue bears.
pub(crate) fn labels<'a>(state: &State, at: &'a Repository, issue: &issue::Issue) -> Vec<Label<'a>> {
    let known = issue.labels.iter().filter_map(|id| at.issues.labels.get(id));
    known.map(|label| Label::of(state, at, label)).collect()
}

const fn standing(standing: Standing) -> (Option<Moment>, Option<Said>) {
    match standing {
        Standing::Open { reopened: true } => (None, Some(Said::Reopened("reopened"))),
        Standing::Open { reopened: false } => (None, None),
        Standing::Closed { at, reason, .. } => (Some(at), Some(Said::Closed(reason))),
    }
}
