//! `issue-event`, as it stands in lists of events and on the timeline.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{app, issue::Issue, repository, user};
use crate::world::{
    history::{Happening, Place, What},
    id::EventId,
    issue::Reason,
    lock::LockReason,
    moment::Moment,
    repository::Repository,
    state::State,
};

#[derive(Serialize)]
pub(crate) struct Event<'a> {
    id: EventId,
    node_id: String,
    url: String,
    actor: Option<&'a RawValue>,
    event: &'static str,
    commit_id: Option<&'a str>,
    commit_url: Option<&'a str>,
    created_at: Moment,
    performed_via_github_app: Option<&'a RawValue>,
    #[serde(flatten)]
    own: Own<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<Issue<'a>>,
}

/// What only some kinds of events have.
#[derive(Default, Serialize)]
struct Own<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<Label<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigner: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    milestone: Option<Milestone<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rename: Option<Rename<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock_reason: Option<Option<LockReason>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_reason: Option<Option<Reason>>,
}

#[derive(Serialize)]
struct Label<'a> {
    name: &'a str,
    color: &'a str,
}

#[derive(Serialize)]
struct Milestone<'a> {
    title: &'a str,
}

#[derive(Serialize)]
struct Rename<'a> {
    from: &'a str,
    to: &'a str,
}

impl<'a> Event<'a> {
    /// None for what stands on the timeline only.
    pub(crate) fn of(state: &'a State, at: &Repository, happening: &'a Happening) -> Option<Self> {
        let (event, own) = told(state, happening)?;
        Some(Self {
            id: happening.id,
            node_id: format!("EV_{:x}", happening.id.0),
            url: format!("{}/issues/events/{}", repository::url(state, at), happening.id),
            actor: user::of(state, happening.by),
            event,
            commit_id: None,
            commit_url: None,
            created_at: happening.at,
            performed_via_github_app: app::of(state, happening.app),
            own,
            issue: None,
        })
    }

    /// In lists of events, where GitHub does not say why an issue was closed.
    pub(crate) fn listed(mut self) -> Self {
        self.own.state_reason = None;
        self
    }

    /// On the timeline, where GitHub does not say who assigned somebody but as the actor.
    pub(crate) fn on_timeline(mut self) -> Self {
        self.own.assigner = None;
        self
    }

    /// With the issue to which it happened.
    pub(crate) fn with_issue(self, state: &'a State, place: Place) -> Self {
        let issue = state.issue(place).map(|(at, issue)| Issue::of(state, at, issue));
        Self { issue, ..self }
    }
}

fn told<'a>(state: &'a State, happening: &'a Happening) -> Option<(&'static str, Own<'a>)> {
    let none = Own::default();
    Some(match &happening.what {
        What::Label { on, name, color } => {
            (if *on { "labeled" } else { "unlabeled" }, Own { label: Some(Label { name, color }), ..none })
        }
        What::Assignee { on, person } => {
            let (assignee, assigner) = (user::of(state, *person), user::of(state, happening.by));
            (if *on { "assigned" } else { "unassigned" }, Own { assignee, assigner, ..none })
        }
        What::Milestone { on, title } => {
            (if *on { "milestoned" } else { "demilestoned" }, Own { milestone: Some(Milestone { title }), ..none })
        }
        What::Renamed { from, to } => ("renamed", Own { rename: Some(Rename { from, to }), ..none }),
        What::Locked(reason) => ("locked", Own { lock_reason: Some(*reason), ..none }),
        What::Unlocked => ("unlocked", Own { lock_reason: Some(None), ..none }),
        What::Closed(reason) => ("closed", Own { state_reason: Some(*reason), ..none }),
        What::Reopened => ("reopened", none),
        What::Referenced(_) => return None,
    })
}

/// One thing on a timeline.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Line<'a> {
    Event(Box<Event<'a>>),
    Comment(Box<Commented<'a>>),
    Referenced(Box<Referenced<'a>>),
}

#[derive(Serialize)]
pub(crate) struct Commented<'a> {
    event: &'static str,
    actor: Option<&'a RawValue>,
    #[serde(flatten)]
    comment: super::comment::Comment<'a>,
}

impl<'a> Commented<'a> {
    pub(crate) fn of(state: &'a State, at: &'a Repository, comment: &'a crate::world::issue::Comment) -> Self {
        let actor = user::of(state, comment.author);
        Self { event: "commented", actor, comment: super::comment::Comment::of(state, at, comment) }
    }
}

#[derive(Serialize)]
pub(crate) struct Referenced<'a> {
    event: &'static str,
    actor: Option<&'a RawValue>,
    created_at: Moment,
    updated_at: Moment,
    source: Source<'a>,
}

#[derive(Serialize)]
struct Source<'a> {
    r#type: &'static str,
    issue: Issue<'a>,
}

impl<'a> Referenced<'a> {
    pub(crate) fn of(state: &'a State, happening: &'a Happening) -> Option<Self> {
        let What::Referenced(place) = happening.what else { return None };
        let (at, issue) = state.issue(place)?;
        Some(Self {
            event: "cross-referenced",
            actor: user::of(state, happening.by),
            created_at: happening.at,
            updated_at: happening.at,
            source: Source { r#type: "issue", issue: Issue::of(state, at, issue) },
        })
    }
}
