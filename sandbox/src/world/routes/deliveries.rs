//! The delivery log of a repository's webhook, and of an App's.

use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header::LINK};
use serde::{Deserialize, Serialize};

use super::hooks;
use crate::world::{
    answer::{self, Answer},
    call::Call,
    deliveries::Delivery,
    id::DeliveryId,
    permission::Permission,
    refusal::{Refusal, Stop},
    render::delivery::{Item, Whole},
    router::{Needs, Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries", read(Permission::RepositoryHooks), list),
    route(
        Method::GET,
        "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}",
        read(Permission::RepositoryHooks),
        get,
    ),
    route(
        Method::POST,
        "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts",
        write(Permission::RepositoryHooks),
        again,
    ),
    route(Method::GET, "/app/hook/deliveries", Needs::App, list),
    route(Method::GET, "/app/hook/deliveries/{delivery_id}", Needs::App, get),
    route(Method::POST, "/app/hook/deliveries/{delivery_id}/attempts", Needs::App, again),
];

#[derive(Deserialize)]
#[serde(default)]
struct Asked {
    per_page: usize,
    cursor: Option<String>,
    status: Option<Ended>,
}

impl Default for Asked {
    fn default() -> Self {
        Self { per_page: 30, cursor: None, status: None }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ended {
    Success,
    Failure,
}

impl Ended {
    fn fits(self, delivery: &Delivery) -> bool {
        let went_well = delivery.outcome.as_ref().map(|outcome| (200..400).contains(&outcome.status));
        went_well == Some(self == Self::Success)
    }
}

/// What a cursor begins with.
const CURSOR: &str = "v1_";

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let asked: Asked = call.query()?;
    let before = asked.cursor.as_deref().map_or(Ok(DeliveryId(u64::MAX)), place)?;
    let size = asked.per_page.clamp(1, 100);
    let all = call.state.deliveries.of(hooks::named(call)?.id, before);
    let mut fitting = all.filter(|delivery| asked.status.is_none_or(|ended| ended.fits(delivery)));
    let shown: Vec<&Delivery> = fitting.by_ref().take(size).collect();
    let further = fitting.next().and(shown.last()).map(|last| last.id);
    let items: Vec<Item> = shown.into_iter().map(Item::of).collect();
    let mut answer = answer::ok(&items);
    if let Some(link) = further.and_then(|last| next(call, size, last)) {
        answer.headers_mut().insert(LINK, link);
    }
    Ok(answer)
}

fn place(cursor: &str) -> Result<DeliveryId, Refusal> {
    let id = cursor.strip_prefix(CURSOR).and_then(|id| id.parse().ok());
    id.ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "Invalid cursor"))
}

fn next(call: &Call<'_>, size: usize, last: DeliveryId) -> Option<HeaderValue> {
    let (api, path) = (&call.state.addresses.api, call.request.uri().path());
    let kept = call.request.uri().query().unwrap_or_default().split('&').find(|pair| pair.starts_with("status="));
    let status = kept.map_or_else(String::new, |pair| format!("&{pair}"));
    let link = format!("<{api}{path}?per_page={size}&cursor={CURSOR}{last}{status}>; rel=\"next\"");
    HeaderValue::from_str(&link).ok()
}

/// The delivery that the path names, of the webhook that it names.
fn named<'a>(call: &'a Call<'_>) -> Result<&'a Delivery, Refusal> {
    let (hook, id): (_, DeliveryId) = (hooks::named(call)?.id, call.parameter("delivery_id")?);
    call.state.deliveries.get(id).filter(|delivery| delivery.hook == hook).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&Whole::of(call.state, named(call)?)))
}

#[derive(Serialize)]
struct Accepted {}

fn again(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let target = Arc::clone(&hooks::named(call)?.target);
    let delivery = named(call)?.clone();
    call.state.redeliver(&delivery, target);
    Ok(answer::json(StatusCode::ACCEPTED, &Accepted {}))
}
