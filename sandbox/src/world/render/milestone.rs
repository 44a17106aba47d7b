//! `milestone`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{repository, user};
use crate::world::{
    id::{MilestoneId, Number},
    milestone,
    moment::Moment,
    repository::Repository,
    state::State,
};

#[derive(Serialize)]
pub(crate) struct Milestone<'a> {
    url: String,
    html_url: String,
    labels_url: String,
    id: MilestoneId,
    node_id: String,
    number: Number,
    title: &'a str,
    description: Option<&'a str>,
    creator: Option<&'a RawValue>,
    open_issues: usize,
    closed_issues: usize,
    state: &'static str,
    created_at: Moment,
    updated_at: Moment,
    due_on: Option<Moment>,
    closed_at: Option<Moment>,
}

impl<'a> Milestone<'a> {
    pub(crate) fn of(state: &'a State, at: &Repository, milestone: &'a milestone::Milestone) -> Self {
        let number = milestone.number;
        let url = format!("{}/milestones/{number}", repository::url(state, at));
        let (open_issues, closed_issues) = at.issues.in_milestone(number);
        Self {
            html_url: format!("{}/{}/milestone/{number}", state.addresses.html, state.full_name(at)),
            labels_url: format!("{url}/labels"),
            url,
            id: milestone.id,
            node_id: format!("MI_{:x}", milestone.id.0),
            number,
            title: &milestone.title,
            description: milestone.description.as_deref(),
            creator: user::of(state, milestone.creator),
            open_issues,
            closed_issues,
            state: if milestone.closed_at.is_none() { "open" } else { "closed" },
            created_at: milestone.created_at,
            updated_at: milestone.updated_at,
            due_on: milestone.due_on,
            closed_at: milestone.closed_at,
        }
    }
}

/// The milestone of an issue.
pub(crate) fn named<'a>(state: &'a State, at: &'a Repository, number: Option<Number>) -> Option<Milestone<'a>> {
    at.issues.milestones.get(&number?).map(|milestone| Milestone::of(state, at, milestone))
}
