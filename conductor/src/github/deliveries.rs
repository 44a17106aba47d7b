//! GitHub's own list of deliveries, which knows also those that met nobody.
//!
//! GitHub sends a delivery once. What failed is asked for again once the channel is up, at growing distances for as long
//! as GitHub keeps it; a redelivery has the GUID of the first, so one that was stored all the same is recognised. Where
//! nobody can post to us, each delivery is read out of the list and becomes the record that ingest would make of it: there
//! is no signature then, and none is needed, since we asked GitHub ourselves.

mod again;
mod entry;
mod listing;
mod poll;

use std::{collections::HashMap, time::Duration};

use bus::{connect::Connection, envelope::now, publish::Publisher};
use octocrab::{Octocrab, map_github_error};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use self::poll::Poll;
pub use self::{
    again::Again,
    entry::{End, Entry},
    listing::Listing,
};
use super::{
    client::Client,
    fault::Fault,
    json::Json,
    reconcile::{Asker, Deliveries, Halt, Life, Settings, Shelf},
};

/// So long GitHub keeps a delivery.
const KEPT: time::Duration = time::Duration::days(3);

/// So far the first look goes back where each delivery is read: reading one costs a request.
const READ_BACK: time::Duration = time::Duration::days(1);

/// A delivery may be listed so long after one that came later.
const LAG: time::Duration = time::Duration::minutes(5);

/// Who is told to ask for less and goes on is shut out for longer.
const PAUSE: Duration = Duration::from_secs(60);

/// A list of deliveries at GitHub.
struct List<'a> {
    client: Octocrab,
    /// Whose: `/app/hook`, or a repository's hook.
    hook: String,
    shelf: &'a mut Shelf,
}

/// Goes through the lists again and again, until cancelled.
pub(super) async fn keep(
    client: &Client,
    settings: &Settings,
    connection: &Connection,
    publisher: &Publisher,
    cancel: &CancellationToken,
) {
    let mut keeper = Keeper { shelf: Shelf::default(), tasks: HashMap::new(), publisher: publisher.clone() };
    let mut life = Life::default();
    let keeping = async {
        loop {
            // What was read or asked for again is not in a LOG that began anew.
            if life.is_another(connection).await {
                keeper.tasks.clear();
            }
            let mut wait = settings.list_every;
            // What is asked for again while the channel is away would be refused once more.
            if connection.is_up()
                && let Err(halt) = keeper.go_through(client, settings).await
            {
                tracing::warn!(error = %halt, "GitHub's list of deliveries could not be gone through");
                wait = if matches!(halt, Halt::Github(Fault::Limited(_))) { wait.max(PAUSE) } else { wait };
            }
            tokio::time::sleep(wait).await;
        }
    };
    cancel.run_until_cancelled(keeping).await;
}

struct Keeper {
    shelf: Shelf,
    /// Of each hook.
    tasks: HashMap<String, Task>,
    publisher: Publisher,
}

/// What is done with deliveries.
enum Task {
    Again(Again),
    Poll(Poll),
}

impl Keeper {
    async fn go_through(&mut self, client: &Client, settings: &Settings) -> Result<(), Halt> {
        let mut hooks = vec![(client.app().clone(), "/app/hook".to_owned())];
        if let Deliveries::Posted { webhook: Some(webhook) } = &settings.deliveries {
            for repository in &settings.repositories {
                hooks.extend(self.hooks(client, repository, webhook).await?);
            }
        }
        for (client, hook) in hooks {
            let begin = || Task::begin(settings, self.publisher.clone());
            let task = self.tasks.entry(hook.clone()).or_insert_with(begin);
            let list = List { client, hook, shelf: &mut self.shelf };
            match task {
                Task::Again(again) => ask_again(again, list).await?,
                Task::Poll(poll) => poll.go_through(list).await?,
            }
        }
        self.shelf.turn();
        Ok(())
    }

    /// A repository's own webhooks that post to us. An App that may not see them has none to look after.
    async fn hooks(
        &mut self,
        client: &Client,
        repository: &str,
        webhook: &str,
    ) -> Result<Vec<(Octocrab, String)>, Halt> {
        let there = client.on(repository).await?;
        let mut asker = Asker::new(there.clone(), &mut self.shelf);
        let page = match asker.page(&format!("/repos/{repository}/hooks?per_page=100")).await {
            Err(Fault::Refused(..)) => return Ok(Vec::new()),
            page => page?,
        };
        let is_ours = |hook: &Json<'_>| {
            let url = hook.field("config").and_then(|config| config.field("url")).and_then(Json::text);
            url.as_deref() == Some(webhook)
        };
        let ids = page.json().items().filter(is_ours).filter_map(|hook| hook.field("id")?.number());
        Ok(ids.map(|id| (there.clone(), format!("/repos/{repository}/hooks/{id}"))).collect())
    }
}

impl Task {
    fn begin(settings: &Settings, publisher: Publisher) -> Self {
        match settings.deliveries {
            Deliveries::Posted { .. } => Self::Again(Again::new(now() - KEPT, settings.list_every)),
            Deliveries::Polled => Self::Poll(Poll::new(now() - READ_BACK, publisher)),
        }
    }
}

impl List<'_> {
    /// The entries since a moment, the newest first. A hook that is not there has none.
    async fn since(&mut self, moment: OffsetDateTime) -> Result<Vec<Entry>, Fault> {
        let mut asker = Asker::new(self.client.clone(), self.shelf);
        let mut listing = Listing::of(&self.hook, moment);
        while let Some(path) = listing.path() {
            match asker.page(path).await {
                Ok(page) => listing.take(&page),
                Err(Fault::Refused(..)) => break,
                Err(fault) => return Err(fault),
            }
        }
        Ok(listing.entries())
    }

    /// Asks for a delivery once more.
    async fn ask(&self, entry: &Entry) -> Result<(), Fault> {
        let answer = self.client._post(format!("{}/attempts", self.at(entry)), None::<&()>).await?;
        match map_github_error(answer).await.map_err(Fault::from) {
            // GitHub has forgotten it meanwhile, or the hook is gone.
            Ok(_) | Err(Fault::Refused(..)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    fn at(&self, entry: &Entry) -> String {
        format!("{}/deliveries/{}", self.hook, entry.id)
    }
}

/// Asks for what failed.
async fn ask_again(again: &mut Again, mut list: List<'_>) -> Result<(), Halt> {
    let entries = list.since(again.since()).await?;
    for entry in again.due(&entries, now()) {
        list.ask(&entry).await?;
        again.note(&entry, now());
    }
    again.went_through(&entries);
    Ok(())
}

/// The distance before the next try, after so many.
fn distance(first: Duration, tries: u32) -> Duration {
    const LONGEST: Duration = Duration::from_secs(6 * 3600);
    first.saturating_mul(2_u32.saturating_pow(tries)).min(LONGEST)
}
