//! A push to a branch asks each App that may check for a suite.

use crate::world::{
    id::AppId,
    permission::{Access, Permission},
    reference::Moved,
    state::State,
};

impl State {
    /// Asks for suites on what was pushed.
    pub(crate) fn suites_follow(&mut self, moved: &Moved) {
        let Some(branch) = moved.reference.strip_prefix("refs/heads/") else { return };
        let Some(head) = moved.after else { return };
        for app in self.checkers(moved) {
            if self.suite_of(moved.repository, app, head).is_some() {
                continue;
            }
            let suite = self.add_suite(moved.repository, app, head, Some(branch.to_owned()), moved.before);
            let event = crate::world::event::Event {
                name: "check_suite",
                action: Some("requested"),
                repository: moved.repository,
                sender: moved.sender,
            };
            self.ask_for_suite(event, suite, app);
        }
    }

    fn checkers(&self, moved: &Moved) -> Vec<AppId> {
        let Some(repository) = self.repositories.get(moved.repository) else { return Vec::new() };
        let installed = self.apps.on(repository.owner).filter(|there| there.holds(repository));
        installed
            .filter(|there| there.suspended.is_none())
            .filter(|there| there.permissions.get(&Permission::Checks) >= Some(&Access::Write))
            .map(|there| there.app)
            .collect()
    }
}
