//! The one delivery loop.
//!
//! For those who *do*: a durable pull consumer hands out each record until it is acknowledged. This loop is the only
//! place that acknowledges, extends, hands back and gives up. A record is acknowledged after its handler is done with
//! it, so a handler sees a record again whenever its outcome is in doubt, and does it once by itself.
//!
//! Handing back takes longer each time. When the record has been tried often enough it is given up as a record of its
//! own (`rig.evt.dead.<consumer>`), and only once that is stored is the delivery acknowledged: nothing is dropped unseen.

mod dead;
mod delivery;
mod pull;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{connect::Connection, intake::Intake, publish::Publisher, record::Sequenced};
use dead::Errors;
pub use dead::draft as parked;
use delivery::Delivery;
use pull::Pull;

/// Why the loop could not begin.
#[derive(Debug, thiserror::Error)]
#[error("the server does not let `{user}` listen for its deliveries")]
pub struct Error {
    user: String,
    source: async_nats::SubscribeError,
}

/// What became of one delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Done, and its outcome is durable.
    Done,
    /// Not now, with the reason; it comes again later.
    Retry(String),
    /// Never, with the reason; it is given up at once.
    Poison(String),
}

/// How deliveries are handled.
#[derive(Clone, Debug)]
pub struct Options {
    /// How often a record is tried before it is given up.
    pub tries: u64,
    /// How long a record waits after its first try; doubled after each further one.
    pub backoff: Duration,
    /// The longest wait between two tries.
    pub longest_backoff: Duration,
    /// How often the server is told that a record is still being worked on. Must be well below the consumer's ack wait.
    pub progress: Duration,
    /// How many records are taken at once. They are handled one after the other.
    pub ahead: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tries: 8,
            backoff: Duration::from_secs(1),
            longest_backoff: Duration::from_secs(300),
            progress: Duration::from_secs(5),
            ahead: 1,
        }
    }
}

/// Handles what the durable consumer `consumer` of LOG delivers, until cancelled.
///
/// Needs no right beyond asking for its own records and acknowledging them, and for giving up one to publish on
/// `rig.evt.dead.<consumer>` through `dead`. Without `dead` a record is tried for ever.
///
/// # Errors
/// When the server does not let this user listen to its own inbox.
pub async fn run<H>(
    connection: &Connection,
    consumer: &str,
    options: &Options,
    dead: Option<&Publisher>,
    mut handler: H,
    cancel: &CancellationToken,
) -> Result<(), Error>
where
    H: AsyncFnMut(&Sequenced, u64) -> Verdict,
{
    let mut pull = Pull::open(connection, consumer, options.ahead).await?;
    let mut errors = Errors::default();
    while let Some(message) = cancel.run_until_cancelled(pull.next()).await {
        let Some(delivery) = Delivery::new(message, consumer) else {
            continue;
        };
        let verdict = delivery.while_working(options.progress, handler(&delivery.record, delivery.count)).await;
        let end = settle(connection, &delivery, verdict, options, dead, &mut errors).await;
        connection.note_intake(consumer, |intake| end.counted(intake));
    }
    pull.hand_back().await;
    Ok(())
}

/// How a delivery ended.
enum End {
    Done,
    Again,
    GivenUp,
}

impl End {
    const fn counted(&self, intake: &mut Intake) {
        match self {
            Self::Done => intake.done += 1,
            Self::Again => intake.again += 1,
            Self::GivenUp => intake.given_up += 1,
        }
    }
}

async fn settle(
    connection: &Connection,
    delivery: &Delivery,
    verdict: Verdict,
    options: &Options,
    dead: Option<&Publisher>,
    errors: &mut Errors,
) -> End {
    let (reason, last) = match verdict {
        Verdict::Done => {
            errors.forget(delivery.record.sequence);
            delivery.done(connection.link()).await;
            return End::Done;
        }
        Verdict::Retry(reason) => (reason, delivery.count >= options.tries),
        Verdict::Poison(reason) => (reason, true),
    };
    tracing::warn!(
        consumer = delivery.consumer,
        sequence = delivery.record.sequence,
        reason,
        "a record was not handled"
    );
    errors.note(delivery.record.sequence, reason);
    match dead.filter(|_| last) {
        Some(dead) if dead::park(delivery, errors.of(delivery.record.sequence), dead).await => {
            errors.forget(delivery.record.sequence);
            delivery.done(connection.link()).await;
            End::GivenUp
        }
        _ => {
            delivery.again_after(wait_after(delivery.count, options)).await;
            End::Again
        }
    }
}

/// The wait after the `count`-th try: doubled each time, up to the longest.
fn wait_after(count: u64, options: &Options) -> Duration {
    let doublings = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX).min(31);
    options.backoff.saturating_mul(1 << doublings).min(options.longest_backoff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_stops_growing() {
        let options =
            Options { backoff: Duration::from_secs(1), longest_backoff: Duration::from_secs(60), ..Options::default() };
        let waits: Vec<u64> =
            [1, 2, 3, 6, 7, 40, u64::MAX].into_iter().map(|n| wait_after(n, &options).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 32, 60, 60, 60]);
    }
}
