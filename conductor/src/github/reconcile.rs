//! Reconciling: what no delivery told is found out all the same.
//!
//! GitHub tells each thing once. So on start, and again and again, it is looked how things are there, and what is not as
//! it was last told becomes a record of the shape that a delivery has, its action `observed`. Nobody downstream has to
//! know which of the two told it: facts are levels.
//!
//! Which questions that takes, and which of the answers are news, is decided purely ([`Look`], [`Teller`]); here it is
//! asked and stored. GitHub's own list of deliveries is gone through as well
//! (`deliveries`): what failed is asked for again, or, where nobody can post to us, each is read there.

mod ask;
mod life;
mod look;
mod memory;
mod page;
mod teller;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bus::{
    connect::Connection,
    envelope::now,
    publish::{self, Publisher},
};
use octocrab::Octocrab;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub(super) use self::{
    ask::{Asker, Shelf},
    life::Life,
};
pub use self::{
    look::{Found, Look},
    memory::Memory,
    page::Page,
    teller::{News, Teller},
};
use super::{client::Client, deliveries, fault::Fault, outbound::Principals};

/// A list of more pages than this is not read to its end.
pub(super) const MOST_PAGES: u32 = 1000;

/// After a look that failed, the next one waits no longer than this.
const SOON: Duration = Duration::from_secs(30);

/// What is looked after, and how often.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The repositories, as `acme/hello.site`.
    pub repositories: Vec<String>,
    /// How often it is looked how things are.
    pub every: Duration,
    /// How far the first look goes back for what is closed.
    pub back: Duration,
    /// How deliveries come.
    pub deliveries: Deliveries,
    /// How often GitHub's list of deliveries is read.
    pub list_every: Duration,
}

/// How deliveries come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deliveries {
    /// GitHub posts them. A repository's own webhook is ours where it points to this address; the App's always is.
    Posted {
        /// Our public address, as `https://rig.acme.dev/webhooks/github`.
        webhook: Option<String>,
    },
    /// Nobody can post to us: each is read in GitHub's list.
    Polled,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            repositories: Vec::new(),
            every: Duration::from_secs(300),
            back: Duration::from_secs(14 * 24 * 3600),
            deliveries: Deliveries::Posted { webhook: None },
            list_every: Duration::from_secs(20),
        }
    }
}

/// Why a look came to no end. The next one begins where this one began.
#[derive(Debug, thiserror::Error)]
pub(super) enum Halt {
    /// GitHub does not say.
    #[error("GitHub does not tell: {0}")]
    Github(#[from] Fault),
    /// The channel does not take it.
    #[error(transparent)]
    Channel(#[from] publish::Error),
}

/// How far it has come, for whoever answers for its readiness.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// How many times all repositories were looked at to the end.
    pub looks: u64,
    /// When that was last so.
    pub last: Option<OffsetDateTime>,
    /// What the latest look met where it came to no end, by repository.
    pub troubles: BTreeMap<String, String>,
    /// How many looks in a row came to no end anywhere.
    pub in_vain: u32,
}

/// Looks, and reads GitHub's list of deliveries, until cancelled. It asks as the conductor's App.
pub async fn run(
    connection: &Connection,
    principals: Arc<Principals>,
    settings: Settings,
    publisher: Publisher,
    progress: &watch::Sender<Progress>,
    cancel: &CancellationToken,
) {
    let looking = keep_looking(&principals.conductor, &settings, connection, &publisher, progress);
    let looking = cancel.run_until_cancelled(looking);
    let listing = deliveries::keep(&principals.conductor, &settings, connection, &publisher, cancel);
    tokio::join!(looking, listing);
}

async fn keep_looking(
    client: &Client,
    settings: &Settings,
    connection: &Connection,
    publisher: &Publisher,
    progress: &watch::Sender<Progress>,
) {
    let mut lookouts: BTreeMap<&str, Lookout<'_>> = BTreeMap::new();
    let mut teller = Teller::default();
    let mut life = Life::default();
    loop {
        // Whatever was told is not in a LOG that began anew.
        if life.is_another(connection).await {
            teller.forget_all();
            lookouts.clear();
        }
        let mut troubles = BTreeMap::new();
        for repository in &settings.repositories {
            let lookout = lookouts.entry(repository).or_insert_with(|| Lookout::new(client, repository, settings.back));
            if let Err(halt) = lookout.look(publisher, &mut teller).await {
                tracing::warn!(repository, error = %halt, "a look at GitHub came to no end");
                troubles.insert(repository.clone(), halt.to_string());
            }
        }
        teller.forget(now());
        let in_vain = !troubles.is_empty() && troubles.len() == settings.repositories.len();
        let wait = if troubles.is_empty() { settings.every } else { settings.every.min(SOON) };
        progress.send_modify(|progress| progress.note(troubles, in_vain, now()));
        tokio::time::sleep(wait).await;
    }
}

impl Progress {
    fn note(&mut self, troubles: BTreeMap<String, String>, in_vain: bool, now: OffsetDateTime) {
        if troubles.is_empty() {
            self.looks += 1;
            self.last = Some(now);
        }
        self.troubles = troubles;
        self.in_vain = if in_vain { self.in_vain.saturating_add(1) } else { 0 };
    }
}

fn since(back: Duration) -> OffsetDateTime {
    time::Duration::try_from(back).map_or(OffsetDateTime::UNIX_EPOCH, |back| now() - back)
}

/// Where one repository is looked at.
struct Lookout<'a> {
    client: &'a Client,
    repository: &'a str,
    memory: Memory,
    shelf: Shelf,
}

impl<'a> Lookout<'a> {
    fn new(client: &'a Client, repository: &'a str, back: Duration) -> Self {
        Self { client, repository, memory: Memory::since(since(back)), shelf: Shelf::default() }
    }

    async fn look(&mut self, publisher: &Publisher, teller: &mut Teller) -> Result<(), Halt> {
        let there = self.client.on(self.repository).await?;
        let looked = self.ask(there, publisher, teller).await;
        if let Err(Halt::Github(Fault::Credential(_))) = &looked {
            self.client.forget(self.repository);
        }
        looked
    }

    /// What was told is not told again when the look breaks off.
    async fn ask(&mut self, there: Octocrab, publisher: &Publisher, teller: &mut Teller) -> Result<(), Halt> {
        let mut look = Look::begin(self.repository, &mut self.memory, now());
        let mut asker = Asker::new(there, &mut self.shelf);
        while let Some(path) = look.path() {
            let page = asker.page(path).await?;
            for found in look.take(&page) {
                if let Some(news) = teller.news(&found, now()) {
                    publish(publisher, &news).await?;
                    teller.note(news);
                }
            }
        }
        self.shelf.turn();
        Ok(())
    }
}

async fn publish(publisher: &Publisher, news: &News) -> Result<(), Halt> {
    match publisher.publish(news.draft.clone()).await {
        Ok(_) => Ok(()),
        Err(error @ (publish::Error::TooLarge { .. } | publish::Error::Refused { .. })) => {
            tracing::error!(subject = %news.draft.subject, %error, "what was looked up cannot be stored");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
