//! What an act has asked and heard.
//!
//! An act of several requests is a function that is run from its beginning each time an answer has come: it reads the
//! answers that are there, and stops at the first that is not. It keeps no state, so it can be played anywhere.

use bytes::Bytes;
use http::{Method, Request, StatusCode, header::AUTHORIZATION};
use serde::Serialize;
use serde_json::Value;

use super::Act;

/// An answer, read.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    status: StatusCode,
    body: Value,
}

impl Heard {
    pub(super) fn of(status: StatusCode, body: &[u8]) -> Self {
        Self { status, body: serde_json::from_slice(body).unwrap_or_default() }
    }
}

/// Why an act does not go on.
#[derive(Debug)]
pub(super) enum Pause {
    /// This must be answered first.
    Ask(Box<Request<Bytes>>),
    /// It cannot be done.
    Failed(String),
}

/// The requests of one act, and the answers so far.
pub(super) struct Tape<'a> {
    heard: std::slice::Iter<'a, Heard>,
    repository: &'a str,
    token: Option<&'a str>,
}

/// There is nothing to send.
pub(super) const NOTHING: Option<()> = None;

impl<'a> Tape<'a> {
    pub(super) fn new(heard: &'a [Heard], act: &'a Act, token: Option<&'a str>) -> Self {
        Self { heard: heard.iter(), repository: &act.repository, token }
    }

    /// What is answered to this; a refusal ends the act.
    pub(super) fn ask(&mut self, method: Method, path: &str, body: Option<impl Serialize>) -> Result<&'a Value, Pause> {
        let shown = format!("{method} {path}");
        let heard = self.listen(method, path, body)?;
        if heard.status.is_success() {
            return Ok(&heard.body);
        }
        let said = heard.body["message"].as_str().unwrap_or("no reason");
        Err(Pause::Failed(format!("{shown}: {} {said}", heard.status.as_u16())))
    }

    /// The same where there may be nothing at this path.
    pub(super) fn look(&mut self, path: &str) -> Result<Option<&'a Value>, Pause> {
        let heard = self.listen(Method::GET, path, NOTHING)?;
        Ok(heard.status.is_success().then_some(&heard.body))
    }

    fn listen(&mut self, method: Method, path: &str, body: Option<impl Serialize>) -> Result<&'a Heard, Pause> {
        match self.heard.next() {
            Some(heard) => Ok(heard),
            None => Err(self.request(method, path, body).map_or_else(
                |error| Pause::Failed(format!("{path} cannot be asked for: {error}")),
                |request| Pause::Ask(Box::new(request)),
            )),
        }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<impl Serialize>,
    ) -> Result<Request<Bytes>, Box<dyn std::error::Error>> {
        let mut request = Request::builder().method(method).uri(format!("/repos/{}{path}", self.repository));
        if let Some(token) = self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = body.map(|body| serde_json::to_vec(&body)).transpose()?;
        Ok(request.body(body.unwrap_or_default().into())?)
    }
}

/// A text of an answer.
pub(super) fn text<'v>(answer: &'v Value, pointer: &str) -> Result<&'v str, Pause> {
    let missing = || Pause::Failed(format!("the answer has no {pointer}"));
    answer.pointer(pointer).and_then(Value::as_str).ok_or_else(missing)
}
