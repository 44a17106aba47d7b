//! Room in LOG: intake stops before it is full, so that those who work it off can still write.
//!
//! LOG cannot be asked from here, the accounts keep it apart; the status service answers for it. Where nobody answers,
//! the last answer holds: LOG does not shrink by itself, and its own limit is there in any case.

use std::time::Duration;

use bus::{Subject, Token, connect::Connection};
use bytes::Bytes;
use serde::Deserialize;
use tokio::{sync::watch, time::MissedTickBehavior};

/// How full LOG is, as last heard.
#[derive(Clone, Debug)]
pub(super) struct Room {
    full_at: u64,
    heard: watch::Sender<Option<Fill>>,
}

/// What the status service says; the rest of its answer is for others.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Fill {
    bytes: u64,
    max_bytes: u64,
}

impl Fill {
    /// Percent in use; none for a stream without a limit.
    fn percent(self) -> Option<u64> {
        let percent = u128::from(self.bytes) * 100 / u128::from((self.max_bytes > 0).then_some(self.max_bytes)?);
        u64::try_from(percent).ok()
    }
}

impl Room {
    /// Room until `full_at` percent are in use.
    pub(super) fn new(full_at: u64) -> Self {
        Self { full_at, heard: watch::Sender::new(None) }
    }

    /// The percentage in use, when it is too high to take anything in.
    pub(super) fn exhausted(&self) -> Option<u64> {
        (*self.heard.borrow())?.percent().filter(|percent| *percent >= self.full_at)
    }

    /// Asks at this interval, for good.
    pub(super) async fn watch(self, connection: Connection, every: Duration) {
        let subject = Subject::Svc { service: Token::of("status"), verb: Token::of("log") }.to_string();
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let asked = tokio::time::timeout(every, connection.client().request(subject.clone(), Bytes::new())).await;
            match asked.map(|answer| answer.map(|message| serde_json::from_slice::<Fill>(&message.payload))) {
                Ok(Ok(Ok(fill))) => self.hear(fill),
                Ok(Ok(Err(error))) => {
                    tracing::warn!(%error, "the status service's answer about LOG cannot be read")
                }
                Ok(Err(error)) => tracing::debug!(%error, "nobody says how full LOG is"),
                Err(_) => tracing::debug!("nobody says how full LOG is"),
            }
        }
    }

    fn hear(&self, fill: Fill) {
        let before = self.exhausted();
        self.heard.send_replace(Some(fill));
        match (before, self.exhausted()) {
            (None, Some(percent)) => {
                tracing::error!(
                    percent,
                    "LOG is too full to take deliveries in; raise max_bytes and run `rig bus apply`"
                );
            }
            (Some(_), None) => tracing::info!("LOG has room again; deliveries are taken in"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exhausted(bytes: u64, max_bytes: u64) -> Option<u64> {
        let room = Room::new(85);
        room.hear(Fill { bytes, max_bytes });
        room.exhausted()
    }

    #[test]
    fn intake_stops_at_the_limit_and_not_before() {
        assert_eq!(exhausted(849, 1000), None);
        assert_eq!(exhausted(850, 1000), Some(85));
        assert_eq!(exhausted(u64::MAX, u64::MAX), Some(100));
    }

    #[test]
    fn nothing_heard_and_no_limit_are_room() {
        assert_eq!(Room::new(85).exhausted(), None);
        assert_eq!(exhausted(7, 0), None);
    }
}
