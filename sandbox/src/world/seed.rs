//! What a world begins with: accounts, Apps, repositories and tokens that nobody asked for over HTTP.

use std::collections::{BTreeMap, BTreeSet};

use jsonwebtoken::DecodingKey;

use super::{
    World,
    account::{Account, Kind, NOREPLY},
    app::{App, Selection},
    check::Checks,
    ci::Actions,
    deployment::Deployments,
    effect::Effect,
    hook::{Hook, Owner, Target},
    id::{AccountId, AppId, HookId, InstallationId, Number, RepositoryId},
    issue::{Issues, Label},
    moment::Moment,
    permission::{Access, Permission, Permissions, Role},
    protection::Protections,
    render,
    repository::{Cards, Repository, Settings},
    ruleset::Rulesets,
    state::State,
    status::Statuses,
    token::{Principal, Token},
};
use crate::object::{Change, Commit, Kind as ObjectKind, Mode, Object, Oid, Signature, Tree};

/// An App to begin with.
#[derive(Clone, Debug)]
pub struct NewApp<'a> {
    /// Its name; the slug is made of it.
    pub name: &'a str,
    /// Whose it is.
    pub owner: AccountId,
    /// What it may do where it is installed.
    pub permissions: Permissions,
    /// What it is told of.
    pub events: BTreeSet<String>,
    /// Where it is told, if it wants to be.
    pub hook: Option<Target>,
    /// What its JSON Web Tokens are checked with: an RSA public key as PEM.
    pub public_key: &'a str,
}

/// An App that comes to be.
pub(crate) struct Birth<'a> {
    pub(crate) id: AppId,
    pub(crate) name: &'a str,
    pub(crate) description: Option<String>,
    pub(crate) external_url: String,
    pub(crate) owner: AccountId,
    pub(crate) permissions: Permissions,
    pub(crate) events: BTreeSet<String>,
    pub(crate) hook: Option<Target>,
    pub(crate) key: DecodingKey,
}

/// A repository to begin with.
#[derive(Clone, Debug)]
pub struct NewRepository<'a> {
    /// Whose it is.
    pub owner: AccountId,
    /// Its name.
    pub name: &'a str,
    /// Whether only its collaborators see it.
    pub private: bool,
    /// Path and content of each file of the first commit.
    pub files: &'a [(&'a str, &'a [u8])],
    /// People with a role in it.
    pub collaborators: BTreeMap<AccountId, Role>,
}

/// The labels that GitHub gives a new repository.
const LABELS: [(&str, &str, &str); 9] = [
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
];

impl World {
    /// A person, an organisation or a bot. A login that is there already keeps its account.
    pub fn account(&mut self, login: &str, kind: Kind) -> AccountId {
        match self.state.accounts.named(login) {
            Some(known) => known.id,
            None => self.state.add_account(login, kind),
        }
    }

    /// A personal token.
    pub fn token(&mut self, person: AccountId) -> String {
        let token = format!("ghp_{}", self.state.draw.hex(36));
        self.state.tokens.insert(token.clone(), Token { principal: Principal::Person(person), expires_at: None });
        token
    }

    /// An App.
    ///
    /// # Errors
    ///
    /// If the key is none.
    pub fn app(&mut self, new: NewApp<'_>) -> Result<AppId, jsonwebtoken::errors::Error> {
        let key = DecodingKey::from_rsa_pem(new.public_key.as_bytes())?;
        let NewApp { name, owner, permissions, events, hook, public_key: _ } = new;
        let id = AppId(self.state.draw.id());
        let (external_url, description) = (self.state.addresses.html.clone(), None);
        let birth = Birth { id, name, description, external_url, owner, permissions, events, hook, key };
        self.state.add_app(birth);
        Ok(id)
    }

    /// Installs an App on an account, for all its repositories, and tells nobody.
    pub fn install(&mut self, app: AppId, account: AccountId) -> Option<InstallationId> {
        self.state.add_installation(app, account, Selection::All)
    }

    /// Makes a person a member of an organisation.
    pub fn join(&mut self, organization: AccountId, person: AccountId) {
        self.state.members.insert((organization, person));
    }

    /// A repository with a first commit, where it has files.
    pub fn repository(&mut self, new: &NewRepository<'_>) -> RepositoryId {
        let id = self.state.add_repository(new);
        self.state.first_commit(id, new);
        id
    }

    /// A webhook of a repository.
    pub fn hook(&mut self, repository: RepositoryId, target: Target, events: BTreeSet<String>) -> HookId {
        let hook = self.state.new_hook(Owner::Repository(repository), target, events);
        let id = hook.id;
        if let Some(repository) = self.state.repositories.get_mut(repository) {
            repository.hooks.insert(id, hook);
        }
        id
    }

    /// A label beside those that every repository begins with; one of this name is made anew.
    pub fn label(&mut self, repository: RepositoryId, name: &str, color: &str, description: Option<&str>) {
        let id = super::id::LabelId(self.state.draw.id());
        let Some(repository) = self.state.repositories.get_mut(repository) else { return };
        let labels = &mut repository.issues.labels;
        labels.retain(|_, label| !label.name.eq_ignore_ascii_case(name));
        let (name, color) = (name.to_owned(), color.to_owned());
        labels
            .insert(id, Label { id, name, color, description: description.map(ToOwned::to_owned), is_default: false });
    }

    /// It is this moment, or later: what is done from within is done then.
    pub fn wake(&mut self, now: Moment) {
        self.state.now = self.state.now.max(now);
    }

    /// What is to be done outside because of what the world began with.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.state.effects)
    }

    /// Takes an object that git made.
    ///
    /// # Errors
    ///
    /// If the bytes are no such object.
    pub fn insert(&mut self, kind: ObjectKind, bytes: bytes::Bytes) -> Result<Oid, crate::object::Error> {
        self.state.objects.insert_raw(kind, bytes)
    }

    /// Where the references of a repository stand, by whole name.
    #[must_use]
    pub fn references(&self, repository: RepositoryId) -> Option<&BTreeMap<String, Oid>> {
        self.state.repositories.get(repository).map(|repository| &repository.references)
    }

    /// Git's objects, for the mirror on disk.
    #[must_use]
    pub const fn objects(&self) -> &crate::object::Objects {
        &self.state.objects
    }
}

impl State {
    pub(crate) fn add_account(&mut self, login: &str, kind: Kind) -> AccountId {
        let id = AccountId(self.draw.id());
        let fragment = render::user::fragment(&self.addresses, id, login, kind, false);
        self.accounts.insert(Account {
            id,
            login: login.to_owned(),
            kind,
            name: None,
            email: None,
            created_at: self.now,
            site_admin: false,
            fragment,
        });
        id
    }

    pub(crate) fn add_app(&mut self, birth: Birth<'_>) {
        let Birth { id, name, description, external_url, owner, mut permissions, events, hook, key } = birth;
        let slug = slug(name);
        let bot = self.add_account(&format!("{slug}[bot]"), Kind::Bot);
        // Whoever is installed sees that the repository is there.
        permissions.entry(Permission::Metadata).or_insert(Access::Read);
        let app = App {
            id,
            slug,
            name: name.to_owned(),
            description,
            external_url,
            client_id: format!("Iv23{}", self.draw.hex(16)),
            owner,
            bot,
            permissions,
            events: events.clone(),
            created_at: self.now,
            key,
            fragment: render::user::raw(&()),
        };
        let fragment = render::user::raw(&render::app::App::of(self, &app));
        self.apps.apps.insert(id, App { fragment, ..app });
        if let Some(target) = hook {
            let hook = self.new_hook(Owner::App(id), target, events);
            self.app_hooks.insert(id, hook);
        }
    }

    pub(crate) fn new_hook(&mut self, owner: Owner, target: Target, events: BTreeSet<String>) -> Hook {
        let (id, now) = (HookId(self.draw.id()), self.now);
        let target = std::sync::Arc::new(target);
        Hook { id, owner, target, active: true, events, created_at: now, updated_at: now, last_response: None }
    }

    pub(crate) fn add_repository(&mut self, new: &NewRepository<'_>) -> RepositoryId {
        let id = self.place_repository(new);
        self.effects.push(Effect::Create { repository: id, default_branch: "main".to_owned() });
        id
    }

    /// A repository of which the mirror knows nothing yet.
    pub(crate) fn place_repository(&mut self, new: &NewRepository<'_>) -> RepositoryId {
        let id = RepositoryId(self.draw.id());
        let repository = Repository {
            id,
            owner: new.owner,
            name: new.name.to_owned(),
            description: None,
            homepage: None,
            topics: Vec::new(),
            private: new.private,
            archived: false,
            fork_of: None,
            network: id,
            default_branch: "main".to_owned(),
            created_at: self.now,
            updated_at: self.now,
            pushed_at: self.now,
            collaborators: new.collaborators.clone(),
            settings: Settings::default(),
            references: BTreeMap::new(),
            last_number: Number(0),
            issues: Issues { labels: self.first_labels(), ..Issues::default() },
            pulls: super::pull::Pulls::default(),
            hooks: BTreeMap::new(),
            checks: Checks::default(),
            actions: Actions::default(),
            deployments: Deployments::default(),
            pages: None,
            statuses: Statuses::default(),
            protections: Protections::new(),
            rulesets: Rulesets::new(),
            cards: Cards::default(),
        };
        self.repositories.insert(repository);
        id
    }

    fn first_labels(&mut self) -> BTreeMap<super::id::LabelId, Label> {
        let labels = LABELS.map(|(name, color, description)| Label {
            id: super::id::LabelId(self.draw.id()),
            name: name.to_owned(),
            color: color.to_owned(),
            description: Some(description.to_owned()),
            is_default: true,
        });
        labels.into_iter().map(|label| (label.id, label)).collect()
    }

    fn first_commit(&mut self, id: RepositoryId, new: &NewRepository<'_>) {
        if new.files.is_empty() {
            return;
        }
        let changes: Vec<(&str, Change)> = new
            .files
            .iter()
            .map(|(path, content)| {
                let blob = self.objects.insert(Object::Blob(bytes::Bytes::copy_from_slice(content)));
                (*path, Some((Mode::FILE, blob)))
            })
            .collect();
        let empty = self.objects.insert(Tree::default());
        let Ok(tree) = self.objects.edit(empty, &changes) else { return };
        let author = self.signature(new.owner);
        let message = "Initial commit\n".to_owned();
        let commit = Commit {
            tree,
            parents: Vec::new(),
            committer: author.clone(),
            author,
            message,
            extra: bytes::Bytes::new(),
        };
        let oid = self.objects.insert(commit);
        self.place_reference(id, "refs/heads/main", Some(oid));
    }

    /// How an account signs its commits, now.
    pub(crate) fn signature(&self, account: AccountId) -> Signature {
        let login = self.login(account);
        let name = self.accounts.get(account).and_then(|account| account.name.clone());
        Signature {
            name: name.unwrap_or_else(|| login.to_owned()),
            email: format!("{account}+{login}@{NOREPLY}"),
            seconds: self.now.seconds(),
            offset_minutes: 0,
        }
    }
}

pub(crate) fn slug(name: &str) -> String {
    let kept = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    name.chars().map(kept).collect::<String>().trim_matches('-').to_owned()
}
