//! `issue`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    label::Label,
    milestone::{self, Milestone},
    repository, user,
};
use crate::world::{
    history::Place,
    id::{AccountId, Number},
    issue::{self, Reason, Standing},
    lock::LockReason,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Option<&'a str>>,
    user: Option<&'a RawValue>,
    labels: Vec<Label<'a>>,
    assignee: Option<&'a RawValue>,
    assignees: Vec<&'a RawValue>,
    milestone: Option<Milestone<'a>>,
    locked: bool,
    active_lock_reason: Option<LockReason>,
    comments: u64,
    closed_at: Option<Moment>,
    created_at: Moment,
    updated_at: Moment,
    author_association: Association,
    reactions: Reactions,
    performed_via_github_app: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<bool>,
    sub_issues_summary: Parts,
    issue_dependencies_summary: Dependencies,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_issue_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<Arc<RawValue>>,
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
            url: [url, "/reactions"].concat(),
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
    /// By itself: who closed it, and what it is a part of.
    pub(crate) fn whole(state: &'a State, at: &'a Repository, issue: &'a issue::Issue) -> Self {
        let outer = state.relations.whole.get(&(at.id, issue.number)).and_then(|outer| state.issue(*outer));
        let closed_by = match issue.standing {
            Standing::Closed { by, .. } => user::of(state, by),
            Standing::Open { .. } => None,
        };
        let parent_issue_url =
            outer.map(|(there, outer)| format!("{}/issues/{}", repository::url(state, there), outer.number));
        Self { closed_by, parent_issue_url, ..Self::of(state, at, issue) }
    }

    /// Among what a search found: there, none at all stands for an empty body.
    pub(crate) fn found(state: &'a State, at: &'a Repository, issue: &'a issue::Issue) -> Self {
        Self { body: issue.body.as_deref().map(Some), ..Self::of(state, at, issue) }
    }

    /// Among issues of other repositories.
    pub(crate) fn abroad(state: &'a State, at: &'a Repository, issue: &'a issue::Issue) -> Self {
        Self { repository: Some(repository::card(state, at)), ..Self::of(state, at, issue) }
    }

    pub(crate) fn of(state: &'a State, at: &'a Repository, issue: &'a issue::Issue) -> Self {
        let repository_url = repository::url(state, at);
        let number = issue.number.to_string();
        let url = [&repository_url, "/issues/", &number].concat();
        let html_url = page(state, at, issue, &number);
        let pull = at.pulls.get(issue.number);
        let (closed_at, said) = standing(issue.standing);
        let assignees: Vec<_> = issue.assignees.iter().filter_map(|person| user::of(state, *person)).collect();
        Self {
            id: issue.id,
            node_id: format!("I_{:x}", issue.id),
            labels_url: [&url, "/labels{/name}"].concat(),
            comments_url: [&url, "/comments"].concat(),
            events_url: [&url, "/events"].concat(),
            timeline_url: [&url, "/timeline"].concat(),
            number: issue.number,
            state: if issue.is_open() { "open" } else { "closed" },
            state_reason: said,
            title: &issue.title,
            body: Some(issue.body.as_deref()),
            user: user::of(state, issue.author),
            labels: labels(state, at, issue),
            assignee: assignees.first().copied(),
            assignees,
            milestone: milestone::named(state, at, issue.milestone),
            locked: issue.locked,
            active_lock_reason: at.issues.lock_reasons.get(&issue.number).copied(),
            comments: issue.comments,
            closed_at,
            created_at: issue.created_at,
            updated_at: issue.updated_at,
            author_association: Association::of(at, issue.author),
            reactions: Reactions::none(&url),
            draft: pull.map(|pull| pull.draft),
            sub_issues_summary: Parts::of(state, (at.id, issue.number)),
            issue_dependencies_summary: Dependencies::of(state, (at.id, issue.number)),
            closed_by: None,
            parent_issue_url: None,
            repository: None,
            pull_request: pull.map(|pull| PullRequest::of(pull, &repository_url, &html_url)),
            html_url,
            performed_via_github_app: super::app::of(state, issue.app),
            repository_url,
            url,
        }
    }
}

/// Where a person sees an issue or a pull request.
fn page(state: &State, at: &Repository, issue: &issue::Issue, number: &str) -> String {
    let kind = if issue.is_pull_request { "/pull/" } else { "/issues/" };
    [&state.addresses.html, "/", state.login(at.owner), "/", &at.name, kind, number].concat()
}

/// How many parts an issue has, and how many are done.
#[derive(Clone, Copy, Serialize)]
struct Parts {
    total: usize,
    completed: usize,
    percent_completed: usize,
}

impl Parts {
    fn of(state: &State, place: Place) -> Self {
        let parts = state.relations.parts.get(&place).map_or(&[][..], Vec::as_slice);
        let completed = parts.iter().filter(|part| !is_open(state, **part)).count();
        let total = parts.len();
        Self { total, completed, percent_completed: (completed * 100).checked_div(total).unwrap_or(0) }
    }
}

/// How many issues an issue waits for, and how many wait for it: open ones, and all.
#[derive(Clone, Copy, Serialize)]
struct Dependencies {
    blocked_by: usize,
    blocking: usize,
    total_blocked_by: usize,
    total_blocking: usize,
}

impl Dependencies {
    fn of(state: &State, place: Place) -> Self {
        let all = |of: &BTreeMap<Place, BTreeSet<Place>>| {
            let all = of.get(&place);
            let open = all.into_iter().flatten().filter(|other| is_open(state, **other)).count();
            (open, all.map_or(0, BTreeSet::len))
        };
        let (blocked_by, total_blocked_by) = all(&state.relations.blocked_by);
        let (blocking, total_blocking) = all(&state.relations.blocking);
        Self { blocked_by, blocking, total_blocked_by, total_blocking }
    }
}

fn is_open(state: &State, place: Place) -> bool {
    state.issue(place).is_some_and(|(_, issue)| issue.is_open())
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
