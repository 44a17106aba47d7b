//! `organization-simple-webhooks`.

use serde::Serialize;

use crate::world::{account::Kind, id::AccountId, state::State};

/// An organisation inside a webhook.
#[derive(Serialize)]
pub(crate) struct Organization<'a> {
    login: &'a str,
    id: AccountId,
    node_id: String,
    url: String,
    repos_url: String,
    events_url: String,
    hooks_url: String,
    issues_url: String,
    members_url: String,
    public_members_url: String,
    avatar_url: String,
    description: Option<&'a str>,
}

/// The organisation, where the account is one.
pub(crate) fn of(state: &State, account: AccountId) -> Option<Organization<'_>> {
    let account = state.accounts.get(account).filter(|account| account.kind == Kind::Organization)?;
    let url = format!("{}/orgs/{}", state.addresses.api, account.login);
    Some(Organization {
        login: &account.login,
        id: account.id,
        node_id: format!("O_{:x}", account.id.0),
        repos_url: format!("{url}/repos"),
        events_url: format!("{url}/events"),
        hooks_url: format!("{url}/hooks"),
        issues_url: format!("{url}/issues"),
        members_url: format!("{url}/members{{/member}}"),
        public_members_url: format!("{url}/public_members{{/member}}"),
        avatar_url: format!("{}/avatars/{}", state.addresses.html, account.id),
        url,
        description: account.name.as_deref(),
    })
}
