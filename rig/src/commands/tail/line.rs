//! One record as one line: for programs exactly as it is stored, for people as a sentence.

use std::borrow::Cow;

use bus::{Sequenced, Subject, envelope::Sealed, stream::Epoch};
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::{
    local_time::LocalTime,
    screen::{BAD, FAINT, NAME, clean_line},
};

/// The most characters of a sentence on one line; the rest is in `--json`.
const MOST: usize = 400;

/// A record for programs, as `--json` prints it.
#[derive(Serialize)]
struct Json<'a> {
    sequence: u64,
    subject: &'a str,
    #[serde(with = "time::serde::rfc3339")]
    stored_at: OffsetDateTime,
    /// Which life of LOG the sequence belongs to; a subscriber's credential may not ask.
    epoch: Option<&'a str>,
    /// The record as it was published, but for line ends between its tokens.
    record: Option<&'a RawValue>,
    /// Why it is not taken for a record.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// What was published instead of JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
}

/// The record as one line of JSON: byte for byte as published, line ends between tokens made spaces.
pub(super) fn json(record: &Sequenced, epoch: Option<&Epoch>) -> String {
    let raw = one_line(&record.body).and_then(|text| RawValue::from_string(text).ok());
    let line = Json {
        sequence: record.sequence,
        subject: &record.subject,
        stored_at: record.stored_at,
        epoch: epoch.map(Epoch::as_str),
        record: raw.as_deref(),
        refused: record.decode().err().map(|refusal| refusal.to_string()),
        text: raw.is_none().then(|| String::from_utf8_lossy(&record.body)),
    };
    // Numbers, strings, valid JSON and a time within the calendar: there is no value that cannot be written.
    serde_json::to_string(&line).unwrap_or_default()
}

/// JSON has line ends only between its tokens, never inside a string, so that a space says the same.
fn one_line(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    Some(text.replace(['\n', '\r'], " "))
}

/// The record as a person reads it: time, sequence, who, what.
pub(super) fn human(record: &Sequenced) -> String {
    let time = LocalTime::of(record.stored_at).seconds();
    let sequence = record.sequence;
    match record.decode() {
        Ok((subject, envelope)) => {
            let (who, said) = (who(&subject, &envelope), said(&subject, &envelope));
            format!("{FAINT}{time} {sequence:>7}{FAINT:#}  {NAME}{who:<14}{NAME:#} {said}")
        }
        Err(refusal) => {
            let (subject, refusal) = (clean_line(&record.subject), clean_line(&refusal.to_string()));
            format!("{FAINT}{time} {sequence:>7}{FAINT:#}  {BAD}✗ {subject}{BAD:#} {refusal}")
        }
    }
}

/// The day on which it was stored, as people write it.
pub(super) fn day(record: &Sequenced) -> String {
    LocalTime::of(record.stored_at).day()
}

/// A line that says which day it is from here on.
pub(super) fn day_heading(day: &str) -> String {
    format!("{FAINT}{day}{FAINT:#}")
}

/// Whether it is the 30 s tick, which people need not see.
pub(super) fn is_tick(record: &Sequenced) -> bool {
    record.subject == "rig.evt.due.tick"
}

fn who(subject: &Subject, envelope: &Sealed<'_>) -> String {
    let speaker = match (&envelope.actor, subject) {
        (Some(actor), _) => actor.as_ref(),
        (None, Subject::ChatAgent { name, .. } | Subject::Agent { name, .. }) => name.as_str(),
        (None, Subject::ChatOperator { who, .. }) => who.as_str(),
        (None, _) => envelope.source.trim_start_matches("/rig/"),
    };
    shortened(&clean_line(speaker), 30)
}

fn said(subject: &Subject, envelope: &Sealed<'_>) -> String {
    let say = envelope.say();
    let words = match say.trim() {
        "" => Cow::Owned(format!("{} on {subject}", envelope.type_name)),
        words => Cow::Borrowed(words),
    };
    let words = shortened(&clean_line(&words), MOST);
    match subject {
        Subject::ChatOperator { room, .. } | Subject::ChatAgent { room, .. } if room.as_str() != "general" => {
            let room = room.text().unwrap_or_else(|| room.to_string());
            format!("{FAINT}[{}]{FAINT:#} {words}", clean_line(&room))
        }
        _ => words,
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bus::{Envelope, RecordId};
    use bytes::Bytes;

    use super::*;

    fn stored(subject: &str, body: impl Into<Bytes>) -> Sequenced {
        Sequenced {
            sequence: 7,
            subject: subject.to_owned(),
            headers: async_nats::HeaderMap::new(),
            body: body.into(),
            stored_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn said_in(room: &str, say: &str) -> Sequenced {
        let data = serde_json::json!({"say": say, "room": room, "who": "nora"});
        let envelope = Envelope::new(
            RecordId::of_delivery("one"),
            "rig.chat.said.v1",
            "/rig/chat",
            OffsetDateTime::UNIX_EPOCH,
            data,
        );
        let subject = format!("rig.evt.chat.{room}.operator.nora");
        stored(&subject, serde_json::to_vec(&envelope).unwrap())
    }

    #[test]
    fn json_is_one_line_and_keeps_every_token() {
        let body = "{\r\n \"a\": 1.50e3,\n \"a\": 99999999999999999999999, \"s\": \"x\\ny\" }";
        let line = json(&stored("rig.evt.x", body), Some(&Epoch::from("e".to_owned())));
        assert!(!line.contains(['\n', '\r']), "{line}");
        assert!(line.contains("{   \"a\": 1.50e3,  \"a\": 99999999999999999999999, \"s\": \"x\\ny\" }"), "{line}");
        assert!(
            line.starts_with(r#"{"sequence":7,"subject":"rig.evt.x","stored_at":"1970-01-01T00:00:00Z","epoch":"e","#)
        );
    }

    #[test]
    fn what_is_not_json_is_shown_as_text_with_the_reason() {
        let line = json(&stored("rig.evt.bus.gap", Bytes::from_static(b"\xffno")), None);
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&line["record"], &line["text"]), (&serde_json::Value::Null, &serde_json::json!("\u{fffd}no")));
        assert!(line["refused"].as_str().unwrap().contains("not a CloudEvents envelope"), "{line}");
    }

    #[test]
    fn people_read_who_and_what_and_no_commands_to_their_terminal() {
        let line = anstream::adapter::strip_str(&human(&said_in("general", "hi\u{1b}[2J\nthere"))).to_string();
        assert!(line.ends_with("7  nora           hi\\u{1b}[2J there"), "{line}");
        let line = anstream::adapter::strip_str(&human(&said_in("ops", "hi"))).to_string();
        assert!(line.ends_with("nora           [ops] hi"), "{line}");
        let line = anstream::adapter::strip_str(&human(&stored("foo", "{}"))).to_string();
        assert!(line.contains("✗ foo `foo` is not a subject of the Rig"), "{line}");
    }

    #[test]
    fn a_long_sentence_is_cut_between_characters() {
        let line = human(&said_in("general", &"é".repeat(500)));
        assert!(line.ends_with(&format!("{}…", "é".repeat(400))));
    }
}
