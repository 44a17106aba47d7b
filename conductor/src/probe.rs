//! The probe: looks at the target, and tells what it saw there.
//!
//! It does what is ordered: look until the target tells another commit than before, or try the pages that are named. What
//! it saw is a record of its own; the outcome says only that it has looked. It knows nothing of what should be there.

mod site;
mod smoke;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bus::{
    Draft, Envelope, RecordId, Sequenced, Subject, Token,
    catalogue::{
        Kind,
        cmd::{Deploy, DeployOrder},
        deploy::{Observed, Smoked},
        outcome::{End, Left},
    },
    commit::Oid,
    connect::Connection,
    consume::{self, Verdict},
    envelope,
    publish::Publisher,
};
use futures::{FutureExt, future::try_join_all};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use self::site::Site;
pub use self::smoke::Check;
use crate::outcome::{Command, Door};

/// The durable consumer of the probe.
pub const CONSUMER: &str = "door-deploy";

const DOOR: Door = Door { name: "deploy", source: "/rig/probe", other_side: "the site" };

/// How many targets are looked at at once: one that does not change must not hide the others.
const AT_ONCE: usize = 8;

/// How the probe looks.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The pages that are tried, by repository in lower case. Where none are named, the first page is.
    pub checks: BTreeMap<String, Vec<Check>>,
    /// How long a target is looked at before its commit is said to be the old one still.
    pub patience: Duration,
    /// How often it is looked at meanwhile.
    pub every: Duration,
    /// How long one page may take.
    pub page: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            checks: BTreeMap::new(),
            patience: Duration::from_secs(60),
            every: Duration::from_millis(500),
            page: Duration::from_secs(10),
        }
    }
}

/// Why the probe does not begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no way to ask a page.
    #[error("pages cannot be asked for from here")]
    Client(#[from] reqwest::Error),
    /// The channel does not let it listen.
    #[error(transparent)]
    Consume(#[from] consume::Error),
}

/// Which commit a site tells.
///
/// # Errors
/// In a sentence, when it tells none within this time.
pub async fn told(site: &str, within: Duration) -> Result<Oid, String> {
    let client = site::client(within).map_err(|error| format!("pages cannot be asked for from here: {error}"))?;
    Site { client: &client, url: site }.told().await
}

/// Looks at what is ordered, until cancelled.
///
/// # Errors
/// When the server does not let this user listen for its deliveries.
pub async fn run(
    connection: &Connection,
    settings: Settings,
    publisher: Publisher,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let client = site::client(settings.page)?;
    let probe = Arc::new(Probe { client, settings, publisher });
    try_join_all((0..AT_ONCE).map(|_| look(connection, Arc::clone(&probe), cancel))).await?;
    Ok(())
}

async fn look(connection: &Connection, probe: Arc<Probe>, cancel: &CancellationToken) -> Result<(), consume::Error> {
    let (options, dead) = (consume::Options::default(), probe.publisher.clone());
    let handler = move |record: &Sequenced, _: u64| {
        let (probe, record) = (Arc::clone(&probe), record.clone());
        async move { probe.handle(&record).await }.boxed()
    };
    consume::run(connection, CONSUMER, &options, Some(&dead), handler, cancel).await
}

struct Probe {
    client: reqwest::Client,
    settings: Settings,
    publisher: Publisher,
}

/// An order, with its command.
struct Errand {
    id: RecordId,
    order: Deploy,
}

impl Probe {
    async fn handle(&self, record: &Sequenced) -> Verdict {
        let errand = match decode(record) {
            Ok(errand) => errand,
            Err(why) => return Verdict::Poison(why),
        };
        let site = Site { client: &self.client, url: errand.order.url.trim_end_matches('/') };
        let end = match errand.order.order {
            DeployOrder::Observe { commit, known } => self.observe(&errand, &site, commit, known).await,
            DeployOrder::Smoke { .. } => self.smoke(&errand, &site).await,
        };
        match end {
            Ok(end) => {
                let command = Command { id: errand.id, about: None, verb: errand.order.order.verb() };
                DOOR.tell(&self.publisher, command, end).await
            }
            Err(why) => Verdict::Retry(why),
        }
    }

    /// Looks until the target tells the wanted commit, or another one than before: several may land before one is looked
    /// for, and the target shows the last.
    async fn observe(
        &self,
        errand: &Errand,
        site: &Site<'_>,
        wanted: Oid,
        mut known: Option<Oid>,
    ) -> Result<End, String> {
        let deadline = tokio::time::Instant::now() + self.settings.patience;
        loop {
            let told = site.told().await;
            let news = told.as_ref().ok().filter(|told| **told == wanted || known.is_some_and(|known| known != **told));
            if let Some(commit) = news {
                self.tell_observed(errand, *commit).await?;
                return Ok(End::Done { left: Left::Nothing });
            }
            known = known.or_else(|| told.as_ref().ok().copied());
            if tokio::time::Instant::now() >= deadline {
                return Ok(End::Failed { answer: self.still_old(errand, told).await? });
            }
            tokio::time::sleep(self.settings.every).await;
        }
    }

    /// What is there after all the looking is told, too: it may be a later commit than the wanted one.
    async fn still_old(&self, errand: &Errand, told: Result<Oid, String>) -> Result<String, String> {
        match told {
            Ok(commit) => {
                self.tell_observed(errand, commit).await?;
                Ok(format!("the site still shows {}", commit.short()))
            }
            Err(why) => Ok(why),
        }
    }

    /// Tries the pages; what is told counts for the commit that the target tells before and after.
    async fn smoke(&self, errand: &Errand, site: &Site<'_>) -> Result<End, String> {
        let before = match site.told().await {
            Ok(before) => before,
            Err(answer) => return Ok(End::Failed { answer }),
        };
        let named = self.settings.checks.get(&errand.order.repository.to_lowercase());
        let checks = named.cloned().unwrap_or_else(|| vec![Check::home()]);
        let mut failures = smoke::failures(site, &checks).await;
        match site.told().await {
            Ok(after) if after == before => {}
            Ok(after) => failures.push(format!("it went on to {} while it was tried", after.short())),
            Err(why) => failures.push(why),
        }
        let count = u32::try_from(checks.len()).unwrap_or(u32::MAX);
        self.tell_smoked(errand, before, count, failures).await?;
        Ok(End::Done { left: Left::Nothing })
    }

    async fn tell_observed(&self, errand: &Errand, commit: Oid) -> Result<(), String> {
        let say = format!("{} shows {}", errand.order.url, commit.short());
        let (repository_id, url) = (errand.order.repository_id, errand.order.url.clone());
        let id = errand.id.named(&format!("observed {commit}"));
        self.tell(errand, Kind::DeployObserved, "observed", id, Observed { say, repository_id, commit, url }).await
    }

    async fn tell_smoked(
        &self,
        errand: &Errand,
        commit: Oid,
        checks: u32,
        failures: Vec<String>,
    ) -> Result<(), String> {
        let failed = u32::try_from(failures.len()).unwrap_or(u32::MAX).min(checks);
        let say = format!("smoke {} of {checks} at {}", checks - failed, commit.short());
        let (repository_id, url) = (errand.order.repository_id, errand.order.url.clone());
        let smoked = Smoked { say, repository_id, commit, url, checks, failures };
        self.tell(errand, Kind::DeploySmoked, "smoked", errand.id.named("smoked"), smoked).await
    }

    async fn tell<D: Serialize>(
        &self,
        errand: &Errand,
        kind: Kind,
        name: &str,
        id: RecordId,
        data: D,
    ) -> Result<(), String> {
        let (owner, repo) = errand.order.repository.split_once('/').unwrap_or_default();
        let (owner, repo) = (Token::of_github_name(owner), Token::of_github_name(repo));
        let subject = Subject::Deploy { owner, repo, kind: Token::of(name) };
        let mut envelope = Envelope::new(id, kind.type_name(), DOOR.source, envelope::now(), data);
        envelope.cause = Some(errand.id);
        self.publish(Draft::new(subject, &envelope)).await
    }

    async fn publish(&self, draft: Result<Draft, serde_json::Error>) -> Result<(), String> {
        let draft = draft.map_err(|error| format!("what was seen cannot be written: {error}"))?;
        self.publisher.publish(draft).await.map(drop).map_err(|error| error.to_string())
    }
}

fn decode(record: &Sequenced) -> Result<Errand, String> {
    let (_, envelope) = record.decode().map_err(|refusal| refusal.to_string())?;
    let order = envelope.open::<Deploy>().map_err(|error| format!("its data is no order for the probe: {error}"))?;
    Ok(Errand { id: envelope.id, order })
}
