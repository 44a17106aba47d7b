//! Refusals in the log: anybody can post rubbish, and the log must not fill up with it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::github::Refused;

/// One line in this time; what came between is counted.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// Tells of refusals, now and then.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    told: Mutex<Option<Told>>,
}

#[derive(Debug)]
struct Told {
    at: Instant,
    since: u64,
}

impl Refusals {
    /// Tells of this one, or counts it.
    pub(super) fn tell(&self, refused: &Refused) {
        if let Some(untold) = self.is_time(Instant::now()) {
            let (status, error, hint) = (refused.status.as_u16(), &refused.error, &refused.hint);
            tracing::warn!(status, %error, %hint, untold, "a delivery was refused");
        }
    }

    /// How many were not told, if it is time to tell.
    fn is_time(&self, now: Instant) -> Option<u64> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match told.as_mut().filter(|told| now.duration_since(told.at) < LINE_EVERY) {
            Some(told) => {
                told.since += 1;
                None
            }
            None => Some(told.replace(Told { at: now, since: 0 }).map_or(0, |told| told.since)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_line_a_minute() {
        let (refusals, begin) = (Refusals::default(), Instant::now());
        assert_eq!(refusals.is_time(begin), Some(0));
        assert_eq!((0..500).filter_map(|_| refusals.is_time(begin)).count(), 0);
        assert_eq!(refusals.is_time(begin + LINE_EVERY), Some(500));
        assert_eq!(refusals.is_time(begin + LINE_EVERY), None);
    }
}
