//! A repository that is changed: each change is told by itself.

use serde::{Deserialize, Serialize};

use super::{Switches, create::Visibility, event, shown};
use crate::world::{
    answer::Answer,
    before::{Before, replaced},
    call::Call,
    effect::Effect,
    given::given,
    refusal::{Refusal, Stop},
    repository::{Repository, Settings},
};

#[derive(Default, Deserialize)]
struct Wish {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    homepage: Option<Option<String>>,
    private: Option<bool>,
    visibility: Option<Visibility>,
    archived: Option<bool>,
    default_branch: Option<String>,
    #[serde(flatten)]
    switches: Switches,
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wish: Wish = call.body()?;
    call.administers()?;
    let private = wish.visibility.map(|visibility| visibility == Visibility::Private).or(wish.private);
    let (name, settings) = checked(call, &wish)?;
    may_be_shown(call.repository()?, private)?;
    call.repository_mut()?.settings = settings;
    edit(call, wish)?;
    show(call, private)?;
    rename(call, name)?;
    shown(call)
}

/// The name and the settings that it gets, if it can have them.
fn checked(call: &Call<'_>, wish: &Wish) -> Result<(Option<String>, Settings), Refusal> {
    let repository = call.repository()?;
    if repository.archived && wish.archived != Some(false) {
        return Err(Refusal::forbidden("Repository was archived so is read-only."));
    }
    let wanted = wish.default_branch.as_deref().filter(|branch| repository.branch(branch).is_none());
    if let Some(branch) = wanted {
        let hint = "Please push that ref first or create it via the Git Data API.";
        return Err(Refusal::unprocessable(format!("The branch {branch} was not found. {hint}")));
    }
    let name = wish.name.as_deref().filter(|name| *name != repository.name);
    let name = name.map(|name| call.free_name(repository.owner, name, Some(repository.id))).transpose()?;
    Ok((name, wish.switches.switched(&repository.settings)?))
}

#[derive(Default, Serialize)]
struct Changes {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Before<Option<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<Before<Option<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_branch: Option<Before<String>>,
}

fn edit(call: &mut Call<'_>, wish: Wish) -> Result<(), Refusal> {
    let now = call.state.now;
    let repository = call.repository_mut()?;
    repository.touch(now);
    let archived = replaced(&mut repository.archived, wish.archived).is_some();
    let changes = Changes {
        description: replaced(&mut repository.description, wish.description),
        homepage: replaced(&mut repository.homepage, wish.homepage),
        default_branch: replaced(&mut repository.default_branch, wish.default_branch),
    };
    if archived {
        let action = if repository.archived { "archived" } else { "unarchived" };
        let event = event(call, action)?;
        call.state.emit(event, |_, _| {});
    }
    if changes.default_branch.is_some() {
        head(call)?;
    }
    if changes.description.is_some() || changes.homepage.is_some() || changes.default_branch.is_some() {
        let event = event(call, "edited")?;
        call.state.emit(event, |_, payload| payload.field("changes", &changes));
    }
    Ok(())
}

/// Another branch is the default one, and is there.
pub(in crate::world::routes) fn set_default_branch(call: &mut Call<'_>, name: String) -> Result<(), Refusal> {
    edit(call, Wish { default_branch: Some(name), ..Wish::default() })
}

/// The mirror's `HEAD` follows.
fn head(call: &mut Call<'_>) -> Result<(), Refusal> {
    let Repository { id, default_branch, .. } = call.repository()?;
    let effect = Effect::Head { repository: *id, default_branch: default_branch.clone() };
    call.state.effects.push(effect);
    Ok(())
}

/// A fork is seen by whoever sees its network's objects.
fn may_be_shown(repository: &Repository, private: Option<bool>) -> Result<(), Refusal> {
    match private.filter(|private| repository.fork_of.is_some() && *private != repository.private) {
        Some(true) => Err(Refusal::unprocessable("Public forks can't be made private.")),
        Some(false) => Err(Refusal::unprocessable("Private forks can't be made public.")),
        None => Ok(()),
    }
}

fn show(call: &mut Call<'_>, private: Option<bool>) -> Result<(), Refusal> {
    let now = call.state.now;
    let repository = call.repository_mut()?;
    let Some(Before { from: was_private }) = replaced(&mut repository.private, private) else { return Ok(()) };
    repository.touch(now);
    let id = repository.id;
    call.state.part_from_forks(id);
    let event = event(call, if was_private { "publicized" } else { "privatized" })?;
    call.state.emit(event, |_, _| {});
    if was_private {
        call.state.emit(crate::world::event::Event { name: "public", action: None, ..event }, |_, _| {});
    }
    Ok(())
}

#[derive(Serialize)]
struct Renamed<'a> {
    repository: Name<'a>,
}

#[derive(Serialize)]
struct Name<'a> {
    name: Before<&'a str>,
}

fn rename(call: &mut Call<'_>, name: Option<String>) -> Result<(), Refusal> {
    let Some(name) = name else { return Ok(()) };
    let repository = call.repository()?;
    let (id, owner, before) = (repository.id, repository.owner, repository.name.clone());
    call.state.repositories.rename(id, owner, &name);
    let now = call.state.now;
    call.repository_mut()?.touch(now);
    let event = event(call, "renamed")?;
    let changes = Renamed { repository: Name { name: Before { from: &before } } };
    call.state.emit(event, |_, payload| payload.field("changes", &changes));
    Ok(())
}
