//! `integration`: a GitHub App.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;

use super::user;
use crate::world::{
    app,
    id::{AppId, InstallationId},
    moment::Moment,
    permission::Permissions,
    state::State,
};

/// An App as it stands inside other things.
#[derive(Serialize)]
pub(crate) struct App<'a> {
    id: AppId,
    slug: &'a str,
    node_id: String,
    owner: Option<&'a RawValue>,
    name: &'a str,
    description: Option<&'a str>,
    external_url: &'a str,
    html_url: String,
    created_at: Moment,
    updated_at: Moment,
    permissions: &'a Permissions,
    events: &'a BTreeSet<String>,
}

impl<'a> App<'a> {
    pub(crate) fn of(state: &'a State, app: &'a app::App) -> Self {
        Self {
            id: app.id,
            slug: &app.slug,
            node_id: format!("A_{:x}", app.id.0),
            owner: user::of(state, app.owner),
            name: &app.name,
            description: app.description.as_deref(),
            external_url: &app.external_url,
            html_url: format!("{}/apps/{}", state.addresses.html, app.slug),
            created_at: app.created_at,
            updated_at: app.created_at,
            permissions: &app.permissions,
            events: &app.events,
        }
    }
}

/// An App inside other things; GitHub's `null` where none was used or it is gone.
pub(crate) fn of(state: &State, app: Option<AppId>) -> Option<&RawValue> {
    state.apps.apps.get(&app?).map(|app| &*app.fragment)
}

/// An App by itself.
#[derive(Serialize)]
pub(crate) struct Whole<'a> {
    #[serde(flatten)]
    app: App<'a>,
    client_id: &'a str,
    installations_count: usize,
}

impl<'a> Whole<'a> {
    pub(crate) fn of(state: &'a State, app: &'a app::App) -> Self {
        let there = |id: &&InstallationId| state.apps.installations.get(id).is_some_and(|there| there.app == app.id);
        let installations_count = state.apps.installations.keys().filter(there).count();
        Self { app: App::of(state, app), client_id: &app.client_id, installations_count }
    }
}

/// An App with its secrets, as they are told once.
#[derive(Serialize)]
pub(crate) struct Converted<'a> {
    #[serde(flatten)]
    pub(crate) app: App<'a>,
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
    pub(crate) webhook_secret: Option<&'a str>,
    pub(crate) pem: &'a str,
}
