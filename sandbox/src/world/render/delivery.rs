//! `hook-delivery`, and `hook-delivery-item` in lists.

use http::HeaderMap;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::world::{
    deliveries::Delivery,
    hook::Owner,
    id::{DeliveryId, InstallationId, RepositoryId},
    moment::Moment,
    post,
    state::State,
};

/// One of many.
#[derive(Serialize)]
pub(crate) struct Item {
    id: DeliveryId,
    guid: Uuid,
    delivered_at: Moment,
    redelivery: bool,
    duration: f64,
    status: String,
    status_code: u16,
    event: &'static str,
    action: Option<&'static str>,
    installation_id: Option<InstallationId>,
    repository_id: Option<RepositoryId>,
    throttled_at: Option<Moment>,
}

/// One with all that was said.
#[derive(Serialize)]
pub(crate) struct Whole<'a> {
    #[serde(flatten)]
    item: Item,
    url: String,
    request: Request<'a>,
    response: Response<'a>,
}

#[derive(Serialize)]
struct Request<'a> {
    headers: Headers,
    payload: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Response<'a> {
    headers: Option<Headers>,
    payload: Option<&'a str>,
}

impl Item {
    pub(crate) fn of(delivery: &Delivery) -> Self {
        let outcome = delivery.outcome.as_ref();
        Self {
            id: delivery.id,
            guid: delivery.guid,
            delivered_at: delivery.at,
            redelivery: delivery.redelivery,
            duration: outcome.map_or(0.0, |outcome| seconds(outcome.millis)),
            status: outcome.map_or_else(|| "pending".to_owned(), |outcome| status(outcome.status, &outcome.said)),
            status_code: outcome.map_or(0, |outcome| outcome.status),
            event: delivery.event,
            action: delivery.action,
            installation_id: delivery.installation,
            repository_id: delivery.repository,
            throttled_at: None,
        }
    }
}

fn status(code: u16, said: &str) -> String {
    match code {
        200..=299 => "OK".to_owned(),
        0 => said.to_owned(),
        code => format!("Invalid HTTP Response: {code}"),
    }
}

fn seconds(millis: u64) -> f64 {
    std::time::Duration::from_millis(millis).as_secs_f64()
}

impl<'a> Whole<'a> {
    pub(crate) fn of(state: &State, delivery: &'a Delivery) -> Self {
        let hook = match delivery.owner {
            Owner::Repository(id) => {
                let at = state.repositories.get(id);
                let at = at.map_or_else(String::new, |at| super::repository::url(state, at));
                format!("{at}/hooks/{}", delivery.hook)
            }
            Owner::App(_) => format!("{}/app/hook", state.addresses.api),
        };
        let said = delivery.outcome.as_ref().filter(|outcome| outcome.status != 0);
        Self {
            item: Item::of(delivery),
            url: format!("{hook}/deliveries/{}", delivery.id),
            request: Request {
                headers: Headers(post::headers(delivery, &post::body(delivery))),
                payload: serde_json::from_slice(&delivery.payload).ok(),
            },
            response: Response {
                headers: said.map(|_| Headers(HeaderMap::new())),
                payload: said.map(|outcome| outcome.said.as_str()),
            },
        }
    }
}

/// Headers, their names as GitHub writes them.
struct Headers(HeaderMap);

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(&written(name.as_str()), &String::from_utf8_lossy(value.as_bytes()))?;
        }
        map.end()
    }
}

fn written(name: &str) -> String {
    let words = name.split('-').map(|word| match word {
        "github" => "GitHub".to_owned(),
        "id" => "ID".to_owned(),
        _ => word.get(..1).unwrap_or_default().to_ascii_uppercase() + word.get(1..).unwrap_or_default(),
    });
    words.collect::<Vec<_>>().join("-")
}
