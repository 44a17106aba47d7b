//! The envelope: CloudEvents 1.0, structured JSON, and the Rig's extensions.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::id::RecordId;

/// How far the words in a record may be trusted. Text from outside is data, whoever wrote it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The person who runs this rig.
    Operator,
    /// A member of the repository or its organisation.
    Member,
    /// Anybody else, and whatever nobody vouches for.
    #[default]
    Outsider,
    /// An agent: a claim.
    Agent,
}

/// What stands round the data of every record.
///
/// `D` is the data: a type of the catalogue when writing, [`RawValue`] when reading what may be of any type.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Envelope<'a, D> {
    /// Always `1.0`.
    #[serde(borrow)]
    pub specversion: Cow<'a, str>,
    /// The record's identity.
    pub id: RecordId,
    /// `rig.<family>.<kind>.v<n>`.
    #[serde(rename = "type", borrow)]
    pub type_name: Cow<'a, str>,
    /// The program that published it, as `/rig/ingest`.
    #[serde(borrow)]
    pub source: Cow<'a, str>,
    /// What it is about, as `acme/hello.site#42` (an issue) or `acme/hello.site!57` (a pull request).
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Cow<'a, str>>,
    /// When it was said, by the speaker's clock. Decisions use the time at which the server stored it.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub time: OffsetDateTime,
    /// Always `application/json`.
    #[serde(borrow, default = "json")]
    pub datacontenttype: Cow<'a, str>,
    /// The record that led to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<RecordId>,
    /// The run in which it was said.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Cow<'a, str>>,
    /// Who did it: a login, a person's name, an agent's name.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Cow<'a, str>>,
    /// How far its words may be trusted.
    #[serde(default)]
    pub trust: Trust,
    /// W3C trace context.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<Cow<'a, str>>,
    /// What is said. `say` in it is the sentence people are shown.
    pub data: D,
}

/// The moment at which a record is made: the one place where records get their time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the clock is read where a record is made, and only here")]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

fn json() -> Cow<'static, str> {
    Cow::Borrowed("application/json")
}

impl<'a, D> Envelope<'a, D> {
    /// An envelope with what every record has; the rest is set by name.
    #[must_use]
    pub fn new(id: RecordId, type_name: &'a str, source: &'a str, time: OffsetDateTime, data: D) -> Self {
        Self {
            specversion: Cow::Borrowed("1.0"),
            id,
            type_name: Cow::Borrowed(type_name),
            source: Cow::Borrowed(source),
            subject: None,
            time,
            datacontenttype: json(),
            cause: None,
            run: None,
            actor: None,
            trust: Trust::default(),
            traceparent: None,
            data,
        }
    }
}

/// An envelope as it is read: its data not yet looked at.
pub type Sealed<'a> = Envelope<'a, &'a RawValue>;

/// The one field that every record's data has.
#[derive(Deserialize)]
struct Sentence<'a> {
    #[serde(borrow, default)]
    say: Cow<'a, str>,
}

impl<'a> Sealed<'a> {
    /// The sentence people are shown; empty where the record has none.
    #[must_use]
    pub fn say(&self) -> Cow<'a, str> {
        serde_json::from_str::<Sentence<'a>>(self.data.get()).map(|sentence| sentence.say).unwrap_or_default()
    }

    /// The data as a type of the catalogue.
    ///
    /// # Errors
    /// When the data is not of that type.
    pub fn open<D: Deserialize<'a>>(&self) -> Result<D, serde_json::Error> {
        serde_json::from_str(self.data.get())
    }
}
