//! Milestones.

use std::collections::BTreeSet;

use http::Method;
use serde::{Deserialize, Serialize};

use super::issues::filter::{Direction, Which};
use crate::world::{
    answer::{self, Answer},
    before::{Before, replaced},
    call::Call,
    given::given,
    id::{LabelId, MilestoneId, Number},
    milestone::Milestone,
    moment::Moment,
    page::Page,
    permission::Permission,
    refusal::{Code, Refusal, Stop},
    render,
    router::{Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/milestones", read(Permission::Issues), list),
    route(Method::POST, "/repos/{owner}/{repo}/milestones", write(Permission::Issues), create),
    route(Method::GET, "/repos/{owner}/{repo}/milestones/{milestone_number}", read(Permission::Issues), get),
    route(Method::PATCH, "/repos/{owner}/{repo}/milestones/{milestone_number}", write(Permission::Issues), update),
    route(Method::DELETE, "/repos/{owner}/{repo}/milestones/{milestone_number}", write(Permission::Issues), delete),
    route(Method::GET, "/repos/{owner}/{repo}/milestones/{milestone_number}/labels", read(Permission::Issues), labels),
];

#[derive(Deserialize)]
#[serde(default)]
struct Filter {
    state: Which,
    sort: Sort,
    direction: Direction,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    DueOn,
    Completeness,
}

impl Default for Filter {
    fn default() -> Self {
        Self { state: Which::Open, sort: Sort::DueOn, direction: Direction::Asc }
    }
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let filter: Filter = call.query()?;
    let repository = call.repository()?;
    let fits = |milestone: &&Milestone| match filter.state {
        Which::All => true,
        Which::Open => milestone.closed_at.is_none(),
        Which::Closed => milestone.closed_at.is_some(),
    };
    let mut fitting: Vec<&Milestone> = repository.issues.milestones.values().filter(fits).collect();
    match filter.sort {
        // What is due at no time comes last.
        Sort::DueOn => fitting.sort_by_key(|milestone| (milestone.due_on.is_none(), milestone.due_on)),
        Sort::Completeness => fitting.sort_by_key(|milestone| {
            let (open, closed) = repository.issues.in_milestone(milestone.number);
            (closed * 1_000).checked_div(open + closed).unwrap_or(0)
        }),
    }
    if filter.direction == Direction::Desc {
        fitting.reverse();
    }
    let page = Page::of(call, fitting.into_iter())?;
    Ok(page.answer(|milestone| render::milestone::Milestone::of(call.state, repository, milestone)))
}

/// The milestone that the path names.
fn named<'a>(call: &'a Call<'_>) -> Result<&'a Milestone, Refusal> {
    let number: Number = call.parameter("milestone_number")?;
    call.repository()?.issues.milestones.get(&number).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::milestone::Milestone::of(call.state, call.repository()?, named(call)?)))
}

#[derive(Deserialize)]
struct Wanted {
    title: Option<String>,
    state: Option<Which>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    due_on: Option<Option<String>>,
}

/// A title that no other milestone has.
fn fresh(call: &Call<'_>, title: String, own: Option<Number>) -> Result<String, Refusal> {
    if title.trim().is_empty() {
        return Err(Refusal::invalid("Milestone", "title", Code::MissingField));
    }
    let mut others = call.repository()?.issues.milestones.values().filter(|other| Some(other.number) != own);
    match others.any(|other| other.title == title) {
        true => Err(Refusal::invalid("Milestone", "title", Code::AlreadyExists)),
        false => Ok(title),
    }
}

fn due(text: Option<String>) -> Result<Option<Moment>, Refusal> {
    let parse =
        |text: String| Moment::parse(&text).ok_or_else(|| Refusal::invalid("Milestone", "due_on", Code::Invalid));
    text.map(parse).transpose()
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Wanted { title, state, description, due_on } = call.body()?;
    let title = fresh(call, title.unwrap_or_default(), None)?;
    let due_on = due(due_on.flatten())?;
    let (creator, now, id) = (call.actor()?, call.state.now, MilestoneId(call.state.draw.id()));
    let issues = &mut call.repository_mut()?.issues;
    issues.last_milestone = Number(issues.last_milestone.0 + 1);
    let number = issues.last_milestone;
    let milestone = Milestone {
        id,
        number,
        title,
        description: description.flatten(),
        creator,
        due_on,
        created_at: now,
        updated_at: now,
        closed_at: (state == Some(Which::Closed)).then_some(now),
    };
    issues.milestones.insert(number, milestone);
    tell(call, "created", number, None)?;
    let repository = call.repository()?;
    let made = repository.issues.milestones.get(&number).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&render::milestone::Milestone::of(call.state, repository, made)))
}

/// What a milestone was before.
#[derive(Default, Serialize)]
struct Changes {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Before<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Before<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<Before<String>>,
}

fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Wanted { title, state, description, due_on } = call.body()?;
    let (number, now) = (named(call)?.number, call.state.now);
    let title = title.map(|title| fresh(call, title, Some(number))).transpose()?;
    let due_on = due_on.map(due).transpose()?;
    let at = call.repository_mut()?.issues.milestones.get_mut(&number).ok_or_else(Refusal::not_found)?;
    at.updated_at = now;
    let title = replaced(&mut at.title, title);
    let description = replaced(&mut at.description, description).map(Before::or_default);
    let due_on = replaced(&mut at.due_on, due_on);
    let edited = title.is_some() || description.is_some() || due_on.is_some();
    let turned = state.filter(|wanted| (*wanted == Which::Closed) == at.closed_at.is_none());
    if let Some(wanted) = turned {
        at.closed_at = (wanted == Which::Closed).then_some(now);
    }
    let due_on = due_on.map(|before| Before { from: before.from.map(|at| at.to_string()).unwrap_or_default() });
    if edited {
        tell(call, "edited", number, Some(&Changes { title, description, due_on }))?;
    }
    if let Some(wanted) = turned {
        tell(call, if wanted == Which::Closed { "closed" } else { "opened" }, number, None)?;
    }
    get(call)
}

fn tell(call: &mut Call<'_>, action: &'static str, number: Number, changes: Option<&Changes>) -> Result<(), Refusal> {
    call.tell("milestone", action, changes, |state, repository, payload| {
        if let Some(milestone) = repository.issues.milestones.get(&number) {
            payload.field("milestone", &render::milestone::Milestone::of(state, repository, milestone));
        }
    })
}

/// Its issues stay.
fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let number = named(call)?.number;
    tell(call, "deleted", number, None)?;
    let issues = &mut call.repository_mut()?.issues;
    issues.milestones.remove(&number);
    let own = issues.issues.values_mut().filter(|issue| issue.milestone == Some(number));
    own.for_each(|issue| issue.milestone = None);
    Ok(answer::no_content())
}

/// Those that its issues bear.
fn labels(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (repository, number) = (call.repository()?, named(call)?.number);
    let own = repository.issues.issues.values().filter(|issue| issue.milestone == Some(number));
    let ids: BTreeSet<LabelId> = own.flat_map(|issue| issue.labels.iter().copied()).collect();
    let page = Page::of(call, ids.iter().filter_map(|id| repository.issues.labels.get(id)))?;
    Ok(page.answer(|label| render::label::Label::of(call.state, repository, label)))
}
