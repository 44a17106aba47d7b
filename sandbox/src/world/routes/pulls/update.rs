//! Editing, closing and reopening a pull request.

use serde::Deserialize;

use super::{create::aimed_at, named, shown};
use crate::{
    object::Oid,
    world::{
        answer::Answer,
        before::{Before, replaced},
        call::Call,
        given::given,
        id::Number,
        permission::{Access, Permission},
        pull::{Base, Whole, event},
        refusal::{Code, Refusal, Stop},
        render::pull::Changes,
    },
};

#[derive(Deserialize)]
struct Change {
    title: Option<String>,
    #[serde(default, deserialize_with = "given")]
    body: Option<Option<String>>,
    state: Option<Wanted>,
    base: Option<String>,
    maintainer_can_modify: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Open,
    Closed,
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let change: Change = call.body()?;
    let number = own(call)?;
    if change.title.as_deref().is_some_and(|title| title.trim().is_empty()) {
        return Err(Refusal::invalid("PullRequest", "title", Code::MissingField).into());
    }
    let base = change.base.map(|base| new_base(call, &base)).transpose()?.flatten();
    let standing = change.state.map(|wanted| turn(call, named(call)?, wanted == Wanted::Open)).transpose()?;
    let (repository, by) = (call.repository_id()?, call.actor()?);
    edit(call, number, change.title, change.body)?;
    if let Some((pull, _)) = call.state.pull_mut(repository, number) {
        let from_fork = pull.head.repository != repository;
        pull.maintainer_can_modify = from_fork && change.maintainer_can_modify.unwrap_or(pull.maintainer_can_modify);
    }
    if let Some(base) = base {
        call.state.aim_and_tell(repository, number, base, by);
    }
    if let Some(turn) = standing {
        make(call, number, turn)?;
    }
    shown(call)
}

/// What becomes of its standing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::world::routes) enum Turn {
    /// It stands so already.
    Stay,
    Close,
    /// Its head is here now.
    Reopen(Oid),
}

pub(in crate::world::routes) fn make(call: &mut Call<'_>, number: Number, turn: Turn) -> Result<(), Refusal> {
    let (repository, by) = (call.repository_id()?, call.actor()?);
    match turn {
        Turn::Stay => {}
        Turn::Close => call.state.close_pull(repository, number, by),
        Turn::Reopen(head) => call.state.reopen_pull(repository, number, by, head),
    }
    Ok(())
}

/// Its author's, or who may push.
fn own(call: &Call<'_>) -> Result<Number, Refusal> {
    let whole = named(call)?;
    if whole.issue.author == call.actor()? || call.may(Permission::PullRequests, Access::Write) {
        return Ok(whole.pull.number);
    }
    Err(Refusal::forbidden("Must have admin rights to Repository."))
}

fn new_base(call: &Call<'_>, branch: &str) -> Result<Option<Base>, Refusal> {
    let whole = named(call)?;
    let base =
        aimed_at(whole.repository, branch).ok_or_else(|| Refusal::invalid("PullRequest", "base", Code::Invalid))?;
    if base.branch == whole.pull.base.branch {
        return Ok(None);
    }
    if !whole.issue.is_open() {
        let message = "Cannot change the base branch of a closed pull request.";
        return Err(Refusal::custom("PullRequest", "base", message));
    }
    let head = &whole.pull.head;
    if call.state.objects.is_ancestor(head.sha, base.sha) {
        return Err(Refusal::custom("PullRequest", "base", nothing_new(&base.branch, &head.branch)));
    }
    if has_another(call, whole, &base.branch) {
        let branches = format!("base branch '{}' and head branch '{}'", base.branch, head.branch);
        let message = format!("A pull request already exists for {branches}");
        return Err(Refusal::custom("PullRequest", "base", message));
    }
    Ok(Some(base))
}

/// Whether it can be opened or closed.
pub(in crate::world::routes) fn turn(call: &Call<'_>, whole: Whole<'_>, open: bool) -> Result<Turn, Refusal> {
    match (open, whole.issue.is_open()) {
        (true, true) | (false, false) => return Ok(Turn::Stay),
        (false, true) => return Ok(Turn::Close),
        (true, false) => {}
    }
    let head = &whole.pull.head;
    let base = &whole.pull.base.branch;
    let there = call.state.repositories.get(head.repository).and_then(|there| there.branch(&head.branch));
    let fault = match (there, whole.repository.branch(base)) {
        _ if whole.pull.merge.is_some() => "The pull request cannot be reopened.".to_owned(),
        (None, _) => format!("The {} branch has been deleted.", head.branch),
        (_, None) => format!("The {base} branch has been deleted."),
        (Some(tip), Some(base_tip)) if call.state.objects.is_ancestor(tip, base_tip) => nothing_new(base, &head.branch),
        _ if has_another(call, whole, base) => {
            format!("A pull request already exists for {}:{}.", call.state.login(head.owner), head.branch)
        }
        (Some(tip), Some(_)) => return Ok(Turn::Reopen(tip)),
    };
    Err(Refusal::custom("PullRequest", "state", format!("state cannot be changed. {fault}")))
}

fn nothing_new(base: &str, head: &str) -> String {
    format!("There are no new commits between base branch '{base}' and head branch '{head}'")
}

/// Whether another open pull request brings the same branch there.
fn has_another(call: &Call<'_>, whole: Whole<'_>, base: &str) -> bool {
    let head = &whole.pull.head;
    let open = call.state.open_pulls.of_head(head.repository, &head.branch).into_iter();
    let mut others = open.filter(|(there, number)| *there == whole.repository.id && *number != whole.pull.number);
    others.any(|(_, number)| whole.repository.pulls.get(number).is_some_and(|other| other.base.branch == base))
}

fn edit(
    call: &mut Call<'_>,
    number: Number,
    title: Option<String>,
    body: Option<Option<String>>,
) -> Result<(), Refusal> {
    let (repository, by) = (call.repository_id()?, call.actor()?);
    let (_, issue) = call.state.pull_mut(repository, number).ok_or_else(Refusal::not_found)?;
    let title = replaced(&mut issue.title, title);
    let body = replaced(&mut issue.body, body).map(Before::or_default);
    if title.is_some() || body.is_some() {
        let changes = Changes { title, body, ..Changes::default() };
        let edited = event("edited", repository, by);
        call.state.tell_pull(edited, number, |_, payload| payload.field("changes", &changes));
    }
    Ok(())
}
