//! The Apps that are GitHub's own: installed everywhere, and nobody has their keys.

use std::collections::BTreeSet;

use jsonwebtoken::DecodingKey;

use super::{
    account::Kind,
    id::{AccountId, AppId},
    permission::Permissions,
    seed::Birth,
    state::State,
};

/// Runs workflows.
pub(crate) const ACTIONS: &str = "played-actions";

/// Deploys sites.
pub(crate) const PAGES: &str = "played-pages";

/// Whose they are.
const OWNER: &str = "played-github";

impl State {
    /// An App of GitHub's own; it is made when it is first needed.
    pub(crate) fn builtin(&mut self, name: &'static str) -> AppId {
        if let Some(app) = self.apps.slug(name) {
            return app.id;
        }
        let owner = self.accounts.named(OWNER).map(|account| account.id);
        let owner = owner.unwrap_or_else(|| self.add_account(OWNER, Kind::Organization));
        let id = AppId(self.draw.id());
        self.add_app(Birth {
            id,
            name,
            description: None,
            external_url: self.addresses.html.clone(),
            owner,
            permissions: Permissions::new(),
            events: BTreeSet::new(),
            hook: None,
            // No token is signed with this: a key of another kind than RSA fits none.
            key: DecodingKey::from_secret(&[]),
        });
        id
    }

    /// The account under which an App acts.
    pub(crate) fn bot_of(&self, app: AppId) -> Option<AccountId> {
        self.apps.apps.get(&app).map(|app| app.bot)
    }

    /// Whether this is the App that runs workflows.
    pub(crate) fn runs_workflows(&self, app: AppId) -> bool {
        self.apps.apps.get(&app).is_some_and(|app| app.slug == ACTIONS)
    }
}
