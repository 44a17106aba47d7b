//! Commit statuses.

use http::Method;
use serde::Deserialize;

use super::check_suites::commit;
use crate::world::{
    answer::{self, Answer},
    call::Call,
    event::Event,
    id::StatusId,
    page::Page,
    permission::Permission,
    refusal::{Code, Refusal, Stop},
    render::{self, repository::card},
    router::{Route, read, route, write},
    status::{Status, Word},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::POST, "/repos/{owner}/{repo}/statuses/{sha}", write(Permission::Statuses), create),
    route(Method::GET, "/repos/{owner}/{repo}/commits/{ref}/statuses", read(Permission::Statuses), list),
    route(Method::GET, "/repos/{owner}/{repo}/commits/{ref}/status", read(Permission::Statuses), combined),
];

#[derive(Deserialize)]
struct New {
    state: Option<Word>,
    target_url: Option<String>,
    description: Option<String>,
    context: Option<String>,
}

/// GitHub's limits.
const LONGEST: usize = 140;
const MOST: usize = 1000;

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let new: New = call.body()?;
    let word = new.state.ok_or_else(|| Refusal::invalid("Status", "state", Code::MissingField))?;
    lawful(&new)?;
    let sha = call.text("sha")?;
    let commit = call.commit_of_sha(sha)?;
    let context = new.context.filter(|context| !context.is_empty()).unwrap_or_else(|| "default".to_owned());
    let known = call.repository()?.statuses.of(commit);
    if known.iter().filter(|status| status.context == context).count() >= MOST {
        let full = "This SHA and context has reached the maximum number of statuses.";
        return Err(Refusal::unprocessable(full).into());
    }
    let creator = call.actor()?;
    let New { target_url, description, .. } = new;
    let (id, at) = (StatusId(call.state.draw.id()), call.state.now);
    let status = Status { id, commit, context, word, description, target_url, creator, at };
    call.repository_mut()?.statuses.add(status.clone());
    let event = Event { name: "status", action: None, repository: call.repository_id()?, sender: creator };
    call.state.emit(event, |state, payload| {
        if let Some(at) = state.repositories.get(event.repository) {
            render::status::tell(state, at, &status, payload);
        }
    });
    Ok(answer::created(&render::status::Whole::of(call.state, call.repository()?, &status)))
}

fn lawful(new: &New) -> Result<(), Refusal> {
    if new.description.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
        let said = format!("description is too long (maximum is {LONGEST} characters)");
        return Err(Refusal::custom("Status", "description", said));
    }
    let web = |url: &String| url.is_empty() || url.starts_with("http://") || url.starts_with("https://");
    match new.target_url.as_ref().is_none_or(web) {
        true => Ok(()),
        false => Err(Refusal::custom("Status", "target_url", "target_url must use http(s) scheme")),
    }
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (commit, at) = (commit(call)?, call.repository()?);
    let page = Page::of(call, at.statuses.of(commit).iter().rev())?;
    Ok(page.answer(|status| render::status::Whole::of(call.state, at, status)))
}

fn combined(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (sha, at) = (commit(call)?, call.repository()?);
    let latest = at.statuses.latest(sha);
    let state = render::status::together(latest.values().copied());
    let page = Page::of(call, latest.into_values())?;
    let commit_url = format!("{}/commits/{sha}", render::repository::url(call.state, at));
    let (repository, total_count, url) = (card(call.state, at), page.total, format!("{commit_url}/status"));
    Ok(page.enclosed(|statuses| render::status::Combined {
        state,
        statuses: statuses.into_iter().map(|status| render::status::Simple::of(call.state, at, status)).collect(),
        sha,
        total_count,
        repository,
        commit_url,
        url,
    }))
}
