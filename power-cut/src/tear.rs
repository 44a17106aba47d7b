//! What survives of the unflushed: nothing, or what a seed says.

use std::ops::Range;

use rand::{Rng, SeedableRng, rngs::StdRng};

const SECTOR: usize = 512;

/// What becomes of what was not flushed.
///
/// A disk may write any of it of its own accord before the power goes, so a program must be right with all of it lost
/// and with any part of it kept.
#[derive(Debug)]
pub struct Tear(Option<StdRng>);

/// What becomes of one unflushed page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    Lost,
    Kept,
    Torn(Sectors),
}

/// The sectors of a page that were written: a disk writes a sector whole or not at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sectors(u8);

impl Tear {
    /// Nothing survives that was not flushed.
    #[must_use]
    pub const fn clean() -> Self {
        Self(None)
    }

    /// This seed's part of it survives: some pages, some sectors of others, and the names up to some moment.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Some(StdRng::seed_from_u64(seed)))
    }

    pub(crate) fn fate(&mut self) -> Fate {
        let Some(rng) = &mut self.0 else { return Fate::Lost };
        match rng.random_range(0..3) {
            0 => Fate::Lost,
            1 => Fate::Kept,
            _ => Fate::Torn(Sectors(rng.random())),
        }
    }

    /// Whether one change survives that cannot survive in part.
    pub(crate) fn survives(&mut self) -> bool {
        self.0.as_mut().is_some_and(|rng| rng.random())
    }

    /// How many of so many ordered changes survive.
    pub(crate) fn first_of(&mut self, changes: usize) -> usize {
        self.0.as_mut().map_or(0, |rng| rng.random_range(0..=changes))
    }
}

impl Sectors {
    pub(crate) fn ranges(self) -> impl Iterator<Item = Range<usize>> {
        (0..8).filter(move |sector| self.0 & (1 << sector) != 0).map(|sector| sector * SECTOR..(sector + 1) * SECTOR)
    }
}
