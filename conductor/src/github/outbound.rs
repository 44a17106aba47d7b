//! Orders become changes on GitHub, and their outcomes records.
//!
//! A door does not judge: it does what was ordered, or says why it could not. The same order may come twice, because the
//! first outcome was lost, so each verb first finds what it may have done: by a hidden marker, by what is there only once,
//! or by trying and reading back. An order is acknowledged after the stream has its outcome.

mod answer;
mod file;
mod foreign;
mod judge;
mod look;
mod merge;
mod open;
mod patch;
mod review;
mod tell;
mod update;

use std::sync::Arc;

use bus::{
    RecordId, Sequenced,
    catalogue::{
        cmd::{Github, GithubOrder},
        outcome::{End, Left},
    },
    connect::Connection,
    consume::{self, Verdict},
    publish::Publisher,
};
use futures::FutureExt;
use octocrab::Octocrab;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    client::Client,
    fault::Fault,
    pace::{Pace, Words},
};
use crate::{
    machine::rules,
    outcome::{Command, Door},
};

/// The durable consumer of this door.
pub const CONSUMER: &str = "door-github";

const DOOR: Door = Door { name: "github", source: "/rig/github", other_side: "GitHub" };

/// How often an order is tried before its outcome says that it failed. What ordered it may order again.
const TRIES: u64 = 4;

/// Our Apps, one a role.
pub type Principals = rules::Principals<Client>;

/// One order, with what it takes to carry it out.
struct Errand<'a> {
    id: RecordId,
    repository: &'a str,
    client: Octocrab,
    /// The login of who carries it out.
    login: &'a str,
}

/// Carries out what is ordered, until cancelled.
///
/// # Errors
/// When the server does not let this user listen for its deliveries.
pub async fn run(
    connection: &Connection,
    principals: Arc<Principals>,
    publisher: Publisher,
    cancel: &CancellationToken,
) -> Result<(), consume::Error> {
    let options = consume::Options { tries: TRIES.saturating_mul(2), ..consume::Options::default() };
    let dead = publisher.clone();
    // It owns what it works on, so that the loop may move between threads.
    let handler = move |record: &Sequenced, count: u64| {
        let (principals, publisher, record) = (Arc::clone(&principals), publisher.clone(), record.clone());
        async move { handle(&principals, &publisher, &record, count).await }.boxed()
    };
    consume::run(connection, CONSUMER, &options, Some(&dead), handler, cancel).await
}

async fn handle(principals: &Principals, publisher: &Publisher, record: &Sequenced, count: u64) -> Verdict {
    let (id, about, order) = match decode(record) {
        Ok(decoded) => decoded,
        Err(why) => return Verdict::Poison(why),
    };
    let end = match attempt(principals, id, &order).await {
        Err(Fault::Later(answer) | Fault::Credential(answer)) if count < TRIES => return Verdict::Retry(answer),
        done => end_of(done),
    };
    let command = Command { id, about: about.as_deref(), verb: order.order.verb() };
    DOOR.tell(publisher, command, end).await
}

fn decode(record: &Sequenced) -> Result<(RecordId, Option<String>, Github), String> {
    let (_, envelope) = record.decode().map_err(|refusal| refusal.to_string())?;
    let order = envelope.open::<Github>().map_err(|error| format!("its data is no order for GitHub: {error}"))?;
    Ok((envelope.id, envelope.subject.as_deref().map(str::to_owned), order))
}

/// Carries one order out, the command `id`. Doing it twice is doing it once.
pub async fn carry_out(principals: &Principals, id: RecordId, order: &Github) -> End {
    end_of(attempt(principals, id, order).await)
}

fn end_of(done: Result<Left, Fault>) -> End {
    match done {
        Ok(left) => End::Done { left },
        Err(Fault::Refused(why, answer)) => End::Refused { why, answer },
        Err(Fault::Later(answer) | Fault::Limited(answer) | Fault::Credential(answer)) => End::Failed { answer },
    }
}

async fn attempt(principals: &Principals, id: RecordId, order: &Github) -> Result<Left, Fault> {
    let principal = principals.of(&order.order);
    let repository = order.repository.as_str();
    keep_pace(principal.pace(), &order.order)?;
    let client = principal.on(repository).await?;
    let errand = Errand { id, repository, client, login: principal.login() };
    let done = errand.run(&order.order).await;
    match &done {
        Err(Fault::Credential(_)) => principal.forget(repository),
        Err(Fault::Limited(_)) => principal.pace().note_refused(Instant::now()),
        _ => {}
    }
    done
}

/// Words wait where much was written. What ordered them says later how it stands then.
fn keep_pace(pace: &Pace, order: &GithubOrder) -> Result<(), Fault> {
    let now = Instant::now();
    let words = match order {
        GithubOrder::Look { .. } => return Ok(()),
        GithubOrder::Judge { open: false, landed: false, .. } => Some(Words::Passing),
        GithubOrder::Tell { .. } | GithubOrder::Judge { .. } => Some(Words::Lasting),
        _ => None,
    };
    if let Some(why) = words.and_then(|words| pace.is_full(words, now)) {
        return Err(Fault::Limited(why));
    }
    pace.note(now);
    Ok(())
}

impl Errand<'_> {
    async fn run(&self, order: &GithubOrder) -> Result<Left, Fault> {
        match order {
            GithubOrder::File { title, body, labels, .. } => file::run(self, title, body, labels).await,
            GithubOrder::Open { issue, branch, base, title, body } => {
                open::run(self, open::Wanted { issue: *issue, branch, base, title, body }).await
            }
            GithubOrder::Review { pull, head, verdict, body, remarks } => {
                review::run(self, review::Wanted { pull: *pull, head: *head, verdict: *verdict, body, remarks }).await
            }
            GithubOrder::Look { pull, .. } => look::run(self, *pull).await,
            GithubOrder::Update { pull, head } => update::run(self, *pull, *head).await,
            GithubOrder::Merge { pull, head, title } => merge::run(self, *pull, *head, title).await,
            GithubOrder::Close { pull, .. } => open::close(self, *pull).await,
            GithubOrder::Tell { thread, text, mention } => tell::run(self, *thread, text, mention.as_deref()).await,
            GithubOrder::Answer { thread, comment, text } => answer::run(self, *thread, *comment, text).await,
            GithubOrder::Judge { head, open, landed, summary } => {
                judge::run(self, judge::Word { head: *head, open: *open, landed: *landed, summary }).await
            }
        }
    }

    /// An address inside the repository.
    fn at(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.repository)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, rest: &str) -> Result<T, Fault> {
        Ok(self.client.get(self.at(rest), None::<&()>).await?)
    }

    /// The words by which what this order left is found again; people do not see them.
    fn marker(&self) -> String {
        format!("<!-- rig:{} -->", self.id)
    }
}
