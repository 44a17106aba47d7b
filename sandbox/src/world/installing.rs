//! Apps are installed, put to sleep and taken away, and get more or fewer repositories: by people in the settings, or by
//! the App itself. The App is told of each.

use std::collections::BTreeSet;

use super::{
    World,
    app::{Installation, Selection, Suspended},
    event::{Payload, Told},
    id::{AccountId, AppId, InstallationId, RepositoryId},
    moment::Moment,
    render::installation::{self, Chosen, Named},
    state::State,
    token::Principal,
};

/// What people do in the settings. What is to be told of it is in [`World::take_effects`].
impl World {
    /// A person installs an App on an account, for these repositories or all.
    pub fn install_by(
        &mut self,
        now: Moment,
        person: AccountId,
        (app, account): (AppId, AccountId),
        repositories: Option<BTreeSet<RepositoryId>>,
    ) -> Option<InstallationId> {
        self.state.now = self.state.now.max(now);
        let selection = repositories.map_or(Selection::All, Selection::Selected);
        let id = self.state.add_installation(app, account, selection)?;
        self.state.tell_installation(id, "created", person);
        Some(id)
    }

    /// A person takes an App away.
    pub fn uninstall_by(&mut self, now: Moment, person: AccountId, installation: InstallationId) {
        self.state.now = self.state.now.max(now);
        self.state.uninstall(installation, person);
    }

    /// A person puts an installation to sleep, or wakes it.
    pub fn suspend_by(&mut self, now: Moment, person: AccountId, installation: InstallationId, asleep: bool) {
        self.state.now = self.state.now.max(now);
        self.state.suspend(installation, person, asleep);
    }

    /// A person chooses the repositories that an installation reaches; none given is all.
    pub fn select_by(
        &mut self,
        now: Moment,
        person: AccountId,
        installation: InstallationId,
        repositories: Option<BTreeSet<RepositoryId>>,
    ) {
        self.state.now = self.state.now.max(now);
        self.state.select(installation, person, repositories.map_or(Selection::All, Selection::Selected));
    }
}

impl State {
    /// An account has an App once.
    pub(crate) fn add_installation(
        &mut self,
        app: AppId,
        account: AccountId,
        repositories: Selection,
    ) -> Option<InstallationId> {
        if let Some(there) = self.apps.on(account).find(|there| there.app == app) {
            return Some(there.id);
        }
        let known = self.apps.apps.get(&app)?;
        let (permissions, events) = (known.permissions.clone(), known.events.clone());
        let (id, now) = (InstallationId(self.draw.id()), self.now);
        let installation = Installation {
            id,
            app,
            account,
            permissions,
            events,
            repositories,
            created_at: now,
            updated_at: now,
            suspended: None,
        };
        self.apps.installations.insert(id, installation);
        Some(id)
    }

    /// Its tokens end with it.
    pub(crate) fn uninstall(&mut self, id: InstallationId, by: AccountId) {
        self.tell_installation(id, "deleted", by);
        self.apps.installations.remove(&id);
        self.tokens
            .retain(|_, token| !matches!(&token.principal, Principal::Installation(grant) if grant.installation == id));
    }

    pub(crate) fn suspend(&mut self, id: InstallationId, by: AccountId, asleep: bool) {
        let now = self.now;
        let Some(there) = self.apps.installations.get_mut(&id) else { return };
        if there.suspended.is_some() == asleep {
            return;
        }
        there.suspended = asleep.then_some(Suspended { at: now, by });
        there.updated_at = now;
        self.tell_installation(id, if asleep { "suspend" } else { "unsuspend" }, by);
    }

    pub(crate) fn select(&mut self, id: InstallationId, by: AccountId, selection: Selection) {
        let before = self.reached(id);
        let now = self.now;
        let Some(there) = self.apps.installations.get_mut(&id) else { return };
        there.repositories = selection;
        there.updated_at = now;
        let after = self.reached(id);
        let added: Vec<_> = after.difference(&before).copied().collect();
        let removed: Vec<_> = before.difference(&after).copied().collect();
        if !added.is_empty() {
            self.tell_reach(id, "added", by, &added);
        }
        if !removed.is_empty() {
            self.tell_reach(id, "removed", by, &removed);
        }
    }

    fn reached(&self, id: InstallationId) -> BTreeSet<RepositoryId> {
        let Some(there) = self.apps.installations.get(&id) else { return BTreeSet::new() };
        self.repositories.of(there.account).filter(|at| there.holds(at)).map(|at| at.id).collect()
    }

    fn tell_installation(&mut self, id: InstallationId, action: &'static str, by: AccountId) {
        let reached = self.reached(id);
        self.tell_app(id, ("installation", action), by, |state, payload| {
            payload.field("repositories", &state.named(&reached));
        });
    }

    fn tell_reach(&mut self, id: InstallationId, action: &'static str, by: AccountId, changed: &[RepositoryId]) {
        self.tell_app(id, ("installation_repositories", action), by, |state, payload| {
            if let Some(there) = state.apps.installations.get(&id) {
                payload.field("repository_selection", &Chosen::from(&there.repositories));
            }
            let (added, removed): (&[_], &[_]) = if action == "added" { (changed, &[]) } else { (&[], changed) };
            payload.field("repositories_added", &state.named(added));
            payload.field("repositories_removed", &state.named(removed));
            payload.field("requester", &None::<()>);
        });
    }

    fn named<'a>(&'a self, ids: impl IntoIterator<Item = &'a RepositoryId>) -> Vec<Named<'a>> {
        ids.into_iter().filter_map(|id| self.repositories.get(*id)).map(|at| Named::of(self, at)).collect()
    }

    /// Tells an App of its own installation, whether it listens to anything else or not.
    fn tell_app(
        &mut self,
        id: InstallationId,
        (name, action): (&'static str, &'static str),
        by: AccountId,
        fields: impl Fn(&Self, &mut Payload),
    ) {
        let Some(there) = self.apps.installations.get(&id) else { return };
        let Some(hook) = self.app_hooks.get(&there.app).filter(|hook| hook.active) else { return };
        let to = hook.addressee();
        let mut payload = Payload::new(Some(action));
        payload.field("installation", &installation::Installation::of(self, there));
        fields(self, &mut payload);
        if let Some(sender) = self.accounts.get(by) {
            payload.field("sender", &*sender.fragment);
        }
        let payload = payload.finish();
        self.deliver(to, Told { name, action: Some(action), repository: None, installation: Some(id) }, payload);
    }
}
