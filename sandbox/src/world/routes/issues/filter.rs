//! Which issues a list shows, and in what order.

use serde::Deserialize;

use crate::world::{issue::Issue, moment::Moment, repository::Repository, state::State};

/// Which issues are asked for.
#[derive(Deserialize)]
#[serde(default)]
pub(in crate::world::routes) struct Filter {
    pub(in crate::world::routes) state: Which,
    pub(in crate::world::routes) labels: String,
    pub(in crate::world::routes) assignee: Option<String>,
    pub(in crate::world::routes) creator: Option<String>,
    pub(in crate::world::routes) milestone: Option<String>,
    pub(in crate::world::routes) since: Option<String>,
    pub(in crate::world::routes) sort: Sort,
    pub(in crate::world::routes) direction: Direction,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            state: Which::Open,
            labels: String::new(),
            assignee: None,
            creator: None,
            milestone: None,
            since: None,
            sort: Sort::Created,
            direction: Direction::Desc,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::world::routes) enum Which {
    Open,
    Closed,
    All,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::world::routes) enum Sort {
    Created,
    Updated,
    Comments,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::world::routes) enum Direction {
    Asc,
    Desc,
}

impl Filter {
    pub(in crate::world::routes) fn fits(&self, state: &State, repository: &Repository, issue: &Issue) -> bool {
        let person = |login: &str| state.accounts.named(login).map(|account| account.id);
        let standing = match self.state {
            Which::All => true,
            Which::Open => issue.is_open(),
            Which::Closed => !issue.is_open(),
        };
        let assigned = match self.assignee.as_deref() {
            None => true,
            Some("*") => !issue.assignees.is_empty(),
            Some("none") => issue.assignees.is_empty(),
            Some(login) => person(login).is_some_and(|id| issue.assignees.contains(&id)),
        };
        let milestone = match self.milestone.as_deref() {
            None => true,
            Some("*") => issue.milestone.is_some(),
            Some("none") => issue.milestone.is_none(),
            Some(number) => issue.milestone.is_some_and(|own| number.parse() == Ok(own)),
        };
        let created = self.creator.as_deref().is_none_or(|login| person(login) == Some(issue.author));
        let since = self.since.as_deref().and_then(Moment::parse).is_none_or(|since| issue.updated_at >= since);
        standing && assigned && milestone && created && since && self.labelled(repository, issue)
    }

    fn labelled(&self, repository: &Repository, issue: &Issue) -> bool {
        let mut names = self.labels.split(',').filter(|name| !name.is_empty());
        names.all(|name| repository.issues.label(name.trim()).is_some_and(|label| issue.labels.contains(&label.id)))
    }

    /// In the order that is asked for.
    pub(in crate::world::routes) fn sort(&self, issues: &mut [&Issue]) {
        self.sort_by(issues, |issue| issue);
    }

    pub(in crate::world::routes) fn sort_by<'a, T>(&self, issues: &mut [T], of: impl Fn(&T) -> &'a Issue) {
        match self.sort {
            Sort::Created => issues.sort_by_key(|item| (of(item).created_at, of(item).id)),
            Sort::Updated => issues.sort_by_key(|item| of(item).updated_at),
            Sort::Comments => issues.sort_by_key(|item| of(item).comments),
        }
        if self.direction == Direction::Desc {
            issues.reverse();
        }
    }
}
