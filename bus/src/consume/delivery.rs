//! One delivery of one record.

use std::{future::Future, time::Duration};

use async_nats::jetstream::{self, AckKind};
use tokio::sync::watch;

use super::Verdict;
use crate::{connect::Link, record::Sequenced};

/// How often a lost acknowledgement is sent again before the server's own deadline must do.
const ACK_TRIES: usize = 3;

/// How long the server may take to note an acknowledgement.
const ACK_WAIT: Duration = Duration::from_secs(2);

pub(super) struct Delivery {
    message: jetstream::Message,
    pub(super) consumer: String,
    pub(super) record: Sequenced,
    /// Which try this is, from 1.
    pub(super) count: u64,
}

impl Delivery {
    pub(super) fn new(message: jetstream::Message, consumer: &str) -> Option<Self> {
        let (sequence, delivered, stored_at) = {
            let info = message.info().inspect_err(|error| tracing::error!(%error, "a delivery has no place")).ok()?;
            (info.stream_sequence, info.delivered, info.published)
        };
        let record = Sequenced {
            sequence,
            subject: message.subject.to_string(),
            headers: message.headers.clone().unwrap_or_default(),
            body: message.payload.clone(),
            stored_at,
        };
        let count = u64::try_from(delivered).unwrap_or(1).max(1);
        Some(Self { message, consumer: consumer.to_owned(), record, count })
    }

    /// Runs the work and tells the server meanwhile that it goes on, so that nobody else is given the record.
    pub(super) async fn while_working(&self, every: Duration, work: impl Future<Output = Verdict>) -> Verdict {
        let going_on = async {
            let mut ticks = tokio::time::interval(every);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let _ = self.message.ack_with(AckKind::Progress).await;
            }
        };
        tokio::select! {
            verdict = work => verdict,
            () = going_on => Verdict::Retry("the work was not awaited".to_owned()),
        }
    }

    /// Acknowledges, and waits until the server has noted it. Over a new connection it is sent at once, and once: a server
    /// that died may have forgotten the delivery, does not answer then, and hands the record out again.
    pub(super) async fn done(&self, mut link: watch::Receiver<Link>) {
        for _ in 0..ACK_TRIES {
            let generation = link.borrow().generation;
            let is_noted = tokio::select! {
                is_noted = self.is_noted() => Some(is_noted),
                _ = link.wait_for(|link| link.up && link.generation != generation) => None,
            };
            match is_noted {
                Some(true) => return,
                Some(false) => {}
                None if self.is_noted().await => return,
                None => break,
            }
        }
        tracing::warn!(consumer = self.consumer, sequence = self.record.sequence, "not acknowledged; it comes again");
    }

    async fn is_noted(&self) -> bool {
        let noted = tokio::time::timeout(ACK_WAIT, self.message.double_ack()).await;
        let lost =
            noted.map_or_else(|_| Some("no answer".to_owned()), |noted| noted.err().map(|error| error.to_string()));
        if let Some(error) = &lost {
            tracing::debug!(error, "an acknowledgement was lost");
        }
        lost.is_none()
    }

    /// Hands the record back; it comes again after `wait`.
    pub(super) async fn again_after(&self, wait: Duration) {
        if let Err(error) = self.message.ack_with(AckKind::Nak(Some(wait))).await {
            tracing::debug!(%error, "a record could not be handed back; it comes again at its deadline");
        }
    }
}
