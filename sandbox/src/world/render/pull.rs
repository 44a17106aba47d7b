//! `pull-request-simple`, as it stands in lists and beside reviews, and `pull-request`, as it stands by itself.

mod side;

use serde::Serialize;
use serde_json::value::RawValue;

pub(crate) use self::side::Link;
use self::side::{Card, Links, Side};
use super::{
    issue::{Association, labels},
    label::Label,
    repository, user,
};
use crate::{
    object::Oid,
    world::{
        before::Before,
        id::Number,
        issue::Standing,
        moment::Moment,
        pull::{Base, Merge, Rebase, Size, Whole},
        state::State,
    },
};

#[derive(Serialize)]
pub(crate) struct Simple<'a> {
    url: String,
    id: u64,
    node_id: String,
    html_url: String,
    diff_url: String,
    patch_url: String,
    issue_url: String,
    commits_url: String,
    review_comments_url: String,
    review_comment_url: String,
    comments_url: String,
    statuses_url: String,
    number: Number,
    state: &'static str,
    locked: bool,
    title: &'a str,
    user: Option<&'a RawValue>,
    body: Option<&'a str>,
    labels: Vec<Label<'a>>,
    milestone: Option<super::milestone::Milestone<'a>>,
    active_lock_reason: Option<crate::world::lock::LockReason>,
    created_at: Moment,
    updated_at: Moment,
    closed_at: Option<Moment>,
    merged_at: Option<Moment>,
    merge_commit_sha: Option<Oid>,
    assignee: Option<&'a RawValue>,
    assignees: Vec<&'a RawValue>,
    requested_reviewers: Vec<&'a RawValue>,
    requested_teams: [(); 0],
    head: Side<'a>,
    base: Side<'a>,
    _links: Links,
    author_association: Association,
    auto_merge: Option<()>,
    draft: bool,
}

#[derive(Serialize)]
pub(crate) struct Full<'a> {
    #[serde(flatten)]
    simple: Simple<'a>,
    merged: bool,
    mergeable: Option<bool>,
    rebaseable: Option<bool>,
    mergeable_state: &'static str,
    merged_by: Option<&'a RawValue>,
    comments: u64,
    review_comments: usize,
    maintainer_can_modify: bool,
    commits: usize,
    additions: usize,
    deletions: usize,
    changed_files: usize,
}

/// What was edited, for the webhook.
#[derive(Default, Serialize)]
pub(crate) struct Changes<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<Before<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Before<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base: Option<BaseBefore<'a>>,
}

#[derive(Serialize)]
pub(crate) struct BaseBefore<'a> {
    #[serde(rename = "ref")]
    branch: Before<&'a str>,
    sha: Before<Oid>,
}

impl<'a> Changes<'a> {
    /// It was aimed at this branch.
    pub(crate) fn base(before: &'a Base) -> Self {
        let base = BaseBefore { branch: Before { from: &before.branch }, sha: Before { from: before.sha } };
        Self { base: Some(base), ..Self::default() }
    }
}

impl<'a> Simple<'a> {
    /// As it stands in answers.
    pub(crate) fn of(state: &'a State, whole: Whole<'a>) -> Self {
        Self::with(state, whole, repository::card)
    }

    /// As it stands in webhooks, where repositories have more fields.
    pub(crate) fn told(state: &'a State, whole: Whole<'a>) -> Self {
        Self::with(state, whole, repository::told)
    }

    fn with(state: &'a State, whole: Whole<'a>, card: Card) -> Self {
        let Whole { repository: at, pull, issue } = whole;
        let there = repository::url(state, at);
        let number = pull.number;
        let url = format!("{there}/pulls/{number}");
        let html_url = format!("{}/{}/pull/{number}", state.addresses.html, state.full_name(at));
        let people =
            |ids: &'a std::collections::BTreeSet<_>| ids.iter().filter_map(|id| user::of(state, *id)).collect();
        let assignees: Vec<_> = people(&issue.assignees);
        Self {
            id: pull.id,
            node_id: format!("PR_{:x}", pull.id),
            diff_url: format!("{html_url}.diff"),
            patch_url: format!("{html_url}.patch"),
            issue_url: format!("{there}/issues/{number}"),
            commits_url: format!("{url}/commits"),
            review_comments_url: format!("{url}/comments"),
            review_comment_url: format!("{there}/pulls/comments{{/number}}"),
            comments_url: format!("{there}/issues/{number}/comments"),
            statuses_url: format!("{there}/statuses/{}", pull.head.sha),
            number,
            state: if issue.is_open() { "open" } else { "closed" },
            locked: issue.locked,
            title: &issue.title,
            user: user::of(state, issue.author),
            body: issue.body.as_deref(),
            labels: labels(state, at, issue),
            milestone: super::milestone::named(state, at, issue.milestone),
            active_lock_reason: at.issues.lock_reasons.get(&issue.number).copied(),
            created_at: issue.created_at,
            updated_at: issue.updated_at,
            closed_at: closed_at(issue.standing),
            merged_at: pull.merge.map(|merge| merge.at),
            merge_commit_sha: pull.merge.map(|merge| merge.commit).or(pull.trial),
            assignee: assignees.first().copied(),
            assignees,
            requested_reviewers: people(&pull.requested),
            requested_teams: [],
            head: Side::head(state, &pull.head, card),
            base: Side::base(state, at, &pull.base, card),
            _links: Links::of(&there, &html_url, number, pull.head.sha),
            author_association: Association::of(at, issue.author),
            auto_merge: None,
            draft: pull.draft,
            url,
            html_url,
        }
    }
}

const fn closed_at(standing: Standing) -> Option<Moment> {
    match standing {
        Standing::Open { .. } => None,
        Standing::Closed { at, .. } => Some(at),
    }
}

impl<'a> Full<'a> {
    /// As it stands in answers.
    pub(crate) fn of(state: &'a State, whole: Whole<'a>) -> Self {
        Self::with(state, whole, repository::card)
    }

    /// As it stands in webhooks.
    pub(crate) fn told(state: &'a State, whole: Whole<'a>) -> Self {
        Self::with(state, whole, repository::told)
    }

    fn with(state: &'a State, whole: Whole<'a>, card: Card) -> Self {
        let Whole { repository: at, pull, issue } = whole;
        let mergeable = state.mergeable(whole);
        let Size { commits, files, additions, deletions } = pull.size;
        let rebaseable = match pull.rebase {
            Rebase::Known(known) => mergeable.map(|mergeable| mergeable && known),
            Rebase::Unknown | Rebase::Asked(_) => None,
        };
        Self {
            simple: Simple::with(state, whole, card),
            merged: pull.merge.is_some(),
            mergeable,
            rebaseable,
            mergeable_state: state.mergeable_state(whole, mergeable),
            merged_by: pull.merge.and_then(|Merge { by, .. }| user::of(state, by)),
            comments: issue.comments,
            review_comments: at.pulls.comments(pull.number).count(),
            maintainer_can_modify: pull.maintainer_can_modify,
            commits,
            additions,
            deletions,
            changed_files: files,
        }
    }
}
