//! Outages: deliveries that were refused because they could not be stored.
//!
//! The count is kept in this process alone: the channel is what is away, and a file would be one more place with state.
//! A restart in the middle forgets it. Whoever has GitHub redeliver goes by GitHub's own list, which knows also what was
//! refused by nobody at all.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, github},
    envelope::now,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::{sync::Notify, time::Instant};

use super::door::Door;

/// How often it is looked whether an outage is over.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The outage there is, if there is one.
#[derive(Debug, Default)]
pub(super) struct Outages {
    current: Mutex<Option<Outage>>,
    is_on: AtomicBool,
    begun: Notify,
}

/// Deliveries refused since some moment.
#[derive(Clone, Debug)]
pub(super) struct Outage {
    /// The id of the record it will be.
    id: RecordId,
    from: OffsetDateTime,
    refused: u64,
    /// What the last one was told.
    pub(super) why: String,
    last: Instant,
    /// When a delivery was stored since the last refusal.
    stored: Option<OffsetDateTime>,
}

impl Outages {
    /// A delivery was refused at this moment, for this reason.
    pub(super) fn refused(&self, now: OffsetDateTime, why: &str) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let outage = current.get_or_insert_with(|| {
            tracing::error!(why, "deliveries are being refused");
            Outage {
                id: RecordId::new(),
                from: now,
                refused: 0,
                why: String::new(),
                last: Instant::now(),
                stored: None,
            }
        });
        outage.refused += 1;
        outage.last = Instant::now();
        outage.stored = None;
        why.clone_into(&mut outage.why);
        self.is_on.store(true, Ordering::Release);
        self.begun.notify_one();
    }

    /// A delivery was stored at this moment.
    pub(super) fn stored(&self, now: impl FnOnce() -> OffsetDateTime) {
        if !self.is_on.load(Ordering::Acquire) {
            return;
        }
        if let Some(outage) = self.current.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            outage.stored.get_or_insert_with(now);
        }
    }

    /// The outage that is on, or not yet recorded.
    pub(super) fn current(&self) -> Option<Outage> {
        self.is_on
            .load(Ordering::Acquire)
            .then(|| self.current.lock().unwrap_or_else(PoisonError::into_inner).clone())?
    }

    /// Says what ends unrecorded with this process.
    pub(super) fn forget(&self) {
        if let Some(Outage { from, refused, .. }) = self.current() {
            tracing::warn!(%from, refused, "an outage ends unrecorded; GitHub's list of deliveries shows what was refused");
        }
    }

    /// Takes the outage out, once nothing was refused for so long. What is refused from now on begins another.
    fn take(&self, quiet: Duration) -> Option<Outage> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let outage = current.take_if(|outage| outage.last.elapsed() >= quiet)?;
        self.is_on.store(false, Ordering::Release);
        Some(outage)
    }

    /// Puts it back, since it could not be recorded; what was refused meanwhile belongs to it.
    fn put_back(&self, outage: Outage) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let since = current.take();
        *current = Some(match since {
            Some(since) => {
                Outage { id: outage.id, from: outage.from, refused: outage.refused + since.refused, ..since }
            }
            None => outage,
        });
        self.is_on.store(true, Ordering::Release);
    }
}

impl Outage {
    /// Whether something was stored since the last refusal.
    pub(super) const fn is_passing(&self) -> bool {
        self.stored.is_some()
    }

    /// How many deliveries were refused.
    pub(super) const fn refused(&self) -> u64 {
        self.refused
    }

    fn draft(&self, now: OffsetDateTime) -> Option<Draft> {
        let until = self.stored.unwrap_or(now);
        let (noun, were) = if self.refused == 1 { ("delivery", "was") } else { ("deliveries", "were") };
        let data = github::Outage {
            say: format!(
                "{} {noun} of GitHub's {were} refused in {} and must be asked for again",
                self.refused,
                lasted(until - self.from)
            ),
            from: self.from.format(&Rfc3339).ok()?,
            until: until.format(&Rfc3339).ok()?,
            refused: self.refused,
        };
        let subject = Subject::Github { owner: Token::none(), repo: Token::none(), kind: Token::of("outage") };
        Draft::new(subject, &Envelope::new(self.id, Kind::GithubOutage.type_name(), "/rig/ingest", now, data)).ok()
    }
}

fn lasted(duration: time::Duration) -> String {
    match duration.whole_seconds() {
        seconds @ ..120 => format!("{} s", seconds.max(1)),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

/// Publishes each outage when it is over, for good.
pub(super) async fn record(door: Arc<Door>, quiet: Duration) {
    loop {
        door.outages.begun.notified().await;
        let mut looks = tokio::time::interval(LOOK_EVERY);
        while door.outages.current().is_some() {
            looks.tick().await;
            if door.can_store()
                && let Some(outage) = door.outages.take(quiet)
            {
                publish(&door, outage).await;
            }
        }
    }
}

async fn publish(door: &Door, outage: Outage) {
    let Some(draft) = outage.draft(now()) else {
        tracing::error!(refused = outage.refused, "an outage could not be written down");
        return;
    };
    match door.publisher.publish(draft).await {
        Ok(stored) => {
            tracing::warn!(refused = outage.refused, sequence = stored.sequence, "the outage is over and recorded")
        }
        Err(error) => {
            tracing::debug!(%error, "the outage is not recorded yet");
            door.outages.put_back(outage);
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const BEGIN: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
    const END: OffsetDateTime = datetime!(2026-11-22 10:31 UTC);

    #[test]
    fn an_outage_lasts_until_nothing_was_refused_for_a_while() {
        let outages = Outages::default();
        assert!(outages.take(Duration::ZERO).is_none());
        outages.refused(BEGIN, "the channel is away");
        assert!(outages.take(Duration::from_secs(60)).is_none());
        assert!(outages.take(Duration::ZERO).is_some());
        assert!(outages.current().is_none());
    }

    #[test]
    fn what_is_refused_while_it_is_being_recorded_is_not_forgotten() {
        let outages = Outages::default();
        outages.refused(BEGIN, "the channel is away");
        let first = outages.take(Duration::ZERO).unwrap();
        outages.refused(END, "the channel is away again");
        outages.put_back(first.clone());
        let both = outages.take(Duration::ZERO).unwrap();
        assert_eq!((both.id, both.from, both.refused), (first.id, BEGIN, 2));
        assert_eq!(both.why, "the channel is away again");
    }

    #[test]
    fn its_record_ends_with_the_first_delivery_that_was_stored_again() {
        let outages = Outages::default();
        outages.stored(|| BEGIN);
        outages.refused(BEGIN, "the channel is away");
        outages.stored(|| END);
        outages.stored(|| datetime!(2027-01-01 0:00 UTC));
        let draft = outages.take(Duration::ZERO).unwrap().draft(datetime!(2028-01-01 0:00 UTC)).unwrap();
        let envelope: bus::envelope::Sealed<'_> = serde_json::from_slice(&draft.body).unwrap();
        let data: github::Outage = envelope.open().unwrap();
        assert_eq!(data.say, "1 delivery of GitHub's was refused in 31 min and must be asked for again");
        assert_eq!((data.from.as_str(), data.until.as_str()), ("2026-11-22T10:00:00Z", "2026-11-22T10:31:00Z"));
        assert_eq!((data.refused, draft.subject.to_string().as_str()), (1, "rig.evt.github._._.outage"));
    }

    #[test]
    fn its_length_is_told_in_one_word() {
        for (seconds, told) in
            [(-5, "1 s"), (0, "1 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (90_000, "25 h")]
        {
            assert_eq!(lasted(time::Duration::seconds(seconds)), told);
        }
    }
}
