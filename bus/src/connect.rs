//! A connection to the channel, as one user.
//!
//! A connection is made once and kept: it comes back by itself when the server was away, and says so. Who holds one
//! never sees a null publisher: while the server is away, what is published waits (see [`crate::publish`]).

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_nats::{ConnectOptions, Event, ServerAddr, jetstream};
use tokio::sync::{broadcast, watch};

use crate::{
    intake::{Intake, Intakes},
    publish::DedupKey,
};

/// Refusals kept for a slow listener; a person needs the first ones.
const REFUSALS_KEPT: usize = 64;

/// How often a lost connection is tried again at most.
const SLOWEST_RETRY: Duration = Duration::from_secs(1);

/// Whether the server can be reached, and which connection to it this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Link {
    /// Whether it is up.
    pub up: bool,
    /// How often it came up so far. A new number means that what was in flight is in doubt.
    pub generation: u64,
}

/// One user's connection. Clones share it.
#[derive(Clone)]
pub struct Connection {
    client: async_nats::Client,
    user: Arc<str>,
    server: Arc<str>,
    dedup_key: DedupKey,
    link: watch::Receiver<Link>,
    refusals: broadcast::Sender<String>,
    intakes: Intakes,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be used.
    #[error("the address of the channel cannot be used: {0}; it reads nats://user:password@host:port")]
    Address(String),
    /// The server knows the user or the password otherwise.
    #[error(
        "the server at {server} refused the user `{user}`: the password differs from the server's; start `rig up` again, it writes both"
    )]
    Refused {
        /// Host and port.
        server: String,
        /// Who asked.
        user: String,
    },
    /// Nobody answers there.
    #[error("no server answers at {server} after {waited:?}; is `rig up` running?")]
    Unreachable {
        /// Host and port.
        server: String,
        /// How long was waited.
        waited: Duration,
    },
}

/// Connects as the user whom `url` names (`nats://user:password@host:port`), for the program called `name`.
///
/// Waits up to `patience` for the server. A connection once made is kept for good.
///
/// # Errors
/// When the address is unusable, the user is refused, or nobody answers in time.
pub async fn connect(url: &str, name: &str, patience: Duration) -> Result<Connection, Error> {
    let connection = connect_in_background(url, name).await?;
    connection.wait_until_up(patience).await?;
    Ok(connection)
}

/// Connects like [`connect`], but returns at once: the server may come later.
///
/// # Errors
/// When the address is unusable.
pub async fn connect_in_background(url: &str, name: &str) -> Result<Connection, Error> {
    let address: ServerAddr = url.parse().map_err(|error: std::io::Error| Error::Address(error.to_string()))?;
    let (Some(user), Some(password)) = (address.username().map(str::to_owned), address.password().map(str::to_owned))
    else {
        return Err(Error::Address("it names no user and password".to_owned()));
    };
    let server = format!("{}:{}", address.host(), address.port()).into();
    let dedup_key = DedupKey::new(&password);
    let (link_sender, link) = watch::channel(Link::default());
    let (refusals, _) = broadcast::channel(REFUSALS_KEPT);
    let client = options(&user, &password, name, link_sender, refusals.clone())
        .connect(address)
        .await
        .map_err(|error| Error::Address(error.to_string()))?;
    Ok(Connection { client, user: user.into(), server, dedup_key, link, refusals, intakes: Intakes::default() })
}

fn options(
    user: &str,
    password: &str,
    name: &str,
    link: watch::Sender<Link>,
    refusals: broadcast::Sender<String>,
) -> ConnectOptions {
    let link = Arc::new(link);
    ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        .name(name)
        .custom_inbox_prefix(format!("_INBOX.{user}"))
        .retry_on_initial_connect()
        .reconnect_delay_callback(|attempt| {
            if attempt <= 1 { Duration::ZERO } else { Duration::from_millis(10 << attempt.min(7)).min(SLOWEST_RETRY) }
        })
        .event_callback(move |event| {
            let (link, refusals) = (Arc::clone(&link), refusals.clone());
            async move { note(&event, &link, &refusals) }
        })
}

/// Registered because the client says what is lost only here: disconnects, slow consumers, refusals.
fn note(event: &Event, link: &watch::Sender<Link>, refusals: &broadcast::Sender<String>) {
    match event {
        Event::Connected => {
            link.send_modify(|link| *link = Link { up: true, generation: link.generation + 1 });
            tracing::info!("connected to the channel");
        }
        Event::Disconnected | Event::Closed => {
            link.send_modify(|link| link.up = false);
            tracing::warn!("the channel is away; waiting for it");
        }
        Event::ServerError(error) => {
            tracing::warn!(%error, "the server refused something");
            let _ = refusals.send(error.to_string());
        }
        Event::SlowConsumer(subscription) => {
            tracing::error!(subscription, "a subscription was too slow and lost messages");
        }
        Event::ClientError(error) => {
            tracing::debug!(%error, "not connected yet");
            let _ = refusals.send(error.to_string());
        }
        Event::LameDuckMode | Event::Draining => tracing::info!(%event, "the server is leaving"),
    }
}

impl Connection {
    /// The client underneath.
    #[must_use]
    pub const fn client(&self) -> &async_nats::Client {
        &self.client
    }

    /// JetStream's API. Only users of the account RIG may use it.
    #[must_use]
    pub fn jetstream(&self) -> jetstream::Context {
        jetstream::new(self.client.clone())
    }

    /// Whose connection this is.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Whether the server can be reached now.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.link.borrow().up
    }

    /// The link, to be watched for changes.
    #[must_use]
    pub fn link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }

    /// What the server refused this user from now on: a publish or subscription it may not make. The server says so
    /// only here, never as an answer to the publish.
    #[must_use]
    pub fn refusals(&self) -> broadcast::Receiver<String> {
        self.refusals.subscribe()
    }

    /// How the deliveries come in that were taken over this connection, by the consumer's name.
    #[must_use]
    pub fn intakes(&self) -> BTreeMap<String, Intake> {
        self.intakes.all()
    }

    pub(crate) fn note_intake(&self, consumer: &str, what: impl FnOnce(&mut Intake)) {
        self.intakes.note(consumer, what);
    }

    /// Waits until the server can be reached.
    ///
    /// # Errors
    /// When the user is refused, or nobody answers within `patience`.
    pub async fn wait_until_up(&self, patience: Duration) -> Result<(), Error> {
        let mut link = self.link.clone();
        let mut refusals = self.refusals.subscribe();
        let up = async { link.wait_for(|link| link.up).await.is_ok() };
        let refused = async {
            while let Ok(refusal) = refusals.recv().await {
                if refusal.contains("authorization") {
                    break;
                }
            }
        };
        tokio::select! {
            _ = up => Ok(()),
            () = refused => Err(Error::Refused { server: self.server.to_string(), user: self.user.to_string() }),
            () = tokio::time::sleep(patience) => Err(Error::Unreachable { server: self.server.to_string(), waited: patience }),
        }
    }

    pub(crate) const fn dedup_key(&self) -> &DedupKey {
        &self.dedup_key
    }
}
