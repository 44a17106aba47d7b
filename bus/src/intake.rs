//! How deliveries come in, as who takes them sees it: for health and metrics.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// For how long the server may be silent. It says every 5 s that a request for records still stands.
const SILENT_FOR: Duration = Duration::from_secs(15);

/// How the deliveries of one consumer come in.
#[derive(Clone, Default, Debug)]
pub struct Intake {
    /// Since when a request for records stands and nothing was heard; nothing while a record is in hand.
    silent_since: Option<Instant>,
    refusal: Option<String>,
    /// How many deliveries were done.
    pub done: u64,
    /// How many were handed back, to come again.
    pub again: u64,
    /// How many were given up.
    pub given_up: u64,
}

impl Intake {
    /// Why nothing comes in, if that is so.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        if let Some(refusal) = &self.refusal {
            return Some(format!("the channel hands out nothing: {refusal}"));
        }
        let silent = self.silent_since?.elapsed();
        (silent > SILENT_FOR).then(|| format!("the channel has not answered for {} s", silent.as_secs()))
    }

    pub(crate) fn asks(&mut self) {
        self.silent_since.get_or_insert_with(Instant::now);
    }

    pub(crate) fn hears(&mut self) {
        (self.silent_since, self.refusal) = (Some(Instant::now()), None);
    }

    pub(crate) fn is_refused(&mut self, refusal: String) {
        (self.silent_since, self.refusal) = (Some(Instant::now()), Some(refusal));
    }

    pub(crate) fn takes(&mut self) {
        (self.silent_since, self.refusal) = (None, None);
    }
}

/// The intakes of a connection, by the consumer's name. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Intakes(Arc<Mutex<BTreeMap<String, Intake>>>);

impl Intakes {
    pub(crate) fn all(&self) -> BTreeMap<String, Intake> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn note(&self, consumer: &str, what: impl FnOnce(&mut Intake)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        what(all.entry(consumer.to_owned()).or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_who_waits_for_an_answer_misses_one() {
        let mut intake = Intake::default();
        let later = async || tokio::time::sleep(SILENT_FOR + Duration::from_secs(1)).await;
        later().await;
        assert_eq!(intake.trouble(), None, "nothing was asked");
        intake.asks();
        intake.takes();
        later().await;
        assert_eq!(intake.trouble(), None, "it works on what it took");
        intake.asks();
        later().await;
        intake.asks();
        assert_eq!(intake.trouble().as_deref(), Some("the channel has not answered for 16 s"));
        intake.hears();
        assert_eq!(intake.trouble(), None);
        intake.is_refused("no responders".to_owned());
        assert_eq!(intake.trouble().as_deref(), Some("the channel hands out nothing: no responders"));
        intake.takes();
        assert_eq!(intake.trouble(), None);
    }
}
