//! `hook`, `webhook-config`.

use std::collections::BTreeSet;

use serde::Serialize;

use super::repository;
use crate::world::{
    hook::{self, Form, Owner, Target},
    id::{AppId, HookId},
    moment::Moment,
    state::State,
};

#[derive(Serialize)]
pub(crate) struct Hook<'a> {
    r#type: &'static str,
    id: HookId,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<AppId>,
    name: &'static str,
    active: bool,
    events: &'a BTreeSet<String>,
    config: Config<'a>,
    updated_at: Moment,
    created_at: Moment,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_url: Option<String>,
    ping_url: String,
    deliveries_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_response: Option<LastResponse>,
}

/// Where a webhook points; its secret is not told again.
#[derive(Serialize)]
pub(crate) struct Config<'a> {
    url: &'a str,
    content_type: Form,
    insecure_ssl: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'static str>,
}

#[derive(Serialize)]
struct LastResponse {
    code: Option<u16>,
    status: &'static str,
    message: Option<String>,
}

impl<'a> Hook<'a> {
    pub(crate) fn of(state: &State, hook: &'a hook::Hook) -> Self {
        let (r#type, app_id, url) = match hook.owner {
            Owner::Repository(id) => {
                let at = state.repositories.get(id);
                let repository = at.map_or_else(String::new, |at| repository::url(state, at));
                ("Repository", None, format!("{repository}/hooks/{}", hook.id))
            }
            Owner::App(app) => ("App", Some(app), format!("{}/app/hook", state.addresses.api)),
        };
        let of_repository = app_id.is_none();
        Self {
            r#type,
            id: hook.id,
            app_id,
            name: "web",
            active: hook.active,
            events: &hook.events,
            config: Config::of(&hook.target),
            updated_at: hook.updated_at,
            created_at: hook.created_at,
            test_url: of_repository.then(|| format!("{url}/test")),
            ping_url: format!("{url}/pings"),
            deliveries_url: format!("{url}/deliveries"),
            url,
            last_response: of_repository.then(|| LastResponse::of(hook.last_response)),
        }
    }
}

impl<'a> Config<'a> {
    pub(crate) fn of(target: &'a Target) -> Self {
        Self {
            url: &target.url,
            content_type: target.form,
            insecure_ssl: if target.insecure { "1" } else { "0" },
            secret: target.secret.as_ref().map(|_| "********"),
        }
    }
}

impl LastResponse {
    fn of(code: Option<u16>) -> Self {
        let (status, message) = match code {
            None => ("unused", None),
            Some(200..=299) => ("active", Some("OK".to_owned())),
            Some(0) => ("timeout", Some("Service Timeout".to_owned())),
            Some(code) => ("invalid_response", Some(format!("Invalid HTTP Response: {code}"))),
        };
        Self { code, status, message }
    }
}
