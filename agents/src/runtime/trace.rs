//! The turns of runs, recorded for people (`rig.trace.<agent>.<run>`). No run waits for it, and none hangs on it.

use std::sync::{Mutex, PoisonError};

use bus::{
    Draft, Envelope, RecordId, Subject, Token, Trust,
    catalogue::{
        Kind,
        cmd::Offer,
        trace::{End, Turn},
    },
    envelope::now,
    publish::Publisher,
};
use tokio::task::JoinSet;

use super::claims::SOURCE;

/// How many records may be on their way; what is more is left out.
const ON_THEIR_WAY: usize = 64;

/// Records turns.
pub(crate) struct Traces {
    publisher: Publisher,
    on_their_way: Mutex<JoinSet<()>>,
}

impl Traces {
    pub(crate) fn new(publisher: &Publisher) -> Self {
        Self { publisher: publisher.clone(), on_their_way: Mutex::new(JoinSet::new()) }
    }

    /// A turn began, or ended.
    pub(crate) fn record(&self, agent: &str, offer: &Offer, turn: u32, brain: &str, end: Option<End>) {
        let what = end.as_ref().map_or_else(|| "begins".to_owned(), |end| format!("ended: {}", end.outcome));
        let say = format!("Turn {turn} of {agent} on {} {what}.", offer.item.number);
        let said = Turn { say, fence: offer.fence, turn, brain: brain.to_owned(), end };
        let mut envelope = Envelope::new(RecordId::new(), Kind::TraceTurn.type_name(), SOURCE, now(), said);
        (envelope.actor, envelope.trust) = (Some(agent.into()), Trust::Agent);
        envelope.subject = Some(format!("{}{}", offer.item.repository, offer.item.number).into());
        envelope.run = Some(offer.fence.run.to_string().into());
        let subject = Subject::Trace { agent: Token::of(agent), run: Token::of(&offer.fence.run.to_string()) };
        match Draft::new(subject, &envelope) {
            Ok(draft) => self.send(draft),
            Err(error) => tracing::error!(%error, "a turn cannot be written as JSON"),
        }
    }

    fn send(&self, draft: Draft) {
        let mut on_their_way = self.on_their_way.lock().unwrap_or_else(PoisonError::into_inner);
        while on_their_way.try_join_next().is_some() {}
        if on_their_way.len() >= ON_THEIR_WAY {
            tracing::warn!("a turn was not recorded: too many are on their way");
            return;
        }
        let publisher = self.publisher.clone();
        on_their_way.spawn(async move {
            if let Err(error) = publisher.publish(draft).await {
                tracing::warn!(%error, "a turn was not recorded");
            }
        });
    }
}
