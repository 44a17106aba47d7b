//! The durables: made before anybody binds them, so that what is published before the first worker starts waits for it.

use std::collections::HashMap;

use async_nats::jetstream::{
    Context,
    consumer::{AckPolicy, Config, DeliverPolicy, Info, ReplayPolicy},
};
use serde::{Deserialize, Serialize};

use super::{Change, Error, LOG, api, change::differences};
use crate::{
    filter::Filter,
    roles::{Durable, Name, Role},
};

/// Where a durable's metadata names the role it is for.
const ROLE_KEY: &str = "rig.role";

/// How many pulls may wait at once: the server's default, said so that a difference is seen.
const MAX_WAITING: i64 = 512;

#[derive(Serialize)]
struct Create<'a> {
    stream_name: &'a str,
    config: &'a Config,
}

#[derive(Deserialize)]
struct Page {
    total: usize,
    #[serde(default)]
    consumers: Vec<Info>,
}

#[derive(Deserialize)]
struct Deleted {
    success: bool,
}

/// Makes the durable of a user, or changes it to what the user's role says. Says what it changed.
///
/// # Errors
/// When there is no LOG, or the server does not answer or refuses.
pub async fn add_durable(js: &Context, role: &Role, name: &Name) -> Result<Vec<Change>, Error> {
    match role.grants(name).durable {
        Some(durable) => apply(js, &durable).await,
        None => Ok(Vec::new()),
    }
}

/// Makes the durable `sub-<name>` of a subscriber, or gives it these filters. A new one delivers LOG from its beginning.
///
/// # Errors
/// When there is no LOG, or the server does not answer or refuses.
pub async fn add_subscriber(js: &Context, name: &Name, filters: &[Filter]) -> Result<Vec<Change>, Error> {
    add_durable(js, &Role::Subscriber { filters: filters.to_vec() }, name).await
}

/// Removes a subscriber's durable and with it its place in LOG. Says whether there was one.
///
/// # Errors
/// When the server does not answer or refuses.
pub async fn remove_subscriber(js: &Context, name: &Name) -> Result<bool, Error> {
    let Some(durable) = (Role::Subscriber { filters: Vec::new() }).grants(name).durable else { return Ok(false) };
    let (subject, what) = (format!("CONSUMER.DELETE.{LOG}.{}", durable.name), name_of(&durable.name));
    match api::ask(js, subject, &what, &()).await {
        Ok(Deleted { success }) => Ok(success),
        Err(Error::Missing { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The durables of the users who are there from the beginning.
pub(super) fn of_the_table() -> impl Iterator<Item = Durable> {
    Role::STATIC.into_iter().filter_map(|role| role.grants(&role.only_user()?).durable)
}

pub(super) async fn apply(js: &Context, durable: &Durable) -> Result<Vec<Change>, Error> {
    let changes = compare(js, durable).await?;
    if !changes.is_empty() {
        let request = Create { stream_name: LOG, config: &config(durable) };
        let subject = format!("CONSUMER.CREATE.{LOG}.{}", durable.name);
        let _: Info = api::insist(js, &subject, &name_of(&durable.name), &request).await?;
    }
    Ok(changes)
}

/// In what the durables differ from the table, and which ones nobody asked for.
pub(super) async fn diff(js: &Context) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for durable in of_the_table() {
        changes.extend(compare(js, &durable).await?);
    }
    let strangers = list(js).await?.into_iter().filter(is_strange);
    changes.extend(strangers.map(|info| Change::Unknown { what: name_of(&info.name) }));
    Ok(changes)
}

async fn compare(js: &Context, durable: &Durable) -> Result<Vec<Change>, Error> {
    let what = name_of(&durable.name);
    let subject = format!("CONSUMER.INFO.{LOG}.{}", durable.name);
    match api::ask::<_, Info>(js, subject, &what, &()).await {
        Ok(info) => Ok(differences(&what, &info.config, &config(durable))),
        Err(Error::Missing { .. }) => Ok(vec![Change::Missing { what }]),
        Err(error) => Err(error),
    }
}

/// A durable that no role of ours has: readers that keep their place themselves use none.
fn is_strange(info: &Info) -> bool {
    info.config.durable_name.is_some() && !info.config.metadata.contains_key(ROLE_KEY)
}

async fn list(js: &Context) -> Result<Vec<Info>, Error> {
    let mut found = Vec::new();
    loop {
        let request = serde_json::json!({ "offset": found.len() });
        let page = api::ask(js, format!("CONSUMER.LIST.{LOG}"), "the consumers of LOG", &request).await;
        match page {
            Ok(Page { total, consumers }) => {
                let is_last = consumers.is_empty() || found.len() + consumers.len() >= total;
                found.extend(consumers);
                if is_last {
                    return Ok(found);
                }
            }
            Err(Error::Missing { .. }) => return Ok(found),
            Err(error) => return Err(error),
        }
    }
}

/// Deliveries are never used up by the server: it would forget the record, and nobody would hear of it.
fn config(durable: &Durable) -> Config {
    let (one, many) = match durable.filters.as_slice() {
        [one] => (one.clone(), Vec::new()),
        many => (String::new(), many.to_vec()),
    };
    Config {
        durable_name: Some(durable.name.clone()),
        name: Some(durable.name.clone()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: durable.ack_wait,
        max_deliver: -1,
        filter_subject: one,
        filter_subjects: many,
        replay_policy: ReplayPolicy::Instant,
        max_waiting: MAX_WAITING,
        max_ack_pending: durable.max_ack_pending,
        max_batch: durable.max_batch,
        metadata: HashMap::from([(ROLE_KEY.to_owned(), durable.role.to_owned())]),
        ..Config::default()
    }
}

fn name_of(consumer: &str) -> String {
    format!("consumer {consumer}")
}
