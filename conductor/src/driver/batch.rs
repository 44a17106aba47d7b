//! What is said, cut into batches that the server takes.

use bus::{Draft, publish::fenced};

/// The most records that are stored at once, the step record not counted.
pub(super) const MOST_RECORDS: usize = fenced::MOST_RECORDS - 1;

/// The most bytes that are stored at once: the server holds a batch in memory until it is whole.
const MOST_BYTES: usize = 8 << 20;

/// What is stored at once.
#[derive(Debug)]
pub(super) struct Batch {
    /// The last input of which everything was said.
    pub(super) through: u64,
    /// What is said.
    pub(super) said: Vec<Draft>,
}

/// Batches in the making.
#[derive(Debug)]
pub(super) struct Batches {
    whole: Vec<Batch>,
    through: u64,
    said: Vec<Draft>,
    bytes: usize,
}

impl Batches {
    /// Batches behind a position.
    pub(super) const fn behind(through: u64) -> Self {
        Self { whole: Vec::new(), through, said: Vec::new(), bytes: 0 }
    }

    /// Adds what was said to an input: to the batch at hand, or to the next where it has no room there, or, where it is
    /// more than one batch holds, to several.
    pub(super) fn add(&mut self, input: u64, said: Vec<Draft>) {
        let bytes = said.iter().map(|draft| draft.body.len()).sum::<usize>();
        if self.said.len() + said.len() > MOST_RECORDS || self.bytes + bytes > MOST_BYTES {
            self.cut();
        }
        for draft in said {
            if self.said.len() == MOST_RECORDS || self.bytes + draft.body.len() > MOST_BYTES {
                self.cut();
            }
            self.bytes += draft.body.len();
            self.said.push(draft);
        }
        self.through = input;
    }

    fn cut(&mut self) {
        if !self.said.is_empty() {
            let said = std::mem::take(&mut self.said);
            self.whole.push(Batch { through: self.through, said });
            self.bytes = 0;
        }
    }

    /// The batches. The last one tells the position, though nothing was said since.
    pub(super) fn finish(mut self) -> Vec<Batch> {
        self.whole.push(Batch { through: self.through, said: self.said });
        self.whole
    }
}

#[cfg(test)]
mod tests {
    use bus::{RecordId, Subject};

    use super::*;

    fn said(count: usize, bytes: usize) -> Vec<Draft> {
        let draft = || Draft { subject: Subject::ConductorStep, id: RecordId::new(), body: vec![b'x'; bytes].into() };
        (0..count).map(|_| draft()).collect()
    }

    fn cut(inputs: &[(usize, usize)]) -> Vec<(u64, usize)> {
        let mut batches = Batches::behind(10);
        for (n, (count, bytes)) in inputs.iter().enumerate() {
            batches.add(11 + n as u64, said(*count, *bytes));
        }
        batches.finish().iter().map(|batch| (batch.through, batch.said.len())).collect()
    }

    #[test]
    fn what_fits_is_one_batch_and_silence_is_one_too() {
        assert_eq!(cut(&[(2, 10), (0, 0), (3, 10)]), [(13, 5)]);
        assert_eq!(cut(&[(0, 0), (0, 0)]), [(12, 0)]);
    }

    #[test]
    fn an_input_goes_whole_into_the_next_batch_where_it_fits() {
        assert_eq!(cut(&[(900, 10), (200, 10)]), [(11, 900), (12, 200)]);
        assert_eq!(cut(&[(1, 5 << 20), (1, 5 << 20)]), [(11, 1), (12, 1)]);
    }

    #[test]
    fn an_input_that_fits_nowhere_counts_as_decided_with_its_last_part() {
        assert_eq!(cut(&[(1, 1), (2500, 10), (1, 1)]), [(11, 1), (11, 999), (11, 999), (13, 503)]);
    }
}
