//! A branch that is merged into another without a pull request.

use http::{Method, StatusCode};
use serde::Deserialize;

use crate::{
    object::Oid,
    world::{
        answer::{self, Answer},
        call::Call,
        moving::Denied,
        permission::Permission,
        question::{Merged, Question},
        refusal::{Refusal, Stop},
        render::commit::Commit,
        router::{Route, route, write},
        writing::Draft,
    },
};

pub(super) const ROUTES: &[Route] =
    &[route(Method::POST, "/repos/{owner}/{repo}/merges", write(Permission::Contents), create)];

#[derive(Deserialize)]
struct Wish {
    base: String,
    head: String,
    commit_message: Option<String>,
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wish: Wish = call.body()?;
    let repository = call.repository()?;
    let missing = |which: &str| Refusal::new(StatusCode::NOT_FOUND, format!("{which} does not exist"));
    let ours = repository.branch(&wish.base).ok_or_else(|| missing("Base"))?;
    let theirs = call.state.committed(repository, &wish.head).ok_or_else(|| missing("Head"))?;
    if call.state.objects.is_ancestor(theirs, ours) {
        return Ok(answer::no_content());
    }
    let question = Question::Merge { repository: repository.id, ours, theirs };
    let Merged::Tree(tree) = *call.state.merged(question)? else {
        return Err(Refusal::new(StatusCode::CONFLICT, "Merge conflict").into());
    };
    let merge = merge(call, wish, vec![ours, theirs], tree)?;
    let commit = Commit::of(call.state, call.repository()?, merge).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&commit))
}

fn merge(call: &mut Call<'_>, wish: Wish, parents: Vec<Oid>, tree: Oid) -> Result<Oid, Refusal> {
    let Wish { base, head, commit_message } = wish;
    let message = commit_message.unwrap_or_else(|| format!("Merge {head} into {base}"));
    let author = call.state.signature(call.actor()?);
    let draft = Draft { branch: base, parents, tree, message, committer: author.clone(), author };
    call.commit(draft).map_err(|denied| match denied {
        Denied::Declined(declined) => Refusal::forbidden(declined.message()),
        Denied::Refused(refusal) => refusal,
    })
}
