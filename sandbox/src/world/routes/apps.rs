//! Apps, and what an App does as itself.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::world::{
    answer::{self, Answer},
    app::{App, Installation, Selection},
    call::Call,
    id::{InstallationId, RepositoryId},
    manifest::NotYet,
    moment::Moment,
    page::Page,
    permission::{Access, Permission, Permissions},
    refusal::{Refusal, Stop},
    render::{self, installation::Chosen},
    router::{Needs, Route, route},
    token::{self, Grant, Principal, Token},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/app", Needs::App, own),
    route(Method::GET, "/apps/{app_slug}", Needs::Nothing, by_slug),
    route(Method::POST, "/app-manifests/{code}/conversions", Needs::Nothing, convert),
    route(Method::GET, "/app/installations", Needs::App, list),
    route(Method::GET, "/app/installations/{installation_id}", Needs::App, get),
    route(Method::DELETE, "/app/installations/{installation_id}", Needs::App, delete),
    route(Method::PUT, "/app/installations/{installation_id}/suspended", Needs::App, suspend),
    route(Method::DELETE, "/app/installations/{installation_id}/suspended", Needs::App, unsuspend),
    route(Method::POST, "/app/installations/{installation_id}/access_tokens", Needs::App, new_token),
];

/// An installation's token is good for this long.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// The App that asks.
pub(super) fn asking<'a>(call: &'a Call<'_>) -> Result<&'a App, Refusal> {
    let Principal::App(id) = call.who else { return Err(Refusal::not_found()) };
    call.state.apps.apps.get(&id).ok_or_else(Refusal::not_found)
}

fn own(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::app::Whole::of(call.state, asking(call)?)))
}

fn by_slug(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let app = call.state.apps.slug(call.text("app_slug")?).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&render::app::Whole::of(call.state, app)))
}

fn convert(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let code = call.text("code")?.to_owned();
    let secrets = call.state.convert(&code).map_err(|not_yet| match not_yet {
        NotYet::Unknown => Refusal::not_found().into(),
        NotYet::Taken => Refusal::unprocessable("Name is already taken").into(),
        NotYet::Unpaired(app) => Stop::Unpaired(app),
    })?;
    let app = call.state.apps.apps.get(&secrets.app).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&render::app::Converted {
        app: render::app::App::of(call.state, app),
        client_id: &app.client_id,
        client_secret: &secrets.client,
        webhook_secret: secrets.webhook.as_deref(),
        pem: &secrets.pem,
    }))
}

/// The App's own installation that the path names.
fn named<'a>(call: &'a Call<'_>) -> Result<&'a Installation, Refusal> {
    let (app, id): (_, InstallationId) = (asking(call)?.id, call.parameter("installation_id")?);
    call.state.apps.installations.get(&id).filter(|there| there.app == app).ok_or_else(Refusal::not_found)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    since: Option<String>,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let filter: Filter = call.query()?;
    let since = filter.since.as_deref().and_then(Moment::parse);
    let app = asking(call)?.id;
    let own = call.state.apps.installations.values().filter(|there| there.app == app);
    let fitting = own.filter(|there| since.is_none_or(|since| there.updated_at >= since));
    Ok(Page::of(call, fitting)?.answer(|there| render::installation::Installation::of(call.state, there)))
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::installation::Installation::of(call.state, named(call)?)))
}

fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (id, bot) = (named(call)?.id, asking(call)?.bot);
    call.state.uninstall(id, bot);
    Ok(answer::no_content())
}

fn suspend(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (id, bot) = (named(call)?.id, asking(call)?.bot);
    call.state.suspend(id, bot, true);
    Ok(answer::no_content())
}

fn unsuspend(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (id, bot) = (named(call)?.id, asking(call)?.bot);
    call.state.suspend(id, bot, false);
    Ok(answer::no_content())
}

#[derive(Deserialize)]
struct Wanted {
    repositories: Option<Vec<String>>,
    repository_ids: Option<Vec<RepositoryId>>,
    permissions: Option<Permissions>,
}

#[derive(Serialize)]
struct Given<'a> {
    token: &'a str,
    expires_at: Moment,
    permissions: &'a Permissions,
    repository_selection: Chosen,
    #[serde(skip_serializing_if = "Option::is_none")]
    repositories: Option<Vec<Arc<serde_json::value::RawValue>>>,
}

fn new_token(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wanted: Wanted = call.body()?;
    let there = named(call)?;
    if there.suspended.is_some() {
        return Err(token::suspended().into());
    }
    let permissions = granted(there, wanted.permissions.as_ref())?;
    let repositories = chosen(call, there, &wanted)?;
    let (installation, bot) = (there.id, asking(call)?.bot);
    let text = format!("ghs_{}", call.state.draw.hex(36));
    let (now, expires_at) = (call.state.now, call.state.now.after(GOOD_FOR));
    let given = Given {
        token: &text,
        expires_at,
        permissions: &permissions,
        repository_selection: (&repositories).into(),
        repositories: cards(call, &repositories),
    };
    let answer = answer::created(&given);
    let grant = Grant { installation, bot, permissions, repositories };
    call.state.tokens.retain(|_, token| token.expires_at.is_none_or(|end| end > now));
    let principal = Principal::Installation(Arc::new(grant));
    call.state.tokens.insert(text, Token { principal, expires_at: Some(expires_at) });
    Ok(answer)
}

fn cards(call: &Call<'_>, selection: &Selection) -> Option<Vec<Arc<serde_json::value::RawValue>>> {
    let Selection::Selected(ids) = selection else { return None };
    let known = ids.iter().filter_map(|id| call.state.repositories.get(*id));
    Some(known.map(|at| render::repository::card(call.state, at)).collect())
}

/// What is wanted, if the installation has as much.
fn granted(there: &Installation, wanted: Option<&Permissions>) -> Result<Permissions, Refusal> {
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else { return Ok(there.permissions.clone()) };
    if wanted.iter().any(|(what, access)| there.permissions.get(what) < Some(access)) {
        return Err(Refusal::unprocessable("The permissions requested are not granted to this installation."));
    }
    let mut granted = wanted.clone();
    granted.entry(Permission::Metadata).or_insert(Access::Read);
    Ok(granted)
}

/// The repositories that are wanted, if the installation reaches them.
fn chosen(call: &Call<'_>, there: &Installation, wanted: &Wanted) -> Result<Selection, Refusal> {
    if wanted.repositories.is_none() && wanted.repository_ids.is_none() {
        return Ok(there.repositories.clone());
    }
    let named = wanted.repositories.iter().flatten().map(|name| reached(call, there, name));
    let numbered = wanted.repository_ids.iter().flatten().copied().map(Some);
    let ids: Option<BTreeSet<_>> = named.chain(numbered).collect();
    let holds = |id: &RepositoryId| call.state.repositories.get(*id).is_some_and(|at| there.holds(at));
    ids.filter(|ids| ids.iter().all(holds)).map(Selection::Selected).ok_or_else(|| {
        Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    })
}

fn reached(call: &Call<'_>, there: &Installation, name: &str) -> Option<RepositoryId> {
    use crate::world::repository::Found;
    match call.state.repositories.find(there.account, name)? {
        Found::Here(id) => Some(id),
        Found::Moved(_) => None,
    }
}
