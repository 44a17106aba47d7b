//! Making the server what the files and the table say. Doing it twice is doing it once.

use async_nats::jetstream::{
    Context,
    stream::{Config, Info},
};

use super::{
    Change, Epoch, Error, LOG, Overrides, Spec, api, change::differences, durable, epoch::EPOCH_KEY, log, specs,
};
use crate::clock;

/// Makes every stream, the tick, and the durables of the roles that are there from the beginning. Says what it changed.
///
/// # Errors
/// When the server does not answer or refuses, when LOG is being restored, or when a stream is to be smaller than what it holds.
pub async fn apply(js: &Context, overrides: &Overrides) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    log::let_go_of_missing(js).await?;
    for spec in specs() {
        changes.extend(apply_stream(js, spec, overrides).await?);
    }
    changes.extend(clock::apply_tick(js).await?);
    for durable in durable::of_the_table() {
        changes.extend(durable::apply(js, &durable).await?);
    }
    Ok(changes)
}

/// Says in what the server differs from what it should be, and changes nothing.
///
/// # Errors
/// When the server does not answer or refuses.
pub async fn diff(js: &Context, overrides: &Overrides) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for spec in specs() {
        changes.extend(diff_stream(js, spec, overrides).await?);
    }
    changes.extend(clock::diff_tick(js).await?);
    changes.extend(durable::diff(js).await?);
    Ok(changes)
}

async fn apply_stream(js: &Context, spec: &Spec, overrides: &Overrides) -> Result<Vec<Change>, Error> {
    let Some(info) = find(js, &spec.name).await? else {
        create(js, &fresh(spec, overrides)).await?;
        return Ok(vec![Change::Missing { what: name_of(&spec.name) }]);
    };
    let wanted = wanted(js, spec, overrides, &info).await?;
    let changes = differences(&name_of(&spec.name), &info.config, &wanted);
    if !changes.is_empty() {
        must_hold(&info, &wanted)?;
        update(js, &wanted).await?;
    }
    Ok(changes)
}

async fn diff_stream(js: &Context, spec: &Spec, overrides: &Overrides) -> Result<Vec<Change>, Error> {
    let what = name_of(&spec.name);
    Ok(match find(js, &spec.name).await? {
        None => vec![Change::Missing { what }],
        Some(info) => differences(&what, &info.config, &wanted(js, spec, overrides, &info).await?),
    })
}

/// A stream that is made now. A new LOG takes over whatever its origins hold: it holds none of it yet.
fn fresh(spec: &Spec, overrides: &Overrides) -> Config {
    let mut config = spec.config(overrides);
    if spec.name == LOG {
        config.metadata.insert(EPOCH_KEY.to_owned(), Epoch::new().to_string());
    }
    config
}

/// What a stream should be that is there already: as the file says, and what is its own it keeps.
async fn wanted(js: &Context, spec: &Spec, overrides: &Overrides, info: &Info) -> Result<Config, Error> {
    let mut config = spec.config(overrides);
    config.first_sequence = info.config.first_sequence;
    if spec.name == LOG {
        log::keep(js, &mut config, info).await?;
    }
    Ok(config)
}

/// Made smaller than what it holds, LOG would take nothing more, and a stream that discards its oldest would do so at once.
fn must_hold(info: &Info, wanted: &Config) -> Result<(), Error> {
    let asked = u64::try_from(wanted.max_bytes).unwrap_or(u64::MAX);
    if info.state.bytes <= asked {
        return Ok(());
    }
    Err(Error::TooSmall { stream: wanted.name.clone(), holds: info.state.bytes, asked })
}

pub(super) async fn find(js: &Context, stream: &str) -> Result<Option<Info>, Error> {
    match api::ask(js, format!("STREAM.INFO.{stream}"), &name_of(stream), &()).await {
        Ok(info) => Ok(Some(info)),
        Err(Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn create(js: &Context, config: &Config) -> Result<Info, Error> {
    let what = name_of(&config.name);
    api::insist(js, &format!("STREAM.CREATE.{}", config.name), &what, config).await
}

pub(super) async fn update(js: &Context, config: &Config) -> Result<Info, Error> {
    let what = name_of(&config.name);
    api::insist(js, &format!("STREAM.UPDATE.{}", config.name), &what, config).await
}

pub(super) fn name_of(stream: &str) -> String {
    format!("stream {stream}")
}
