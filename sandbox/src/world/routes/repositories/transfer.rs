//! A repository that gets another owner. It has it at once, also where GitHub would ask a person first.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{event, role};
use crate::world::{
    account::Kind,
    answer::{self, Answer},
    call::Call,
    id::AccountId,
    permission::Role,
    refusal::{Refusal, Stop},
    render::{
        organization::{self, Organization},
        repository::Listed,
        user,
    },
    state::State,
};

#[derive(Deserialize)]
struct Wish {
    new_owner: String,
    new_name: Option<String>,
}

pub(super) fn transfer(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Wish { new_owner, new_name } = call.body()?;
    call.administers()?;
    let repository = call.repository()?;
    if repository.archived {
        return Err(Refusal::forbidden("Repository was archived so is read-only.").into());
    }
    let owner = call.state.accounts.named(&new_owner).filter(|account| account.kind != Kind::Bot);
    let owner = owner.ok_or_else(|| Refusal::unprocessable("Invalid new_owner"))?;
    if owner.kind == Kind::Organization {
        call.may_own(owner.id)?;
    }
    let (owner, name) = (owner.id, new_name.unwrap_or_else(|| repository.name.clone()));
    let name = call.free_name(owner, &name, Some(repository.id))?;
    hand_over(call, owner, &name)?;
    let repository = call.repository()?;
    let shown = Listed::of(call.state, repository, role(call, repository));
    Ok(answer::json(http::StatusCode::ACCEPTED, &shown))
}

#[derive(Serialize)]
struct Changes<'a> {
    owner: Owner<'a>,
}

#[derive(Serialize)]
struct Owner<'a> {
    from: Before<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Before<'a> {
    User(Option<&'a RawValue>),
    Organization(Box<Organization<'a>>),
}

impl<'a> Before<'a> {
    fn of(state: &'a State, account: AccountId) -> Self {
        let organization = organization::of(state, account).map(Box::new);
        organization.map_or_else(|| Self::User(user::of(state, account)), Self::Organization)
    }
}

/// A person who owned it works on in it.
fn hand_over(call: &mut Call<'_>, owner: AccountId, name: &str) -> Result<(), Refusal> {
    let (id, before, now) = (call.repository_id()?, call.repository()?.owner, call.state.now);
    if before == owner {
        return Err(Refusal::unprocessable("Repository is already owned by that account"));
    }
    let worked = call.state.accounts.get(before).is_some_and(|account| account.kind == Kind::User);
    call.state.repositories.rename(id, owner, name);
    let repository = call.repository_mut()?;
    if worked {
        repository.collaborators.insert(before, Role::Admin);
    }
    repository.collaborators.remove(&owner);
    repository.touch(now);
    let event = event(call, "transferred")?;
    call.state.emit(event, |state, payload| {
        payload.field("changes", &Changes { owner: Owner { from: Before::of(state, before) } });
    });
    Ok(())
}
