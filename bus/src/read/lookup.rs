//! One record, asked for by itself.
//!
//! The server stores whatever bytes a client sends as subject and headers, and hands them to readers as they are. This
//! client's parser gives up the whole connection over bytes that are not UTF-8 or a header line without a colon, and
//! takes a message whose header begins with a status for the server's own word. Asked for by number the server answers
//! in JSON instead, so what cannot be read in passing can be read here: with U+FFFD for what is not text.

use std::{borrow::Cow, str::FromStr};

use async_nats::{
    HeaderMap, HeaderName,
    jetstream::{Context, response::Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    record::Sequenced,
    stream::{self, LOG},
};

/// The server's number for "no such message".
const NO_MESSAGE: u64 = 10037;

/// The name under which a header line is shown that is none.
const UNREADABLE: &str = "Rig-Unreadable";

/// Which record of LOG.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which<'a> {
    /// The one of this number.
    Number(u64),
    /// The first one from this number on whose subject matches.
    NextFrom(u64, &'a str),
    /// The last one whose subject matches.
    Last(&'a str),
}

#[derive(Serialize, Default)]
struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_by_subj: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_by_subj: Option<&'a str>,
}

#[derive(Deserialize)]
struct Answer {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    subject: String,
    seq: u64,
    #[serde(default)]
    hdrs: String,
    #[serde(default)]
    data: String,
    #[serde(with = "time::serde::rfc3339")]
    time: OffsetDateTime,
}

/// Asks for one record; nothing where there is none. It is read as it stands: not as it was before LOG was restored.
///
/// # Errors
/// When there is no LOG, or the server does not answer or refuses.
pub async fn lookup(js: &Context, which: Which<'_>) -> Result<Option<Sequenced>, stream::Error> {
    let request = match which {
        Which::Number(seq) => Request { seq: Some(seq), ..Request::default() },
        Which::NextFrom(seq, subject) => Request { seq: Some(seq), next_by_subj: Some(subject), ..Request::default() },
        Which::Last(subject) => Request { last_by_subj: Some(subject), ..Request::default() },
    };
    let what = || format!("a record of {LOG}");
    match js.request(format!("STREAM.MSG.GET.{LOG}"), &request).await {
        Ok(Response::Ok(Answer { message })) => Ok(Some(message.into())),
        Ok(Response::Err { error }) if error.error_code().0 == NO_MESSAGE => Ok(None),
        Ok(Response::Err { error }) if error.code() == 404 => {
            Err(stream::Error::Missing { what: format!("stream {LOG}") })
        }
        Ok(Response::Err { error }) => {
            Err(stream::Error::Refused { what: what(), reason: error.to_string(), code: error.error_code().0 })
        }
        Err(error) => Err(stream::Error::Unreachable { what: what(), source: error.into() }),
    }
}

impl From<Message> for Sequenced {
    fn from(message: Message) -> Self {
        Self {
            sequence: message.seq,
            subject: message.subject,
            headers: headers(&STANDARD.decode(message.hdrs).unwrap_or_default()),
            body: STANDARD.decode(message.data).unwrap_or_default().into(),
            stored_at: message.time,
        }
    }
}

fn headers(bytes: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let text = String::from_utf8_lossy(bytes);
    for line in text.split("\r\n").filter(|line| !line.is_empty() && *line != "NATS/1.0") {
        match named(line) {
            Some((name, value)) => headers.append(name, value),
            None => headers.append(UNREADABLE, one_line(line).as_ref()),
        }
    }
    headers
}

fn named(line: &str) -> Option<(HeaderName, &str)> {
    let (name, value) = line.split_once(':')?;
    let value = value.trim();
    let whole = !name.is_empty() && !value.contains(['\r', '\n']);
    Some((HeaderName::from_str(name).ok().filter(|_| whole)?, value))
}

fn one_line(line: &str) -> Cow<'_, str> {
    if line.contains(['\r', '\n']) { Cow::Owned(line.replace(['\r', '\n'], "\u{fffd}")) } else { Cow::Borrowed(line) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_a_header_is_read_as_one_and_the_rest_is_shown() {
        let read = headers(b"NATS/1.0\r\nA: one\r\nA: two\r\nno colon\r\n: nameless\r\nB: \xff\r\nc d: e\r\n\r\n");
        let all = |name: &str| read.get_all(name).map(|value| value.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(all("A"), ["one", "two"]);
        assert_eq!(all("B"), ["\u{fffd}"]);
        assert_eq!(all(UNREADABLE), ["no colon", ": nameless", "c d: e"]);
    }

    #[test]
    fn a_status_is_shown_and_not_obeyed() {
        let read = headers(b"NATS/1.0 404 No Messages\r\n\r\n");
        assert_eq!(read.get(UNREADABLE).unwrap().as_str(), "NATS/1.0 404 No Messages");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let read = headers(&bytes);
            for value in read.iter().flat_map(|(_, values)| values) {
                prop_assert!(!value.as_str().contains(['\r', '\n']));
            }
        }
    }
}
