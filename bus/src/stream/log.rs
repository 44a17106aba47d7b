//! What is special about LOG: its lives, and what it takes over from other streams.
//!
//! The races here are between LOG and its origins, VOICE and CLOCK.
//!
//! - *An origin is made anew.* The server notices and begins at its start, after 12 to 20 seconds. But where the source
//!   names a first number (`opt_start_seq`), it waits for that number in the new stream, and what comes before it is
//!   lost without a word. So `apply` takes the source out, makes the origin, and puts the source back without a number.
//! - *LOG is made anew and empty.* It takes over everything that its origins still hold: it has none of it. Deadlines
//!   that fire into the new LOG a second time carry the same `item, what, generation, due_at`.
//! - *LOG is restored from rows.* Then it has part of it already. It is made closed ([`create_log`]): it takes nothing
//!   over, and nobody's record but those of the restoration, whose publisher uses subjects of its own
//!   ([`restoring_subject`]). Everybody else finds nobody to answer, and waits. Filled, it is opened ([`open_log`]) for
//!   what comes after the last number that the rows hold.

use async_nats::jetstream::{
    Context,
    stream::{Config, Info, Source, SubjectTransform},
};
use serde::Deserialize;
use time::OffsetDateTime;

use super::{
    Epoch, Error, LOG, Overrides, Spec, api,
    apply::{create, find, update},
    epoch::{EPOCH_KEY, LINEAGE_KEY},
    message, specs,
    taken::Taken,
};
use crate::lineage::Lineage;

/// Stands in LOG's metadata while it is closed.
pub(super) const CLOSED_KEY: &str = "rig.closed";

/// What every subject of LOG begins with.
const OURS: &str = "rig.";

/// What a closed LOG takes, in place of what begins with [`OURS`].
const RESTORING: &str = "rig.restore.";

/// How far a restored LOG holds one of its origins, as the rows say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resume {
    /// The last record that was taken over from there.
    pub taken: Taken,
    /// When LOG stored it. An origin that was made after that is another one, and counts from its own beginning.
    pub stored_at: OffsetDateTime,
}

/// Makes a LOG to be filled from rows: its first record will get the number `first_sequence`, and until
/// [`open_log`] it takes nothing over from other streams. `apply` refuses to touch it in between.
///
/// # Errors
/// When there is a LOG already, or the server does not answer or refuses.
pub async fn create_log(
    js: &Context,
    overrides: &Overrides,
    first_sequence: u64,
    epoch: &Epoch,
    lineage: &Lineage,
) -> Result<(), Error> {
    let mut config = spec().config(overrides);
    config.first_sequence = Some(first_sequence);
    set_life(&mut config, epoch, lineage)?;
    close(&mut config);
    create(js, &config).await.map(drop)
}

/// Closes the LOG that is there: what it holds can be read, and nothing comes in any more until [`open_log`].
///
/// # Errors
/// When there is no LOG, or the server does not answer or refuses.
pub async fn close_log(js: &Context) -> Result<(), Error> {
    let mut config = find(js, LOG).await?.ok_or_else(missing)?.config;
    close(&mut config);
    update(js, &config).await.map(drop)
}

/// Deletes LOG. For a restoration alone, after each of its records has a row.
///
/// # Errors
/// When there is no LOG, or the server does not answer or refuses.
pub async fn delete_log(js: &Context) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Deleted {}
    api::ask(js, format!("STREAM.DELETE.{LOG}"), "the end of LOG", &()).await.map(|Deleted {}| ())
}

/// Where a record is published that is to stand on this subject of a closed LOG.
#[must_use]
pub fn restoring_subject(subject: &str) -> String {
    format!("{RESTORING}{}", subject.strip_prefix(OURS).unwrap_or(subject))
}

fn close(config: &mut Config) {
    config.sources = None;
    config.subjects = vec![format!("{RESTORING}>")];
    config.subject_transform =
        Some(SubjectTransform { source: format!("{RESTORING}>"), destination: format!("{OURS}>") });
    config.metadata.insert(CLOSED_KEY.to_owned(), "being restored".to_owned());
}

/// Lets a restored LOG take over from its origins what comes after the records that it holds. An origin of which
/// nothing is said is taken over from its beginning.
///
/// # Errors
/// When there is no LOG, or the server does not answer or refuses.
pub async fn open_log(js: &Context, overrides: &Overrides, resume: &[Resume]) -> Result<(), Error> {
    let info = find(js, LOG).await?.ok_or_else(missing)?;
    let mut config = spec().config(overrides);
    config.first_sequence = info.config.first_sequence;
    config.metadata = own_metadata(&info);
    config.metadata.remove(CLOSED_KEY);
    for source in config.sources.iter_mut().flatten() {
        source.start_sequence = start(js, &source.name, resume).await?;
    }
    update(js, &config).await.map(drop)
}

/// Begins a new life of a LOG that lost its tail: the records stay, positions are looked up in the lineage.
///
/// # Errors
/// When there is no LOG, or the server does not answer or refuses.
pub async fn begin_epoch(js: &Context, epoch: &Epoch, lineage: &Lineage) -> Result<(), Error> {
    let mut config = find(js, LOG).await?.ok_or_else(missing)?.config;
    set_life(&mut config, epoch, lineage)?;
    update(js, &config).await.map(drop)
}

/// What LOG keeps when it is made to be as its file says.
pub(super) async fn keep(js: &Context, config: &mut Config, info: &Info) -> Result<(), Error> {
    config.metadata = own_metadata(info);
    if config.metadata.contains_key(CLOSED_KEY) {
        return Err(Error::Closed);
    }
    config.metadata.entry(EPOCH_KEY.to_owned()).or_insert_with(|| Epoch::new().to_string());
    for source in config.sources.iter_mut().flatten() {
        source.start_sequence = match started_at(info, &source.name) {
            Some(start) if !takes_over_from(js, source).await? => Some(start),
            _ => None,
        };
    }
    Ok(())
}

/// Takes out of LOG the sources whose streams are gone and will be made anew.
pub(super) async fn let_go_of_missing(js: &Context) -> Result<(), Error> {
    let Some(info) = find(js, LOG).await? else { return Ok(()) };
    let sources = info.config.sources.clone().unwrap_or_default();
    let mut there = Vec::with_capacity(sources.len());
    for source in &sources {
        if find(js, &source.name).await?.is_some() {
            there.push(source.clone());
        }
    }
    if there.len() == sources.len() {
        return Ok(());
    }
    let config = Config { sources: (!there.is_empty()).then_some(there), ..info.config };
    update(js, &config).await.map(drop)
}

fn spec() -> &'static Spec {
    specs().iter().find(|spec| spec.name == LOG).unwrap_or(&specs()[0])
}

fn missing() -> Error {
    Error::Missing { what: "stream LOG".to_owned() }
}

fn set_life(config: &mut Config, epoch: &Epoch, lineage: &Lineage) -> Result<(), Error> {
    let lineage = serde_json::to_string(lineage).map_err(Error::Lineage)?;
    config.metadata.insert(EPOCH_KEY.to_owned(), epoch.to_string());
    config.metadata.insert(LINEAGE_KEY.to_owned(), lineage);
    Ok(())
}

fn own_metadata(info: &Info) -> std::collections::HashMap<String, String> {
    let ours = info.config.metadata.iter().filter(|(key, _)| key.starts_with("rig."));
    ours.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The first number to take over from an origin; nothing for its beginning.
async fn start(js: &Context, origin: &str, resume: &[Resume]) -> Result<Option<u64>, Error> {
    let (Some(resume), Some(info)) =
        (resume.iter().find(|resume| resume.taken.stream == origin), find(js, origin).await?)
    else {
        return Ok(None);
    };
    let is_the_same = info.created <= resume.stored_at && resume.taken.sequence <= info.state.last_sequence;
    Ok(is_the_same.then_some(resume.taken.sequence + 1))
}

fn started_at(info: &Info, origin: &str) -> Option<u64> {
    info.config.sources.iter().flatten().find(|source| source.name == origin)?.start_sequence
}

/// Whether LOG took over from this origin since it was opened: then the server knows by itself where it stands.
async fn takes_over_from(js: &Context, source: &Source) -> Result<bool, Error> {
    for transform in &source.subject_transforms {
        let subject = transform.destination.split('.').map(|token| if token.starts_with('$') { "*" } else { token });
        if let Some(message) = message::last(js, LOG, &subject.collect::<Vec<_>>().join(".")).await?
            && Taken::of(&message.headers).is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}
