//! What was acknowledged, and the moments at which the power goes.

use std::{
    ops::{Range, RangeInclusive},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::StdRng};

const PATIENCE: Duration = Duration::from_secs(60);

/// One thing that was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Acked<T> {
    pub(crate) what: T,
    pub(crate) at: Instant,
}

/// What the tasks that write were told is stored, in the order in which they heard.
#[derive(Debug)]
pub(crate) struct Ledger<T> {
    acked: Mutex<Vec<Acked<T>>>,
    count: AtomicUsize,
}

impl<T: Clone> Ledger<T> {
    pub(crate) fn new() -> Self {
        Self { acked: Mutex::default(), count: AtomicUsize::new(0) }
    }

    pub(crate) fn note(&self, what: impl IntoIterator<Item = T>) {
        let at = Instant::now();
        let mut acked = self.acked.lock().unwrap();
        acked.extend(what.into_iter().map(|what| Acked { what, at }));
        self.count.store(acked.len(), Ordering::SeqCst);
    }

    pub(crate) fn all(&self) -> Vec<Acked<T>> {
        self.acked.lock().unwrap().clone()
    }

    /// Returns at this seed's moment: after so many acknowledgements, and a little later.
    pub(crate) async fn moment(&self, seed: u64, acked: RangeInclusive<usize>) {
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

/// Seeds a server is cut with before another begins on an empty disk.
const SEEDS_A_DISK: u64 = 10;

/// The seeds, those that meet on one disk together: a slice of so many, or with `RIG_SOAK=full` a hundred.
#[expect(clippy::disallowed_methods, reason = "how much is tested is said where the tests are started")]
pub(crate) fn seeds(slice: u64) -> impl Iterator<Item = Range<u64>> {
    let full = std::env::var("RIG_SOAK").is_ok_and(|soak| soak == "full");
    let end: u64 = if full { 100 } else { slice };
    (0..end.div_ceil(SEEDS_A_DISK)).map(move |disk| disk * SEEDS_A_DISK..end.min((disk + 1) * SEEDS_A_DISK))
}
