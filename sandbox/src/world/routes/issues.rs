//! Issues.

use std::collections::BTreeSet;

use http::Method;
use serde::Deserialize;

use super::pulls;
use crate::world::{
    answer::{self, Answer},
    call::Call,
    event::Payload,
    id::{AccountId, LabelId, Number},
    issue::{Issue, Reason, Standing},
    moment::Moment,
    page::Page,
    permission::{Access, Permission},
    refusal::{Code, Refusal, Stop},
    render,
    router::{Needs, Route, read, route},
    state::State,
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
    Ok(answer::ok(&render::issue::Issue::of(call.state, call.repository()?, named(call)?)))
}

/// Which issues are asked for.
#[derive(Deserialize)]
#[serde(default)]
struct Filter {
    state: Which,
    labels: String,
    assignee: Option<String>,
    creator: Option<String>,
    since: Option<String>,
    sort: Sort,
    direction: Direction,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            state: Which::Open,
            labels: String::new(),
            assignee: None,
            creator: None,
            since: None,
            sort: Sort::Created,
            direction: Direction::Desc,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Which {
    Open,
    Closed,
    All,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Created,
    Updated,
    Comments,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Asc,
    Desc,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let filter: Filter = call.query()?;
    let mut fitting: Vec<&Issue> =
        repository.issues.issues.values().filter(|issue| fits(call, issue, &filter)).collect();
    match filter.sort {
        Sort::Created => {}
        Sort::Updated => fitting.sort_by_key(|issue| issue.updated_at),
        Sort::Comments => fitting.sort_by_key(|issue| issue.comments),
    }
    if filter.direction == Direction::Desc {
        fitting.reverse();
    }
    let page = Page::of(call, fitting.into_iter())?;
    Ok(page.answer(|issue| render::issue::Issue::of(call.state, repository, issue)))
}

fn fits(call: &Call<'_>, issue: &Issue, filter: &Filter) -> bool {
    let Ok(repository) = call.repository() else { return false };
    let person = |login: &str| call.state.accounts.named(login).map(|account| account.id);
    let standing = match filter.state {
        Which::All => true,
        Which::Open => issue.is_open(),
        Which::Closed => !issue.is_open(),
    };
    let labels = filter
        .labels
        .split(',')
        .filter(|name| !name.is_empty())
        .all(|name| repository.issues.label(name.trim()).is_some_and(|label| issue.labels.contains(&label.id)));
    let assigned = match filter.assignee.as_deref() {
        None => true,
        Some("*") => !issue.assignees.is_empty(),
        Some("none") => issue.assignees.is_empty(),
        Some(login) => person(login).is_some_and(|id| issue.assignees.contains(&id)),
    };
    let created = filter.creator.as_deref().is_none_or(|login| person(login) == Some(issue.author));
    let since = filter.since.as_deref().and_then(Moment::parse).is_none_or(|since| issue.updated_at >= since);
    standing && labels && assigned && created && since
}

#[derive(Deserialize)]
struct New {
    title: Option<Title>,
    body: Option<String>,
    #[serde(default)]
    labels: Vec<LabelName>,
    #[serde(default)]
    assignees: Vec<String>,
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
        milestone: None,
        locked: false,
        comments: 0,
        created_at: now,
        updated_at: now,
        is_pull_request: false,
    };
    repository.issues.issues.insert(number, issue);
    repository.touch(now);
    tell_new(call, number)?;
    let repository = call.repository()?;
    let issue = repository.issues.get(number).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&render::issue::Issue::of(call.state, repository, issue)))
}

/// An issue that begins with labels and assignees tells of each of them, as on GitHub.
fn tell_new(call: &mut Call<'_>, number: Number) -> Result<(), Refusal> {
    tell(call, "opened", number)?;
    let issue = call.repository()?.issues.get(number).ok_or_else(Refusal::not_found)?;
    let (labels, assignees) = (issue.labels.clone(), issue.assignees.clone());
    for label in labels {
        tell_label(call, "labeled", number, label)?;
    }
    for person in assignees {
        tell_assignee(call, "assigned", number, person)?;
    }
    Ok(())
}

/// Tells that something happened to an issue; `fields` adds what is the action's own. What happens to a pull request is
/// told as the pull request's.
fn emit(
    call: &mut Call<'_>,
    action: &'static str,
    number: Number,
    fields: impl Fn(&State, &mut Payload),
) -> Result<(), Refusal> {
    if call.repository()?.pulls.get(number).is_some() {
        let event = call.event("pull_request", action)?;
        call.state.tell_pull(event, number, fields);
        return Ok(());
    }
    let event = call.event("issues", action)?;
    call.state.emit(event, |state, payload| {
        let Some(repository) = state.repositories.get(event.repository) else { return };
        if let Some(issue) = repository.issues.get(number) {
            payload.field("issue", &render::issue::Issue::of(state, repository, issue));
        }
        fields(state, payload);
    });
    Ok(())
}

/// The same, where the action has nothing of its own.
pub(super) fn tell(call: &mut Call<'_>, action: &'static str, number: Number) -> Result<(), Refusal> {
    emit(call, action, number, |_, _| {})
}

/// Tells that an issue got or lost a label.
pub(super) fn tell_label(
    call: &mut Call<'_>,
    action: &'static str,
    number: Number,
    label: LabelId,
) -> Result<(), Refusal> {
    let repository = call.repository_id()?;
    emit(call, action, number, |state, payload| {
        let Some(repository) = state.repositories.get(repository) else { return };
        if let Some(label) = repository.issues.labels.get(&label) {
            payload.field("label", &render::label::Label::of(state, repository, label));
        }
    })
}

fn tell_assignee(call: &mut Call<'_>, action: &'static str, number: Number, person: AccountId) -> Result<(), Refusal> {
    emit(call, action, number, |state, payload| {
        if let Some(person) = render::user::of(state, person) {
            payload.field("assignee", person);
        }
    })
}

fn assignable(call: &Call<'_>, logins: &[String]) -> Result<BTreeSet<AccountId>, Refusal> {
    let repository = call.repository()?;
    logins
        .iter()
        .map(|login| {
            let person = call.state.accounts.named(login).map(|account| account.id);
            person
                .filter(|person| repository.role(*person).is_some())
                .ok_or_else(|| Refusal::invalid("Issue", "assignees", Code::Invalid))
        })
        .collect()
}

/// The labels of these names. GitHub makes a label that is not there.
pub(super) fn labels_named(call: &mut Call<'_>, names: &[LabelName]) -> Result<BTreeSet<LabelId>, Refusal> {
    let mut ids = BTreeSet::new();
    for name in names {
        let known = call.repository()?.issues.label(name.name()).map(|label| label.id);
        ids.insert(match known {
            Some(id) => id,
            None => new_label(call, name.name())?,
        });
    }
    Ok(ids)
}

fn new_label(call: &mut Call<'_>, name: &str) -> Result<LabelId, Refusal> {
    let id = LabelId(call.state.draw.id());
    let label = crate::world::issue::Label {
        id,
        name: name.to_owned(),
        color: "ededed".to_owned(),
        description: None,
        is_default: false,
    };
    call.repository_mut()?.issues.labels.insert(id, label);
    let event = call.event("label", "created")?;
    call.state.emit(event, |state, payload| {
        let Some(repository) = state.repositories.get(event.repository) else { return };
        if let Some(label) = repository.issues.labels.get(&id) {
            payload.field("label", &render::label::Label::of(state, repository, label));
        }
    });
    Ok(id)
}

#[derive(Deserialize)]
struct Change {
    title: Option<Title>,
    #[serde(default, deserialize_with = "given")]
    body: Option<Option<String>>,
    state: Option<Which>,
    state_reason: Option<Reason>,
    labels: Option<Vec<LabelName>>,
    assignees: Option<Vec<String>>,
}

/// `null` is not the same as nothing.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let change: Change = call.body()?;
    let number = named(call)?.number;
    let own = named(call)?.author == call.actor()?;
    if !own && !call.may(Permission::Issues, Access::Write) {
        return Err(Refusal::forbidden("Must have admin rights to Repository.").into());
    }
    let assignees = change.assignees.as_deref().map(|logins| assignable(call, logins)).transpose()?;
    let turn = pull_turn(call, number, change.state)?;
    edit(call, number, change.title.map(String::from), change.body)?;
    if let Some(names) = change.labels {
        let labels = labels_named(call, &names)?;
        set_labels(call, number, labels)?;
    }
    if let Some(people) = assignees {
        set_assignees(call, number, people)?;
    }
    if let Some(turn) = turn {
        pulls::make(call, number, turn)?;
    } else if let Some(which) = change.state {
        set_standing(call, number, which == Which::Open, change.state_reason.unwrap_or(Reason::Completed))?;
    }
    get(call)
}

/// What becomes of a pull request's standing, where the number is one's.
fn pull_turn(call: &Call<'_>, number: Number, wanted: Option<Which>) -> Result<Option<pulls::Turn>, Refusal> {
    let pull = call.repository()?.pull(number);
    pull.zip(wanted).map(|(pull, wanted)| pulls::turn(call, pull, wanted == Which::Open)).transpose()
}

fn issue_mut<'a>(call: &'a mut Call<'_>, number: Number) -> Result<&'a mut Issue, Refusal> {
    let now = call.state.now;
    let repository = call.repository_mut()?;
    repository.touch(now);
    let issue = repository.issues.issues.get_mut(&number).ok_or_else(Refusal::not_found)?;
    issue.updated_at = now;
    Ok(issue)
}

#[derive(serde::Serialize)]
struct Before<'a> {
    from: &'a str,
}

#[derive(Default, serde::Serialize)]
struct Changes<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Before<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Before<'a>>,
}

fn edit(
    call: &mut Call<'_>,
    number: Number,
    title: Option<String>,
    body: Option<Option<String>>,
) -> Result<(), Refusal> {
    let issue = issue_mut(call, number)?;
    let title = title.filter(|title| *title != issue.title).map(|title| std::mem::replace(&mut issue.title, title));
    let body = body.filter(|body| *body != issue.body).map(|body| std::mem::replace(&mut issue.body, body));
    if title.is_none() && body.is_none() {
        return Ok(());
    }
    let body = body.map(Option::unwrap_or_default);
    emit(call, "edited", number, |_, payload| {
        let title = title.as_deref().map(|from| Before { from });
        let body = body.as_deref().map(|from| Before { from });
        payload.field("changes", &Changes { title, body });
    })
}

/// Gives an issue exactly these labels, and tells of each that came or went.
pub(super) fn set_labels(call: &mut Call<'_>, number: Number, labels: BTreeSet<LabelId>) -> Result<(), Refusal> {
    let before = std::mem::replace(&mut issue_mut(call, number)?.labels, labels.clone());
    for gone in before.difference(&labels) {
        tell_label(call, "unlabeled", number, *gone)?;
    }
    for new in labels.difference(&before) {
        tell_label(call, "labeled", number, *new)?;
    }
    Ok(())
}

/// Gives an issue exactly these assignees, and tells of each that came or went.
pub(super) fn set_assignees(call: &mut Call<'_>, number: Number, people: BTreeSet<AccountId>) -> Result<(), Refusal> {
    let before = std::mem::replace(&mut issue_mut(call, number)?.assignees, people.clone());
    for gone in before.difference(&people) {
        tell_assignee(call, "unassigned", number, *gone)?;
    }
    for new in people.difference(&before) {
        tell_assignee(call, "assigned", number, *new)?;
    }
    Ok(())
}

fn set_standing(call: &mut Call<'_>, number: Number, open: bool, reason: Reason) -> Result<(), Refusal> {
    let (by, at) = (call.actor()?, call.state.now);
    let issue = issue_mut(call, number)?;
    if issue.is_open() == open {
        return Ok(());
    }
    issue.standing = if open { Standing::Open { reopened: true } } else { Standing::Closed { at, by, reason } };
    tell(call, if open { "reopened" } else { "closed" }, number)
}
