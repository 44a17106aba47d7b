//! Issues to begin with.

use toml::Value;

use super::Logins;
use crate::workflow::table::{Reader, text, texts};

const KEYS: &str = "title, body, author, labels, assignees and comment";
const KEYS_OF_COMMENT: &str = "author and body";

/// An issue to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its title.
    pub title: String,
    /// What it says.
    pub body: Option<String>,
    /// Who filed it.
    pub author: String,
    /// Names of labels; one that is not there is made.
    pub labels: Vec<String>,
    /// Who is to see to it.
    pub assignees: Vec<String>,
    /// The conversation.
    pub comments: Vec<Comment>,
}

/// A comment to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Who says it.
    pub author: String,
    /// What they say.
    pub body: String,
}

impl Issue {
    pub(super) fn read(reader: &mut Reader<'_>, logins: Logins<'_>) -> Option<Self> {
        let title = reader.required("title", said);
        let body = reader.optional("body", text);
        let author = reader.required("author", |value| logins.person(text(value)?));
        let labels = reader.optional("labels", texts).unwrap_or_default();
        let assignees = reader.optional("assignees", |value| persons(value, logins)).unwrap_or_default();
        let comments = reader.each("comment", |reader| Comment::read(reader, logins));
        reader.finish(KEYS);
        Some(Self { title: title?, body, author: author?, labels, assignees, comments })
    }
}

impl Comment {
    fn read(reader: &mut Reader<'_>, logins: Logins<'_>) -> Option<Self> {
        let author = reader.required("author", |value| logins.person(text(value)?));
        let body = reader.required("body", said);
        reader.finish(KEYS_OF_COMMENT);
        Some(Self { author: author?, body: body? })
    }
}

fn persons(value: Value, logins: Logins<'_>) -> Result<Vec<String>, String> {
    texts(value)?.into_iter().map(|login| logins.person(login)).collect()
}

fn said(value: Value) -> Result<String, String> {
    let text = text(value)?;
    if text.trim().is_empty() { Err("this says nothing".into()) } else { Ok(text) }
}
