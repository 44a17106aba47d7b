//! Merging pull requests, and bringing their branches up to date.

use http::{Method as Verb, StatusCode};
use serde::{Deserialize, Serialize};

use super::pulls::named;
use crate::{
    object::Oid,
    world::{
        answer::{self, Answer},
        call::Call,
        merge::{Asked, Method, Prepared},
        permission::{Access, Permission},
        pull::Whole,
        refusal::{Refusal, Stop},
        render::repository,
        router::{Needs, Route, route, write},
    },
};

pub(super) const ROUTES: &[Route] = &[
    route(Verb::PUT, "/repos/{owner}/{repo}/pulls/{pull_number}/merge", write(Permission::Contents), merge),
    route(
        Verb::PUT,
        "/repos/{owner}/{repo}/pulls/{pull_number}/update-branch",
        Needs::Open(Permission::PullRequests),
        update_branch,
    ),
];

#[derive(Deserialize)]
struct Wanted {
    commit_title: Option<String>,
    commit_message: Option<String>,
    sha: Option<String>,
    #[serde(default)]
    merge_method: Method,
}

#[derive(Serialize)]
struct Merged {
    sha: Oid,
    merged: bool,
    message: &'static str,
}

fn merge(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wanted: Wanted = call.body()?;
    let (repository, by) = (call.repository_id()?, call.actor()?);
    let number = named(call)?.pull.number;
    may_be_merged(call, &wanted)?;
    let method = wanted.merge_method;
    let prepared = call.state.prepare_merge(repository, number, method)?;
    if matches!(prepared, Prepared::Conflict) {
        return Err(unmergeable(match method {
            Method::Rebase
                if call.state.pull(repository, number).and_then(|it| call.state.mergeable(it)) == Some(true) =>
            {
                "This branch can't be rebased"
            }
            _ => "Pull Request is not mergeable",
        })
        .into());
    }
    let asked = Asked { method, title: wanted.commit_title, message: wanted.commit_message };
    let sha = call.state.merge(repository, number, by, &prepared, asked).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&Merged { sha, merged: true, message: "Pull Request successfully merged" }))
}

fn unmergeable(message: &str) -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message)
}

fn may_be_merged(call: &Call<'_>, wanted: &Wanted) -> Result<(), Refusal> {
    let whole = named(call)?;
    if !whole.issue.is_open() {
        return Err(unmergeable("Pull Request is not mergeable"));
    }
    if whole.pull.draft {
        return Err(unmergeable("Pull Request is still a draft"));
    }
    if wanted.sha.as_ref().is_some_and(|sha| *sha != whole.pull.head.sha.to_string()) {
        return Err(Refusal::new(StatusCode::CONFLICT, "Head branch was modified. Review and try the merge again."));
    }
    if !wanted.merge_method.is_allowed(whole.repository) {
        return Err(unmergeable(match wanted.merge_method {
            Method::Merge => "Merge commits are not allowed on this repository.",
            Method::Squash => "Squash merges are not allowed on this repository.",
            Method::Rebase => "Rebase merges are not allowed on this repository.",
        }));
    }
    call.state.policy(whole, wanted.merge_method, &call.who).map_or(Ok(()), |refusal| Err(unmergeable(&refusal)))
}

#[derive(Deserialize)]
struct Expected {
    expected_head_sha: Option<String>,
}

#[derive(Serialize)]
struct Updating {
    message: &'static str,
    url: String,
}

fn update_branch(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let expected: Expected = call.body()?;
    let by = call.actor()?;
    let whole = named(call)?;
    may_be_updated(call, whole, &expected)?;
    let (repository, number) = (whole.repository.id, whole.pull.number);
    if call.state.update_branch(repository, number, by)?.is_none() {
        return Err(Refusal::unprocessable("merge conflict between base and head").into());
    }
    let url = format!("{}/pulls/{number}", repository::url(call.state, call.repository()?));
    let updating = Updating { message: "Updating pull request branch.", url };
    Ok(answer::json(StatusCode::ACCEPTED, &updating))
}

fn may_be_updated(call: &Call<'_>, whole: Whole<'_>, expected: &Expected) -> Result<(), Refusal> {
    let head = &whole.pull.head;
    let there = call.state.repositories.get(head.repository).filter(|there| there.branch(&head.branch).is_some());
    let there = there.filter(|_| whole.issue.is_open()).ok_or_else(|| Refusal::unprocessable("head branch is gone"))?;
    let modifiable = whole.pull.maintainer_can_modify && call.may(Permission::Contents, Access::Write);
    if !modifiable && !call.state.may(&call.who, there, Permission::Contents, Access::Write) {
        return Err(Refusal::forbidden("You don't have permission to push to the head branch."));
    }
    if expected.expected_head_sha.as_ref().is_some_and(|sha| *sha != head.sha.to_string()) {
        return Err(Refusal::unprocessable("expected head sha didn’t match current head ref."));
    }
    if call.state.objects.is_ancestor(whole.base_tip(), head.sha) {
        return Err(Refusal::unprocessable("There are no new commits on the base branch."));
    }
    Ok(())
}
