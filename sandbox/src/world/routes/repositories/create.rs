//! Repositories that are made.

use bytes::Bytes;
use serde::Deserialize;

use super::role;
use crate::{
    object::{Commit, Mode, Object, Oid},
    world::{
        account::Kind,
        answer::{self, Answer},
        call::Call,
        event::Event,
        id::{AccountId, RepositoryId},
        permission::Role,
        refusal::{Refusal, Stop},
        render::repository::Full,
        repository::Settings,
        seed::NewRepository,
        token::Principal,
    },
};

#[derive(Deserialize)]
struct New {
    name: String,
    description: Option<String>,
    homepage: Option<String>,
    #[serde(default)]
    private: bool,
    visibility: Option<Visibility>,
    #[serde(default)]
    auto_init: bool,
    #[serde(flatten)]
    switches: Switches,
}

/// Who sees it.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Visibility {
    Public,
    Private,
}

/// What may be switched on and off.
#[derive(Clone, Copy, Default, Deserialize)]
pub(in crate::world::routes) struct Switches {
    allow_squash_merge: Option<bool>,
    allow_merge_commit: Option<bool>,
    allow_rebase_merge: Option<bool>,
    delete_branch_on_merge: Option<bool>,
    allow_auto_merge: Option<bool>,
    allow_update_branch: Option<bool>,
}

impl Switches {
    /// The settings with these switched.
    pub(super) fn switched(self, settings: &Settings) -> Result<Settings, Refusal> {
        let switched = Settings {
            allow_squash_merge: self.allow_squash_merge.unwrap_or(settings.allow_squash_merge),
            allow_merge_commit: self.allow_merge_commit.unwrap_or(settings.allow_merge_commit),
            allow_rebase_merge: self.allow_rebase_merge.unwrap_or(settings.allow_rebase_merge),
            delete_branch_on_merge: self.delete_branch_on_merge.unwrap_or(settings.delete_branch_on_merge),
            allow_auto_merge: self.allow_auto_merge.unwrap_or(settings.allow_auto_merge),
            allow_update_branch: self.allow_update_branch.unwrap_or(settings.allow_update_branch),
        };
        if switched.allow_squash_merge || switched.allow_merge_commit || switched.allow_rebase_merge {
            return Ok(switched);
        }
        let message = "Sorry, you need to allow at least one merge strategy. (no_merge_method)";
        Err(Refusal::custom("Repository", "merge_commit_allowed", message))
    }
}

pub(super) fn own(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let owner = call.actor()?;
    create(call, owner)
}

pub(super) fn of_organization(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let owner = call.organization(call.text("org")?)?;
    create(call, owner)
}

fn create(call: &mut Call<'_>, owner: AccountId) -> Result<Answer, Stop> {
    let new: New = call.body()?;
    call.may_own(owner)?;
    // A bot acts where it is installed; it owns nothing.
    if call.state.accounts.get(owner).is_some_and(|account| account.kind == Kind::Bot) {
        return Err(Refusal::forbidden("Resource not accessible by integration").into());
    }
    let name = call.free_name(owner, &new.name, None)?;
    let settings = new.switches.switched(&Settings::default())?;
    let id = made(call, owner, &name, &new);
    let repository = call.state.repository_mut(id)?;
    (repository.description, repository.homepage) = (new.description, new.homepage);
    repository.settings = settings;
    let sender = call.actor()?;
    let event = Event { name: "repository", action: Some("created"), repository: id, sender };
    call.state.emit(event, |_, _| {});
    if new.auto_init {
        begin(call, id, sender)?;
    }
    let repository = call.state.repository(id)?;
    Ok(answer::created(&Full::of(call.state, repository, role(call, repository))))
}

/// Whoever makes a repository of an organisation administers it.
fn made(call: &mut Call<'_>, owner: AccountId, name: &str, new: &New) -> RepositoryId {
    let private = new.visibility.map_or(new.private, |visibility| visibility == Visibility::Private);
    let maker = match call.who {
        Principal::Person(person) if person != owner => Some((person, Role::Admin)),
        _ => None,
    };
    let collaborators = maker.into_iter().collect();
    call.state.add_repository(&NewRepository { owner, name, private, files: &[], collaborators })
}

/// The first commit, with a file that names the repository.
fn begin(call: &mut Call<'_>, id: RepositoryId, sender: AccountId) -> Result<(), Refusal> {
    let repository = call.state.repository(id)?;
    let description = repository.description.as_deref().unwrap_or_default();
    let text = format!("# {}\n{description}", repository.name);
    let branch = format!("refs/heads/{}", repository.default_branch);
    let author = call.state.signature(sender);
    let objects = &mut call.state.objects;
    let blob = objects.insert(Object::Blob(Bytes::from(text)));
    let tree = objects.edit(Oid::EMPTY_TREE, &[("README.md", Some((Mode::FILE, blob)))]);
    let tree = tree.map_err(|error| Refusal::unprocessable(error.to_string()))?;
    let (message, extra) = ("Initial commit".to_owned(), Bytes::new());
    let commit = Commit { tree, parents: Vec::new(), committer: author.clone(), author, message, extra };
    let commit = objects.insert(commit);
    call.state.change_reference(id, &branch, Some(commit), sender);
    Ok(())
}
