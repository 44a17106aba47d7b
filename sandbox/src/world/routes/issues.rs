//! Issues.

pub(super) mod filter;
pub(super) mod telling;
pub(super) mod triage;

use std::collections::BTreeSet;

use http::Method;
use serde::Deserialize;

use self::{
    filter::{Filter, Which},
    telling::tell_new,
    triage::{assignable, edit, labels_named, milestone_named, set_assignees, set_labels, set_milestone, set_standing},
};
use super::pulls;
use crate::world::{
    answer::{self, Answer},
    call::Call,
    given::given,
    id::Number,
    issue::{Issue, Reason, Standing},
    page::Page,
    permission::{Access, Permission},
    refusal::{Code, Refusal, Stop},
    render,
    router::{Needs, Route, read, route},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/issues", read(Permission::Issues), list),
    route(Method::POST, "/repos/{owner}/{repo}/issues", Needs::Open(Permission::Issues), create),
    route(Method::GET, "/repos/{owner}/{repo}/issues/{issue_number}", read(Permission::Issues), get),
    route(Method::PATCH, "/repos/{owner}/{repo}/issues/{issue_number}", Needs::Open(Permission::Issues), update),
];

/// The issue that the path names.
pub(super) fn named<'a>(call: &'a Call<'_>) -> Result<&'a Issue, Refusal> {
    let number: Number = call.parameter("issue_number")?;
    call.repository()?.issues.get(number).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::issue::Issue::whole(call.state, call.repository()?, named(call)?)))
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let filter: Filter = call.query()?;
    let repository = call.repository()?;
    let all = repository.issues.issues.values();
    let mut fitting: Vec<&Issue> = all.filter(|issue| filter.fits(call.state, repository, issue)).collect();
    filter.sort(&mut fitting);
    let page = Page::of(call, fitting.into_iter())?;
    Ok(page.answer(|issue| render::issue::Issue::of(call.state, repository, issue)))
}

#[derive(Deserialize)]
struct New {
    title: Option<Title>,
    body: Option<String>,
    #[serde(default)]
    labels: Vec<LabelName>,
    #[serde(default)]
    assignees: Vec<String>,
    milestone: Option<Number>,
}

/// GitHub takes a number for a title, too.
#[derive(Deserialize)]
#[serde(untagged)]
enum Title {
    Text(String),
    Number(i64),
}

impl From<Title> for String {
    fn from(title: Title) -> Self {
        match title {
            Title::Text(text) => text,
            Title::Number(number) => number.to_string(),
        }
    }
}

/// A label by its name, alone or in an object.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum LabelName {
    Alone(String),
    Inside { name: String },
}

impl LabelName {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Alone(name) | Self::Inside { name } => name,
        }
    }
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let new: New = call.body()?;
    let title: String = new
        .title
        .map(String::from)
        .filter(|title| !title.trim().is_empty())
        .ok_or_else(|| Refusal::invalid("Issue", "title", Code::MissingField))?;
    let (author, app) = (call.actor()?, call.app());
    // Who may not triage has labels and assignees passed over in silence.
    let triages = call.may(Permission::Issues, Access::Write);
    let assignees = if triages { assignable(call, &new.assignees)? } else { BTreeSet::new() };
    let milestone = new.milestone.filter(|_| triages).map(|number| milestone_named(call, number)).transpose()?;
    let labels = if triages { labels_named(call, &new.labels)? } else { BTreeSet::new() };
    let (id, now) = (call.state.draw.id(), call.state.now);
    let repository = call.repository_mut()?;
    let number = repository.next_number();
    let issue = Issue {
        id,
        number,
        title,
        body: new.body,
        author,
        app,
        standing: Standing::Open { reopened: false },
        labels,
        assignees,
        milestone,
        locked: false,
        comments: 0,
        created_at: now,
        updated_at: now,
        is_pull_request: false,
    };
    repository.issues.issues.insert(number, issue);
    repository.touch(now);
    tell_new(call, number)?;
    call.state.refer((call.repository_id()?, number), author);
    let repository = call.repository()?;
    let issue = repository.issues.get(number).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&render::issue::Issue::whole(call.state, repository, issue)))
}

/// Why it is as it is.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    Completed,
    NotPlanned,
    Duplicate,
    Reopened,
}

impl Said {
    const fn closed(self) -> Reason {
        match self {
            Self::Completed | Self::Reopened => Reason::Completed,
            Self::NotPlanned => Reason::NotPlanned,
            Self::Duplicate => Reason::Duplicate,
        }
    }
}

#[derive(Deserialize)]
struct Change {
    title: Option<Title>,
    #[serde(default, deserialize_with = "given")]
    body: Option<Option<String>>,
    state: Option<Which>,
    state_reason: Option<Said>,
    labels: Option<Vec<LabelName>>,
    assignees: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    milestone: Option<Option<Number>>,
}

fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let change: Change = call.body()?;
    let number = named(call)?.number;
    let own = named(call)?.author == call.actor()?;
    if !own && !call.may(Permission::Issues, Access::Write) {
        return Err(Refusal::forbidden("Must have admin rights to Repository.").into());
    }
    let assignees = change.assignees.as_deref().map(|logins| assignable(call, logins)).transpose()?;
    let milestone = change.milestone.map(|wanted| wanted.map(|number| milestone_named(call, number)).transpose());
    let milestone = milestone.transpose()?;
    let turn = pull_turn(call, number, change.state)?;
    edit(call, number, change.title.map(String::from), change.body)?;
    if let Some(names) = change.labels {
        let labels = labels_named(call, &names)?;
        set_labels(call, number, labels)?;
    }
    if let Some(people) = assignees {
        set_assignees(call, number, people)?;
    }
    if let Some(milestone) = milestone {
        set_milestone(call, number, milestone)?;
    }
    if let Some(turn) = turn {
        pulls::make(call, number, turn)?;
    } else if let Some(which) = change.state {
        set_standing(call, number, which == Which::Open, change.state_reason)?;
    }
    get(call)
}

/// What becomes of a pull request's standing, where the number is one's.
fn pull_turn(call: &Call<'_>, number: Number, wanted: Option<Which>) -> Result<Option<pulls::Turn>, Refusal> {
    let pull = call.repository()?.pull(number);
    pull.zip(wanted).map(|(pull, wanted)| pulls::turn(call, pull, wanted == Which::Open)).transpose()
}
