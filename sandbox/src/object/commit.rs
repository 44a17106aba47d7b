//! A commit: a tree, where it came from, who made it, and why.

use super::{Error, Kind, Oid};
use bytes::{Bytes, BytesMut};
use std::borrow::Cow;

/// A commit. Of a [`Signature`]'s name and address only what cannot break a line is written. Text that is not UTF-8 is read with replacements; the store keeps the bytes of such a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// What the repository held.
    pub tree: Oid,
    /// What it was made from, the first being the branch it was made on.
    pub parents: Vec<Oid>,
    /// Who wrote the change.
    pub author: Signature,
    /// Who made the commit.
    pub committer: Signature,
    /// The message, as a rule ending with a newline.
    pub message: String,
    /// The header lines after the committer, each with its newline: `encoding`, `gpgsig`, `mergetag`.
    pub extra: Bytes,
}

/// Who, and when.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Signature {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Seconds since 1970, UTC.
    pub seconds: i64,
    /// How far the clock on the wall was ahead of UTC.
    pub offset_minutes: i32,
}

impl Commit {
    /// The message's first paragraph on one line, as git names a commit.
    #[must_use]
    pub fn subject(&self) -> String {
        let lines = self.message.trim_start_matches('\n').lines();
        lines.take_while(|line| !line.trim().is_empty()).map(str::trim).collect::<Vec<_>>().join(" ")
    }

    /// The message after its first paragraph, without the empty lines around it.
    #[must_use]
    pub fn body(&self) -> &str {
        let message = self.message.trim_start_matches('\n');
        let mut end = 0;
        for line in message.split_inclusive('\n') {
            if line.trim().is_empty() {
                break;
            }
            end += line.len();
        }
        message.get(end..).unwrap_or_default().trim_matches('\n')
    }

    pub(super) fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::from(format!("tree {}\n", self.tree).as_bytes());
        for parent in &self.parents {
            bytes.extend_from_slice(format!("parent {parent}\n").as_bytes());
        }
        bytes.extend_from_slice(format!("author {}\ncommitter {}\n", self.author, self.committer).as_bytes());
        bytes.extend_from_slice(&self.extra);
        bytes.extend_from_slice(b"\n");
        bytes.extend_from_slice(self.message.as_bytes());
        bytes.freeze()
    }

    pub(super) fn decode(bytes: &Bytes) -> Result<Self, Error> {
        let mut rest = bytes.clone();
        let tree = header(&mut rest, "tree").and_then(|value| oid(&value)).ok_or(malformed("it names no tree"))?;
        let mut parents = Vec::new();
        while let Some(parent) = header(&mut rest, "parent") {
            parents.push(oid(&parent).ok_or(malformed("a parent is no object id"))?);
        }
        let author = header(&mut rest, "author").ok_or(malformed("it has no author"))?;
        let committer = header(&mut rest, "committer").ok_or(malformed("it has no committer"))?;
        let extra = extra(&mut rest);
        let header = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
        if header.contains(&b'\0') {
            return Err(malformed("its header has a zero byte"));
        }
        let message = String::from_utf8_lossy(&rest).into_owned();
        let (author, committer) = (Signature::read(&author), Signature::read(&committer));
        Ok(Self { tree, parents, author, committer, message, extra })
    }
}

const fn malformed(fault: &'static str) -> Error {
    Error::Malformed { kind: Kind::Commit, fault }
}

fn oid(text: &[u8]) -> Option<Oid> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Takes the line `name value` from the front, if it stands there, and gives its value.
fn header(rest: &mut Bytes, name: &str) -> Option<Bytes> {
    let value = rest.strip_prefix(name.as_bytes())?.strip_prefix(b" ")?;
    let length = value.iter().position(|byte| *byte == b'\n')?;
    let start = name.len() + 1;
    let line = rest.split_to(start + length + 1);
    Some(line.slice(start..start + length))
}

/// Takes all header lines that are left, and the empty line after them.
fn extra(rest: &mut Bytes) -> Bytes {
    if rest.starts_with(b"\n") {
        drop(rest.split_to(1));
        return Bytes::new();
    }
    let Some(end) = rest.windows(2).position(|pair| pair == b"\n\n") else {
        return std::mem::take(rest);
    };
    let extra = rest.split_to(end + 1);
    drop(rest.split_to(1));
    extra
}

impl Signature {
    /// Reads `name <email> seconds zone`. Reading is total, as git's is: a part that is not there is empty or zero.
    pub(crate) fn read(line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(line);
        let (who, when) = text.rsplit_once('>').unwrap_or((&text, ""));
        let (name, email) = who.split_once('<').unwrap_or((who, ""));
        let (seconds, zone) = when.trim().split_once(' ').unwrap_or((when.trim(), ""));
        Self {
            name: name.strip_suffix(' ').unwrap_or(name).to_owned(),
            email: email.to_owned(),
            seconds: seconds.parse().unwrap_or_default(),
            offset_minutes: offset(zone),
        }
    }

    /// The zone as git writes it: `+0200`.
    #[must_use]
    pub fn zone(&self) -> String {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.unsigned_abs();
        format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
    }
}

fn offset(zone: &str) -> i32 {
    let (sign, digits) = match zone.split_at_checked(1) {
        Some(("-", digits)) => (-1, digits),
        Some(("+", digits)) => (1, digits),
        _ => return 0,
    };
    let number: i32 = digits.parse().ok().filter(|number| (0..=9999).contains(number)).unwrap_or_default();
    sign * (number / 100 * 60 + number % 100)
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, email) = (clean(&self.name), clean(&self.email));
        let gap = if name.is_empty() { "" } else { " " };
        write!(f, "{name}{gap}<{email}> {} {}", self.seconds, self.zone())
    }
}

/// Without what would end the line or the address, as git does it.
fn clean(text: &str) -> Cow<'_, str> {
    let breaks = |letter| matches!(letter, '\n' | '\0' | '<' | '>');
    if text.contains(breaks) { text.replace(breaks, "").into() } else { text.into() }
}
