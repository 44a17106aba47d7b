//! A record as evidence: what it says, and where that may be looked at.

use bus::{RecordId, Sequenced, Subject, Token, catalogue::TypeName, envelope::Sealed};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

/// What begins the mark that our door leaves in what it makes; the id of the command stands behind it.
const MARK: &str = "<!-- rig:";

/// Where GitHub's payloads have the address of what they tell, the most telling first.
const ADDRESSES: [&str; 7] = [
    "/payload/comment/html_url",
    "/payload/review/html_url",
    "/payload/check_run/html_url",
    "/payload/pull_request/html_url",
    "/payload/issue/html_url",
    "/payload/target_url",
    "/payload/compare",
];

/// Where GitHub's payloads have the commit that they tell of.
const COMMITS: [&str; 5] = [
    "/payload/check_run/head_sha",
    "/payload/review/commit_id",
    "/payload/pull_request/head/sha",
    "/payload/sha",
    "/payload/after",
];

/// One record, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Line {
    /// Its number in LOG.
    pub(super) sequence: u64,
    /// When it was stored.
    #[serde(with = "time::serde::rfc3339")]
    pub(super) at: OffsetDateTime,
    /// Its kind, as `work.live` or `github.check_run`.
    pub(super) kind: String,
    /// Who speaks.
    pub(super) who: String,
    /// Its sentence.
    pub(super) say: String,
    /// The commit that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
    /// Where that may be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

/// A record with what it is caused by.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: RecordId,
    pub(super) line: Line,
    /// The title of the item that it is a step of.
    pub(super) title: Option<String>,
    /// The record that caused it.
    pub(super) cause: Option<RecordId>,
    /// Whether it is told no further back: what led to it is a step of its own.
    pub(super) is_last: bool,
}

/// The record as evidence; nothing where it cannot be read.
pub(super) fn of(record: &Sequenced) -> Option<Known> {
    let (subject, envelope) = record.decode().ok()?;
    let data: Value = envelope.open().unwrap_or_default();
    let name = TypeName::parse(&envelope.type_name)?;
    let line = Line {
        sequence: record.sequence,
        at: record.stored_at,
        kind: format!("{}.{}", name.family, name.kind),
        who: speaker(&subject),
        say: said(&subject, &envelope),
        commit: commit(&subject, &data),
        url: address(&subject, &data),
    };
    let title = first(&data, &["/item/title"]);
    let cause = envelope.cause.or_else(|| ordered(&subject, &data));
    // What led to a command is a step of its own; but nothing went before a person's word that something be filed.
    let is_first = line.kind == "cmd.file";
    Some(Known { id: envelope.id, line, title, cause, is_last: name.family == "cmd" && !is_first })
}

/// Who speaks, by the subject, which the server holds them to.
fn speaker(subject: &Subject) -> String {
    let named = |token: &Token| token.text().unwrap_or_else(|| token.to_string());
    match subject {
        Subject::Github { .. } => "GitHub".to_owned(),
        Subject::ChatOperator { who, .. } => named(who),
        Subject::ChatAgent { name, .. } | Subject::Agent { name, .. } => named(name),
        Subject::Outcome { door, .. } => format!("{}'s door", named(door)),
        Subject::Deploy { .. } => "the probe".to_owned(),
        Subject::Due { .. } => "the clock".to_owned(),
        _ => "conductor-e".to_owned(),
    }
}

/// The command that made what GitHub tells of, by the mark in its text. Anybody can write a mark, so it counts only in
/// what a program wrote.
fn ordered(subject: &Subject, data: &Value) -> Option<RecordId> {
    let Subject::Github { .. } = subject else {
        return None;
    };
    let payload = data.get("payload")?;
    let made = ["comment", "review", "pull_request", "issue"].iter().find_map(|thing| payload.get(thing))?;
    let is_program = made.pointer("/user/type").and_then(Value::as_str) == Some("Bot");
    let (_, mark) = made.get("body")?.as_str().filter(|_| is_program)?.rsplit_once(MARK)?;
    mark.split_once(" -->")?.0.parse().ok()
}

fn said(subject: &Subject, envelope: &Sealed<'_>) -> String {
    match envelope.say().trim() {
        "" => subject.to_string(),
        say => say.to_owned(),
    }
}

fn commit(subject: &Subject, data: &Value) -> Option<String> {
    let places: &[&str] = match subject {
        Subject::Github { .. } => &COMMITS,
        _ => &["/commit", "/left/commit", "/head"],
    };
    first(data, places)
}

fn address(subject: &Subject, data: &Value) -> Option<String> {
    let places: &[&str] = match subject {
        Subject::Github { .. } => &ADDRESSES,
        _ => &["/url", "/left/url"],
    };
    first(data, places)
}

fn first(data: &Value, places: &[&str]) -> Option<String> {
    places.iter().find_map(|place| data.pointer(place)?.as_str()).map(str::to_owned)
}
