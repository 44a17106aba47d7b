//! The letter's head: who, when, what about. What is not ASCII is encoded as RFC 2047 has it, line by line as git does.

use crate::object::{Commit, Signature};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc2822};

/// A line with encoded words is no longer than this, one of plain words not longer than two more.
const ENCODED: usize = 76;
const PLAIN: usize = 78;
const BEGIN: &str = "=?UTF-8?q?";
const CTE: &str = "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n";

pub(super) fn of(commit: &Commit, mark: &str) -> String {
    let mut head = from(&commit.author);
    head.push_str(&format!("Date: {}\n", date(&commit.author)));
    let start = format!("Subject: {mark} ");
    let subject = commit.subject();
    if subject.is_ascii() {
        head.push_str(&wrapped(start, &subject));
    } else {
        head.push_str(&encoded(start, &subject, |letter| letter.is_ascii_graphic() && !"=?_".contains(letter)));
    }
    head.push('\n');
    if !commit.message.is_ascii() {
        head.push_str(CTE);
    }
    head
}

fn from(who: &Signature) -> String {
    let name = if !who.name.is_ascii() {
        encoded("From: ".to_owned(), &who.name, |letter| letter.is_ascii_alphanumeric() || "!*+-/".contains(letter))
    } else if who.name.contains(|letter| "()<>[]:;@\\,.\"".contains(letter)) {
        format!("From: \"{}\"", who.name.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("From: {}", who.name)
    };
    format!("{name} <{}>\n", who.email)
}

/// The time on the author's clock; a time that no calendar has is shown as the beginning of 1970, as git does.
fn date(who: &Signature) -> String {
    let offset = UtcOffset::from_whole_seconds(who.offset_minutes.saturating_mul(60)).unwrap_or(UtcOffset::UTC);
    let at = OffsetDateTime::from_unix_timestamp(who.seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let at = at.checked_to_offset(offset).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let text = at.format(&Rfc2822).unwrap_or_default();
    // The standard's two-digit day is git's one.
    text.replacen(", 0", ", ", 1)
}

fn wrapped(mut line: String, text: &str) -> String {
    let mut length = line.len() - 1;
    line.truncate(length);
    for word in text.split(' ') {
        if length + 1 + word.len() > PLAIN {
            line.push('\n');
            length = 0;
        }
        line.push(' ');
        line.push_str(word);
        length += 1 + word.len();
    }
    line
}

fn encoded(mut line: String, text: &str, plain: fn(char) -> bool) -> String {
    let mut length = line.len() + BEGIN.len();
    line.push_str(BEGIN);
    for letter in text.chars() {
        let size = if plain(letter) { 1 } else { 3 * letter.len_utf8() };
        if length + 2 + size > ENCODED {
            line.push_str(&format!("?=\n {BEGIN}"));
            length = 1 + BEGIN.len();
        }
        if plain(letter) {
            line.push(letter);
        } else {
            letter.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| line.push_str(&format!("={byte:02X}")));
        }
        length += size;
    }
    line + "?="
}
