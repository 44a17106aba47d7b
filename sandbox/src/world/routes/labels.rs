//! Labels: a repository's, and those that issues bear.

use std::collections::BTreeSet;

use http::Method;
use serde::{Deserialize, Serialize};

use super::issues::{
    LabelName, named,
    triage::{add_label, labels_named, set_labels},
};
use crate::world::{
    answer::{self, Answer},
    before::{Before, replaced},
    call::Call,
    given::given,
    id::LabelId,
    issue::Label,
    page::Page,
    permission::Permission,
    refusal::{Code, Refusal, Stop},
    render,
    router::{Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/labels", read(Permission::Issues), list),
    route(Method::POST, "/repos/{owner}/{repo}/labels", write(Permission::Issues), create),
    route(Method::GET, "/repos/{owner}/{repo}/labels/{name}", read(Permission::Issues), get),
    route(Method::PATCH, "/repos/{owner}/{repo}/labels/{name}", write(Permission::Issues), update),
    route(Method::DELETE, "/repos/{owner}/{repo}/labels/{name}", write(Permission::Issues), delete),
    route(Method::GET, "/repos/{owner}/{repo}/issues/{issue_number}/labels", read(Permission::Issues), borne),
    route(Method::POST, "/repos/{owner}/{repo}/issues/{issue_number}/labels", write(Permission::Issues), add),
    route(Method::PUT, "/repos/{owner}/{repo}/issues/{issue_number}/labels", write(Permission::Issues), set),
    route(Method::DELETE, "/repos/{owner}/{repo}/issues/{issue_number}/labels", write(Permission::Issues), clear),
    route(
        Method::DELETE,
        "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}",
        write(Permission::Issues),
        remove,
    ),
];

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let page = Page::of(call, repository.issues.labels.values())?;
    Ok(page.answer(|label| render::label::Label::of(call.state, repository, label)))
}

/// The label that the path names.
fn label<'a>(call: &'a Call<'_>) -> Result<&'a Label, Refusal> {
    call.repository()?.issues.label(call.text("name")?).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::label::Label::of(call.state, call.repository()?, label(call)?)))
}

fn shown(call: &Call<'_>, id: LabelId) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let label = repository.issues.labels.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&render::label::Label::of(call.state, repository, label)))
}

#[derive(Deserialize)]
struct New {
    name: Option<String>,
    color: Option<String>,
    description: Option<String>,
}

/// A name that no other label has.
fn fresh(call: &Call<'_>, name: String, own: Option<LabelId>) -> Result<String, Refusal> {
    if name.trim().is_empty() {
        return Err(Refusal::invalid("Label", "name", Code::MissingField));
    }
    match call.repository()?.issues.label(&name).filter(|label| Some(label.id) != own) {
        Some(_) => Err(Refusal::invalid("Label", "name", Code::AlreadyExists)),
        None => Ok(name),
    }
}

fn color(given: &str) -> Result<String, Refusal> {
    let plain = given.len() == 6 && given.bytes().all(|digit| digit.is_ascii_hexdigit());
    plain.then(|| given.to_ascii_lowercase()).ok_or_else(|| Refusal::invalid("Label", "color", Code::Invalid))
}

/// GitHub tells nothing longer.
const LONGEST: usize = 100;

fn described(text: Option<String>) -> Result<Option<String>, Refusal> {
    match text {
        Some(text) if text.chars().count() > LONGEST => {
            Err(Refusal::custom("Label", "description", "description is too long (maximum is 100 characters)"))
        }
        text => Ok(text),
    }
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let New { name, color: wanted, description } = call.body()?;
    let name = fresh(call, name.unwrap_or_default(), None)?;
    let color = color(wanted.as_deref().unwrap_or("ededed"))?;
    let description = described(description)?;
    let id = LabelId(call.state.draw.id());
    add_label(call, Label { id, name, color, description, is_default: false })?;
    let mut answer = shown(call, id)?;
    *answer.status_mut() = http::StatusCode::CREATED;
    Ok(answer)
}

#[derive(Deserialize)]
struct Change {
    new_name: Option<String>,
    color: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
}

/// What a label was before.
#[derive(Default, Serialize)]
struct Changes {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Before<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Before<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Before<String>>,
}

fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let change: Change = call.body()?;
    let id = label(call)?.id;
    let name = change.new_name.map(|name| fresh(call, name, Some(id))).transpose()?;
    let color = change.color.as_deref().map(color).transpose()?;
    let description = change.description.map(described).transpose()?;
    let label = call.repository_mut()?.issues.labels.get_mut(&id).ok_or_else(Refusal::not_found)?;
    let changes = Changes {
        name: replaced(&mut label.name, name),
        color: replaced(&mut label.color, color),
        description: replaced(&mut label.description, description).map(Before::or_default),
    };
    tell(call, "edited", id, Some(&changes))?;
    shown(call, id)
}

fn tell(call: &mut Call<'_>, action: &'static str, id: LabelId, changes: Option<&Changes>) -> Result<(), Refusal> {
    call.tell("label", action, changes, |state, repository, payload| {
        if let Some(label) = repository.issues.labels.get(&id) {
            payload.field("label", &render::label::Label::of(state, repository, label));
        }
    })
}

/// Issues that bear it lose it without a word of their own, as on GitHub.
fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = label(call)?.id;
    tell(call, "deleted", id, None)?;
    let issues = &mut call.repository_mut()?.issues;
    issues.labels.remove(&id);
    for issue in issues.issues.values_mut() {
        issue.labels.remove(&id);
    }
    Ok(answer::no_content())
}

fn borne(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let own = named(call)?.labels.iter().filter_map(|id| repository.issues.labels.get(id));
    Ok(Page::of(call, own)?.answer(|label| render::label::Label::of(call.state, repository, label)))
}

/// All labels of the issue, after a change.
fn all(call: &Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::issue::labels(call.state, call.repository()?, named(call)?)))
}

/// GitHub takes a list, and a list in an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wanted {
    Bare(Vec<LabelName>),
    Inside {
        #[serde(default)]
        labels: Vec<LabelName>,
    },
}

fn wanted(call: &mut Call<'_>) -> Result<BTreeSet<LabelId>, Refusal> {
    let (Wanted::Bare(names) | Wanted::Inside { labels: names }) = call.body()?;
    if names.iter().any(|label| label.name().trim().is_empty()) {
        return Err(Refusal::invalid("Label", "name", Code::MissingField));
    }
    named(call)?;
    labels_named(call, &names)
}

fn add(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let mut labels = wanted(call)?;
    labels.extend(&named(call)?.labels);
    let number = named(call)?.number;
    set_labels(call, number, labels)?;
    all(call)
}

fn set(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let labels = wanted(call)?;
    let number = named(call)?.number;
    set_labels(call, number, labels)?;
    all(call)
}

fn clear(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let number = named(call)?.number;
    set_labels(call, number, BTreeSet::new())?;
    Ok(answer::no_content())
}

fn remove(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (number, mut labels) = (named(call)?.number, named(call)?.labels.clone());
    let missing = || Refusal::new(http::StatusCode::NOT_FOUND, "Label does not exist");
    let id = call.repository()?.issues.label(call.text("name")?).ok_or_else(missing)?.id;
    if !labels.remove(&id) {
        return Err(missing().into());
    }
    set_labels(call, number, labels)?;
    all(call)
}
