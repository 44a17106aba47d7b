//! What was acknowledged, and the moments at which the power goes.
#![allow(clippy::panic, clippy::unwrap_used, missing_docs, unreachable_pub, reason = "shared by tests")]

use std::{
    ops::RangeInclusive,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::StdRng};

const PATIENCE: Duration = Duration::from_secs(60);

/// One thing that was acknowledged.
#[derive(Clone, Debug)]
pub struct Acked<T> {
    pub what: T,
    pub at: Instant,
}

/// What the tasks that write were told is stored, in the order in which they heard.
#[derive(Debug)]
pub struct Ledger<T> {
    acked: Mutex<Vec<Acked<T>>>,
    count: AtomicUsize,
    over: AtomicBool,
}

impl<T: Clone> Ledger<T> {
    pub fn new() -> Self {
        Self { acked: Mutex::default(), count: AtomicUsize::new(0), over: AtomicBool::new(false) }
    }

    pub fn note(&self, what: impl IntoIterator<Item = T>) {
        let at = Instant::now();
        let mut acked = self.acked.lock().unwrap();
        acked.extend(what.into_iter().map(|what| Acked { what, at }));
        self.count.store(acked.len(), Ordering::SeqCst);
    }

    pub fn all(&self) -> Vec<Acked<T>> {
        self.acked.lock().unwrap().clone()
    }

    /// Whether the tasks that write may end.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// Returns at this seed's moment: after so many acknowledgements, and a little later.
    pub async fn moment(&self, seed: u64, acked: RangeInclusive<usize>) {
        let mut rng = StdRng::seed_from_u64(seed);
        let wanted = self.count.load(Ordering::SeqCst) + rng.random_range(acked);
        let later = Duration::from_micros(rng.random_range(0..3000));
        let deadline = Instant::now() + PATIENCE;
        while self.count.load(Ordering::SeqCst) < wanted {
            let so_far = self.count.load(Ordering::SeqCst);
            assert!(Instant::now() < deadline, "{so_far} of {wanted} were acknowledged within {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let moment = Instant::now() + later;
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
    }
}

/// Five seeds where nothing else is said; with `RIG_SOAK=full` a hundred.
#[expect(clippy::disallowed_methods, reason = "how much is tested is said where the tests are started")]
pub fn seeds() -> std::ops::Range<u64> {
    let full = std::env::var("RIG_SOAK").is_ok_and(|soak| soak == "full");
    if full { 0..100 } else { 0..5 }
}
