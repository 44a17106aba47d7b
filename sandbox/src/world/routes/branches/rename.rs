//! A branch gets another name, and with it what is aimed at it and what protects it.

use http::StatusCode;
use serde::Deserialize;

use crate::{
    object::Oid,
    world::{
        answer::{self, Answer},
        call::Call,
        moving::Denied,
        pull::Base,
        refusal::{Refusal, Stop},
        render::branch::Branch,
        routes::repositories::set_default_branch,
    },
};

#[derive(Deserialize)]
struct Wish {
    new_name: String,
}

/// What is to be renamed: it is there, and the principal may.
struct Renaming {
    old: String,
    new: String,
    tip: Oid,
    is_default: bool,
}

pub(super) fn rename(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wish: Wish = call.body()?;
    let renaming = renaming(call, wish.new_name)?;
    carry_out(call, &renaming)?;
    let repository = call.repository()?;
    let branch = Branch::of(call.state, repository, &renaming.new, renaming.tip).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&branch))
}

fn renaming(call: &Call<'_>, new: String) -> Result<Renaming, Refusal> {
    let (old, repository) = (call.text("branch")?.to_owned(), call.repository()?);
    let unknown = || Refusal::new(StatusCode::NOT_FOUND, "Branch not found");
    let tip = repository.branch(&old).ok_or_else(unknown)?;
    let is_default = repository.default_branch == old;
    if is_default || call.state.is_protected(repository, &old) {
        call.administers()?;
    }
    if repository.branch(&new).is_some() {
        return Err(Refusal::unprocessable(format!("Branch \"{new}\" already exists")));
    }
    call.may_move(&format!("refs/heads/{new}"), Some(tip)).map_err(Denied::unprocessable)?;
    Ok(Renaming { old, new, tip, is_default })
}

/// The new branch is there before the old one goes, so that nothing that names it is closed; but what was to be merged
/// from the old one is.
fn carry_out(call: &mut Call<'_>, renaming: &Renaming) -> Result<(), Refusal> {
    let Renaming { old, new, tip, is_default } = renaming;
    let (id, by) = (call.repository_id()?, call.actor()?);
    call.state.change_reference(id, &format!("refs/heads/{new}"), Some(*tip), by);
    for number in call.state.open_pulls.of_base(id, old) {
        call.state.aim_and_tell(id, number, Base { branch: new.clone(), sha: *tip }, by);
    }
    let repository = call.repository_mut()?;
    if let Some(protection) = repository.protections.remove(old) {
        repository.protections.insert(new.clone(), protection);
    }
    if *is_default {
        set_default_branch(call, new.clone())?;
    }
    call.state.change_reference(id, &format!("refs/heads/{old}"), None, by);
    Ok(())
}
