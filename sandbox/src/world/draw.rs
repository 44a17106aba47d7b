//! What looks random: drawn from the seed, so that the same seed gives the same history.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use uuid::Uuid;

/// The one source of ids, tokens and GUIDs.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    random: ChaCha8Rng,
    last: u64,
}

/// Ids begin here, as they would in a world that is a little older than the test.
const FIRST: u64 = 1_000;

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed), last: FIRST }
    }

    /// A number that no other thing has.
    pub(crate) const fn id(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// What a request is named by.
    pub(crate) fn request(&mut self) -> String {
        let drawn = self.random.next_u64();
        format!("{:04X}:{:06X}:{:06X}:{:08X}", drawn >> 48, drawn >> 24 & 0xff_ffff, drawn & 0xff_ffff, self.last)
    }

    pub(crate) fn guid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.random.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// This many lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut bytes = vec![0; digits.div_ceil(2)];
        self.random.fill_bytes(&mut bytes);
        let mut text = hex::encode(bytes);
        text.truncate(digits);
        text
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.random.next_u64().checked_rem(end).unwrap_or(0)
    }
}
