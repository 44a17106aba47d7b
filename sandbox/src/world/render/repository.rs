//! `repository`, as it stands inside pull requests and webhooks, and `full-repository`, as it stands by itself.

use std::sync::Arc;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use super::user;
use crate::world::{
    permission::Role,
    repository::{Repository, Settings},
    state::State,
};

/// What comes after a repository's address in the API.
const URLS: [(&str, &str); 37] = [
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("url", ""),
];

struct Inside<'a> {
    state: &'a State,
    repository: &'a Repository,
}

impl Serialize for Inside<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.names(&mut map)?;
        self.addresses(&mut map)?;
        self.counts(&mut map)?;
        self.switches(&mut map)?;
        map.end()
    }
}

impl Inside<'_> {
    fn names<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let repository = self.repository;
        map.serialize_entry("id", &repository.id)?;
        map.serialize_entry("node_id", &format!("R_{:x}", repository.id.0))?;
        map.serialize_entry("name", &repository.name)?;
        map.serialize_entry("full_name", &self.state.full_name(repository))?;
        map.serialize_entry("owner", &user::of(self.state, repository.owner))?;
        map.serialize_entry("private", &repository.private)?;
        map.serialize_entry("description", &repository.description)?;
        map.serialize_entry("fork", &repository.fork_of.is_some())?;
        map.serialize_entry("created_at", &repository.created_at)?;
        map.serialize_entry("updated_at", &repository.updated_at)?;
        map.serialize_entry("pushed_at", &repository.pushed_at)?;
        map.serialize_entry("default_branch", &repository.default_branch)
    }

    fn addresses<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let name = self.state.full_name(self.repository);
        let api = url(self.state, self.repository);
        let html = format!("{}/{name}", self.state.addresses.html);
        write_urls(map, api)?;
        map.serialize_entry("html_url", &html)?;
        map.serialize_entry("clone_url", &format!("{html}.git"))?;
        map.serialize_entry("git_url", &format!("{html}.git"))?;
        map.serialize_entry("ssh_url", &format!("{html}.git"))?;
        map.serialize_entry("svn_url", &html)?;
        map.serialize_entry("mirror_url", &None::<&str>)?;
        map.serialize_entry("homepage", &self.repository.homepage)
    }

    fn counts<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let forks = self.state.repositories.forks(self.repository.id).count();
        let open = self.repository.issues.open();
        for (name, count) in [
            ("size", 0),
            ("stargazers_count", 0),
            ("watchers_count", 0),
            ("watchers", 0),
            ("forks_count", forks),
            ("forks", forks),
            ("open_issues_count", open),
            ("open_issues", open),
        ] {
            map.serialize_entry(name, &count)?;
        }
        Ok(())
    }

    fn switches<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("language", &None::<&str>)?;
        map.serialize_entry("license", &None::<&str>)?;
        map.serialize_entry("has_issues", &true)?;
        map.serialize_entry("has_pages", &self.repository.pages.is_some())?;
        for name in ["has_projects", "has_wiki", "has_downloads", "has_discussions", "disabled"] {
            map.serialize_entry(name, &false)?;
        }
        map.serialize_entry("is_template", &false)?;
        map.serialize_entry("archived", &self.repository.archived)?;
        map.serialize_entry("allow_forking", &true)?;
        map.serialize_entry("web_commit_signoff_required", &false)?;
        map.serialize_entry("topics", &self.repository.topics)?;
        map.serialize_entry("visibility", if self.repository.private { "private" } else { "public" })
    }
}

/// A repository inside things that show less of it.
pub(crate) struct Lite<'a>(Inside<'a>);

impl<'a> Lite<'a> {
    pub(crate) const fn of(state: &'a State, repository: &'a Repository) -> Self {
        Self(Inside { state, repository })
    }
}

impl Serialize for Lite<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Inside { state, repository } = self.0;
        let (name, api) = (state.full_name(repository), url(state, repository));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &repository.id)?;
        map.serialize_entry("node_id", &format!("R_{:x}", repository.id.0))?;
        map.serialize_entry("name", &repository.name)?;
        map.serialize_entry("full_name", &name)?;
        let owner = state.accounts.get(repository.owner).map(|owner| user::without_view(state, owner));
        map.serialize_entry("owner", &owner)?;
        map.serialize_entry("private", &repository.private)?;
        map.serialize_entry("description", &repository.description)?;
        map.serialize_entry("fork", &repository.fork_of.is_some())?;
        map.serialize_entry("html_url", &format!("{}/{name}", state.addresses.html))?;
        write_urls(&mut map, api)?;
        map.end()
    }
}

/// One text for all of them: these are most of what is written.
fn write_urls<M: SerializeMap>(map: &mut M, mut url: String) -> Result<(), M::Error> {
    let length = url.len();
    for (field, end) in URLS {
        url.truncate(length);
        url.push_str(end);
        map.serialize_entry(field, &url)?;
    }
    Ok(())
}

/// A repository's address in the API.
pub(crate) fn url(state: &State, repository: &Repository) -> String {
    [&state.addresses.api, "/repos/", state.login(repository.owner), "/", &repository.name].concat()
}

/// A repository as it stands inside other things.
pub(crate) fn card(state: &State, repository: &Repository) -> Arc<RawValue> {
    repository.cards.inside.get_or_draw(|| user::raw(&Inside { state, repository }))
}

/// The repository that a webhook tells of.
pub(crate) fn told(state: &State, repository: &Repository) -> Arc<RawValue> {
    let inside = Flat(Inside { state, repository });
    repository.cards.told.get_or_draw(|| user::raw(&Told { inside, custom_properties: Nothing {} }))
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    inside: Flat<'a>,
    custom_properties: Nothing,
}

#[derive(Serialize)]
struct Nothing {}

/// A repository by itself.
#[derive(Serialize)]
pub(crate) struct Full<'a> {
    #[serde(flatten)]
    inside: Flat<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<&'a RawValue>,
    network_count: usize,
    subscribers_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Permissions>,
    allow_squash_merge: bool,
    allow_merge_commit: bool,
    allow_rebase_merge: bool,
    allow_auto_merge: bool,
    delete_branch_on_merge: bool,
    allow_update_branch: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<Arc<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Arc<RawValue>>,
}

/// A repository in a list, with what the one who asks may do.
#[derive(Serialize)]
pub(crate) struct Listed<'a> {
    #[serde(flatten)]
    inside: Flat<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Permissions>,
}

impl<'a> Listed<'a> {
    pub(crate) fn of(state: &'a State, repository: &'a Repository, role: Option<Role>) -> Self {
        Self { inside: Flat(Inside { state, repository }), permissions: role.map(Permissions::of) }
    }
}

struct Flat<'a>(Inside<'a>);

impl Serialize for Flat<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// What a person may do.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Permissions {
    admin: bool,
    maintain: bool,
    push: bool,
    triage: bool,
    pull: bool,
}

impl Permissions {
    pub(crate) fn of(role: Role) -> Self {
        Self {
            admin: role >= Role::Admin,
            maintain: role >= Role::Maintain,
            push: role >= Role::Write,
            triage: role >= Role::Triage,
            pull: role >= Role::Read,
        }
    }
}

impl<'a> Full<'a> {
    pub(crate) fn of(state: &'a State, repository: &'a Repository, role: Option<Role>) -> Self {
        let Settings {
            allow_squash_merge,
            allow_merge_commit,
            allow_rebase_merge,
            delete_branch_on_merge,
            allow_auto_merge,
            allow_update_branch,
        } = repository.settings;
        let parent = repository.fork_of.and_then(|id| state.repositories.get(id)).map(|parent| card(state, parent));
        Self {
            inside: Flat(Inside { state, repository }),
            organization: super::organization::of(state, repository.owner)
                .and_then(|_| user::of(state, repository.owner)),
            network_count: 0,
            subscribers_count: 0,
            permissions: role.map(Permissions::of),
            allow_squash_merge,
            allow_merge_commit,
            allow_rebase_merge,
            allow_auto_merge,
            delete_branch_on_merge,
            allow_update_branch,
            source: parent.clone(),
            parent,
        }
    }
}
