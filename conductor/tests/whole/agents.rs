//! dev-e and review-e, played: they take what is offered, push through the played git, and say what they did.

use std::sync::Arc;

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{
        agent::{self, Claimed, Finished, Outcome, Verdict},
        cmd::Offer,
        work::Task,
    },
    commit::Oid,
    connect::Connection,
    envelope,
    publish::{Options, Publisher},
    read::{Reader, Start},
};
use sandbox::{
    played::Played,
    world::{Kind, NewCommit, RepositoryId},
};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

/// Works until cancelled.
pub(crate) async fn work(channel: Connection, played: Arc<Played>, site: RepositoryId, cancel: CancellationToken) {
    let agents = Agents { publisher: Publisher::start(&channel, Options::default()), played, site };
    let mut reader = Reader::open(&channel, Start::Sequence(1), &[]).await.unwrap();
    while let Some(record) = cancel.run_until_cancelled(reader.next()).await {
        let record = record.unwrap();
        let (subject, envelope) = record.decode().unwrap();
        if let Subject::CmdAgent { role, .. } = subject {
            agents.take(role.as_str(), &envelope.open().unwrap()).await;
        }
    }
}

struct Agents {
    publisher: Publisher,
    played: Arc<Played>,
    site: RepositoryId,
}

impl Agents {
    async fn take(&self, role: &str, offer: &Offer) {
        let name = if role == "reviewer" { "review-e" } else { "dev-e" };
        let claimed = Claimed { say: String::new(), fence: offer.fence };
        self.say(name, offer, agent::Kind::Claimed, claimed).await;
        let result = match &offer.task {
            Task::Review { head, round } => Self::judge(*head, *round),
            _ => self.build(offer),
        };
        let finished = Finished { say: "done".to_owned(), fence: offer.fence, result };
        self.say(name, offer, agent::Kind::Finished, finished).await;
    }

    /// The first round finds something.
    fn judge(head: Oid, round: u8) -> Outcome {
        let verdict = if round == 1 { Verdict::ChangesRequested } else { Verdict::Approved };
        Outcome::Judged { head, verdict, body: "Read, and tried.".to_owned(), remarks: Vec::new() }
    }

    fn build(&self, offer: &Offer) -> Outcome {
        let fence = offer.fence;
        let message = format!("{}\n\nRig-Run: {}.{}", offer.item.title, fence.run, fence.generation);
        let content = format!("<h1>{}, {}</h1>\n", offer.item.title, fence.generation);
        let path = format!("{}.html", offer.item.number.0);
        let commit = self.played.with(|world| {
            let author = world.account("dev-e", Kind::User);
            let files = [(path.as_str(), Some(content.as_bytes()))];
            world.commit(self.site, &offer.branch, &NewCommit { author, message: &message, files: &files }).unwrap()
        });
        let head = commit.to_string().parse().unwrap();
        Outcome::Pushed { head, title: offer.item.title.clone(), body: "What and why.".to_owned() }
    }

    async fn say<D: Serialize>(&self, name: &str, offer: &Offer, kind: agent::Kind, data: D) {
        let mut envelope = Envelope::new(RecordId::new(), kind.type_name(), "/rig/agent", envelope::now(), data);
        envelope.subject = Some(format!("{}{}", offer.item.repository, offer.item.number).into());
        let subject = Subject::Agent { name: Token::of(name), kind: Token::of(kind.name()) };
        self.publisher.publish(Draft::new(subject, &envelope).unwrap()).await.unwrap();
    }
}
