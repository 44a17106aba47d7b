//! Issues and pull requests are looked for, everywhere or among one's own.

use http::Method;
use serde::{Deserialize, Serialize};

use super::issues::filter::{Direction, Filter};
use crate::world::{
    answer::Answer,
    call::Call,
    issue::Issue,
    page::Page,
    query::Query,
    refusal::{Code, Refusal, Stop},
    render,
    repository::Repository,
    router::{Needs, Route, route},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/search/issues", Needs::Nothing, search),
    route(Method::GET, "/issues", Needs::Account, own),
    route(Method::GET, "/user/issues", Needs::Account, own),
];

#[derive(Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    sort: Option<Sort>,
    order: Direction,
}

impl Default for Asked {
    fn default() -> Self {
        Self { q: String::new(), sort: None, order: Direction::Desc }
    }
}

/// Other orders than these have nothing to order by: nobody reacts here.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Comments,
    Created,
    Updated,
    #[serde(other)]
    Other,
}

type Found<'a> = (&'a Repository, &'a Issue);

#[derive(Serialize)]
struct Item<'a> {
    #[serde(flatten)]
    issue: render::issue::Issue<'a>,
    score: f32,
}

#[derive(Serialize)]
struct Results<'a> {
    total_count: usize,
    incomplete_results: bool,
    items: Vec<Item<'a>>,
    search_type: &'static str,
}

fn search(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Asked { q, sort, order } = call.query()?;
    if q.trim().is_empty() {
        return Err(Refusal::invalid("Search", "q", Code::Missing).into());
    }
    let query = Query::parse(&q);
    let mut found: Vec<Found<'_>> =
        reached(call, &query).filter(|(at, issue)| query.fits(call.state, at, issue)).collect();
    match sort {
        Some(Sort::Comments) => found.sort_by_key(|(_, issue)| issue.comments),
        Some(Sort::Updated) => found.sort_by_key(|(_, issue)| issue.updated_at),
        Some(Sort::Created | Sort::Other) | None => found.sort_by_key(|(_, issue)| (issue.created_at, issue.id)),
    }
    if order == Direction::Desc {
        found.reverse();
    }
    let page = Page::of(call, found.into_iter())?;
    let total_count = page.total;
    let item = |(at, issue)| Item { issue: render::issue::Issue::found(call.state, at, issue), score: 1.0 };
    Ok(page.enclosed(|found| Results {
        total_count,
        incomplete_results: false,
        items: found.into_iter().map(item).collect(),
        search_type: "lexical",
    }))
}

/// The issues among which is looked: of the repositories that are named, or of all that may be seen.
fn reached<'a>(call: &'a Call<'_>, query: &Query) -> impl Iterator<Item = Found<'a>> {
    let repositories: Vec<&Repository> = match query.repositories(call.state) {
        Some(named) => named,
        None => call.state.repositories.iter().collect(),
    };
    let seen = repositories.into_iter().filter(|at| call.state.sees(&call.who, at));
    seen.flat_map(|at| at.issues.issues.values().map(move |issue| (at, issue)))
}

/// Whose issues are meant.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mine {
    Assigned,
    Created,
    Mentioned,
    Subscribed,
    Repos,
    All,
}

#[derive(Deserialize)]
struct Whose {
    filter: Option<Mine>,
}

fn own(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (person, filter): (_, Filter) = (call.actor()?, call.query()?);
    let whose = call.query::<Whose>()?.filter.unwrap_or(Mine::Assigned);
    let login = format!("@{}", call.state.login(person));
    let mine = |at: &Repository, issue: &Issue| match whose {
        Mine::Assigned => issue.assignees.contains(&person),
        Mine::Created => issue.author == person,
        Mine::Mentioned => issue.body.as_deref().is_some_and(|body| body.contains(&login)),
        Mine::Subscribed | Mine::Repos | Mine::All => at.owner == person || at.collaborators.contains_key(&person),
    };
    let seen = call.state.repositories.iter().filter(|at| call.state.sees(&call.who, at));
    let all = seen.flat_map(|at| at.issues.issues.values().map(move |issue| (at, issue)));
    let mut found: Vec<Found<'_>> =
        all.filter(|(at, issue)| mine(at, issue) && filter.fits(call.state, at, issue)).collect();
    filter.sort_by(&mut found, |(_, issue)| *issue);
    let page = Page::of(call, found.into_iter())?;
    Ok(page.answer(|(at, issue)| render::issue::Issue::abroad(call.state, at, issue)))
}
