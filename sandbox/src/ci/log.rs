//! A job's output, of which the beginning and the end are kept.

use std::collections::VecDeque;

use bytes::Bytes;

/// Output that takes no more room than it may. The beginning tells what ran and the end what came of it.
#[derive(Debug)]
pub(super) struct Log {
    limit: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    cut: u64,
    words: Vec<String>,
}

impl Log {
    pub(super) fn within(limit: usize) -> Self {
        Self { limit, head: Vec::new(), tail: VecDeque::new(), cut: 0, words: Vec::new() }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = (self.limit / 2).saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let kept = self.limit - self.limit / 2;
        let over = self.tail.len().saturating_sub(kept);
        self.tail.drain(..over);
        self.cut += over as u64;
    }

    /// A line of the runner's own, below all output.
    pub(super) fn say(&mut self, words: impl Into<String>) {
        self.words.push(words.into());
    }

    pub(super) fn finish(self) -> Bytes {
        let mut all = self.head;
        if self.cut > 0 {
            line(&mut all, &format!("{} bytes of output cut here; {} are kept", self.cut, self.limit));
        }
        all.extend(self.tail);
        self.words.iter().for_each(|words| line(&mut all, words));
        all.into()
    }
}

fn line(log: &mut Vec<u8>, words: &str) {
    if log.last().is_some_and(|last| *last != b'\n') {
        log.push(b'\n');
    }
    log.extend(b"[ci] ");
    log.extend(words.as_bytes());
    log.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::Log;

    fn log(limit: usize, pieces: &[&str]) -> String {
        let mut log = Log::within(limit);
        pieces.iter().for_each(|piece| log.push(piece.as_bytes()));
        log.say("ended");
        String::from_utf8_lossy(&log.finish()).into_owned()
    }

    #[test]
    fn what_fits_is_kept_whole() {
        assert_eq!(log(10, &["01234", "56789"]), "0123456789\n[ci] ended\n");
        assert_eq!(log(10, &["a\n"]), "a\n[ci] ended\n");
    }

    #[test]
    fn of_more_the_beginning_and_the_end_are_kept() {
        let cut = "01234\n[ci] 6 bytes of output cut here; 10 are kept\nbcdef\n[ci] ended\n";
        assert_eq!(log(10, &["0123456789abcdef"]), cut);
        assert_eq!(log(10, &["0", "123456789abc", "d", "ef"]), cut);
    }

    #[test]
    fn a_limit_of_nothing_keeps_nothing() {
        assert_eq!(log(0, &["abc"]), "[ci] 3 bytes of output cut here; 0 are kept\n[ci] ended\n");
        assert_eq!(log(1, &["abc"]), "[ci] 2 bytes of output cut here; 1 are kept\nc\n[ci] ended\n");
    }
}
