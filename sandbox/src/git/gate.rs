//! What the adapter asks the owner of the world, and what it hears.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::sync::{mpsc, oneshot};

use super::{Error, Raw, RepositoryId, quarantine::Quarantine};
use crate::object::Oid;

/// Where the adapter asks. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gate {
    asks: mpsc::Sender<Ask>,
}

/// A question to the owner of the world.
#[derive(Debug)]
pub enum Ask {
    /// May this caller in?
    Entry(Entry),
    /// What becomes of these refs?
    Push(Incoming),
}

/// Someone wants to read or write.
#[derive(Debug)]
pub struct Entry {
    /// The owner's login, as written in the address.
    pub owner: String,
    /// The repository's name, as written in the address, without `.git`.
    pub name: String,
    /// What is wanted.
    pub service: Service,
    /// Who asks; `None` asks without a name.
    pub credentials: Option<Credentials>,
    reply: oneshot::Sender<Access>,
}

/// What a caller wants of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Clone and fetch.
    UploadPack,
    /// Push.
    ReceivePack,
}

/// Whether a caller may in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Yes, to this repository.
    Granted(RepositoryId),
    /// 401: it is not known who asks, or the credentials are void. GitHub also answers this to a caller without a name
    /// about a repository that is private or is not there.
    Unknown,
    /// 404: the caller is known and may not see such a repository.
    Hidden,
    /// 403 with this message, as `Permission to octo/site.git denied to ada.`
    Denied(String),
}

/// What came in the `Authorization` header. Its debug form does not tell the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    header: String,
}

/// A push, unpacked, not yet part of the repository.
#[derive(Debug)]
pub struct Incoming {
    /// What is pushed.
    pub push: Push,
    quarantine: Option<Quarantine>,
    reply: oneshot::Sender<Verdict>,
}

/// What someone wants to push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Where to, as [`Access::Granted`] said.
    pub repository: RepositoryId,
    /// Who pushes. May have become void since the entry was granted.
    pub credentials: Option<Credentials>,
    /// What is to happen to which ref. Their names are names, no two are the same, and the new objects exist.
    pub commands: Vec<Command>,
    /// The pack's objects. Everything they name is among them or in the repository.
    pub objects: Vec<Raw>,
    /// All or nothing: the world refuses all if it refuses one.
    pub atomic: bool,
    /// `git push -o`, in order.
    pub options: Vec<String>,
}

/// One ref's wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The ref's whole name.
    pub reference: String,
    /// What the pusher believes it is; `None`: that it is not there.
    pub old: Option<Oid>,
    /// What it shall be; `None`: deleted.
    pub new: Option<Oid>,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// For each command, in order: done, or why not (`protected branch hook declined`).
    pub refs: Vec<Result<(), String>>,
    /// What the pusher reads behind `remote: `, a line each.
    pub messages: Vec<String>,
}

impl Gate {
    /// A gate, and where the owner of the world hears its questions. A full queue makes callers wait. When the owner
    /// has gone, callers are told that the server is.
    #[must_use]
    pub fn new(queue: usize) -> (Self, mpsc::Receiver<Ask>) {
        let (asks, heard) = mpsc::channel(queue.max(1));
        (Self { asks }, heard)
    }

    pub(super) async fn entry(
        &self,
        owner: &str,
        name: &str,
        service: Service,
        credentials: Option<Credentials>,
    ) -> Option<Access> {
        let (reply, answer) = oneshot::channel();
        let entry = Entry { owner: owner.to_owned(), name: name.to_owned(), service, credentials, reply };
        self.asks.send(Ask::Entry(entry)).await.ok()?;
        answer.await.ok()
    }

    pub(super) async fn push(&self, push: Push, quarantine: Option<Quarantine>) -> Option<Verdict> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(Ask::Push(Incoming { push, quarantine, reply })).await.ok()?;
        answer.await.ok()
    }
}

impl Entry {
    /// Answers. A caller that has gone does not hear it.
    pub fn answer(self, access: Access) {
        self.reply.send(access).ok();
    }
}

impl Incoming {
    /// Makes the objects the repository's. Comes before the refs move, and only if the world takes one of them; an
    /// incoming push that is dropped without it leaves nothing.
    pub fn keep(&mut self) -> Result<(), Error> {
        match self.quarantine.take() {
            Some(quarantine) => quarantine.keep(&self.push.objects),
            None => Ok(()),
        }
    }

    /// Answers, when the refs have moved. A pusher that has gone does not hear it; what was decided stands.
    pub fn answer(self, verdict: Verdict) {
        self.reply.send(verdict).ok();
    }
}

impl Verdict {
    /// All commands of this push are refused for one reason.
    #[must_use]
    pub fn refused(push: &Push, reason: &str) -> Self {
        Self { refs: vec![Err(reason.to_owned()); push.commands.len()], messages: Vec::new() }
    }
}

impl Credentials {
    /// From the header's text.
    #[must_use]
    pub const fn new(header: String) -> Self {
        Self { header }
    }

    /// The header as it came.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The token: the password of `Basic`, whatever the user's name, or what stands behind `Bearer` or `token`.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        let (scheme, rest) = self.header.split_once(' ')?;
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => {
                let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
                Some(text.split_once(':')?.1.to_owned())
            }
            "bearer" | "token" => Some(rest.trim().to_owned()),
            _ => None,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_in_every_form_and_never_shown() {
        let cases = [
            ("Basic eC1hY2Nlc3MtdG9rZW46Z2hzX2E6Yg==", Some("ghs_a:b")),
            ("basic OnNlY3JldA==", Some("secret")),
            ("Bearer ghs_a", Some("ghs_a")),
            ("token ghp_b ", Some("ghp_b")),
            ("Basic c2VjcmV0", None),
            ("Basic %%%", None),
            ("Basic", None),
            ("Digest ghs_a", None),
            ("", None),
        ];
        for (header, token) in cases {
            let credentials = Credentials::new(header.to_owned());
            assert_eq!(credentials.token().as_deref(), token, "{header}");
            assert_eq!(format!("{credentials:?}"), "Credentials");
        }
    }
}
