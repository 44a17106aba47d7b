//! How much an App writes. GitHub lets it make so much within a minute and within an hour, and who goes on asking after
//! that is shut out. What moves work goes first: words stop while there is still room for a merge.
//!
//! GitHub does not say what it counts, so everything that writes is counted here, whatever became of it.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use tokio::time::Instant;

/// What words leave of GitHub's 80 a minute and 500 an hour is for what moves work.
const WINDOWS: [Window; 2] = [
    Window { span: Duration::from_secs(60), passing: 35, lasting: 60, name: "a minute" },
    Window { span: HOUR, passing: 300, lasting: 420, name: "an hour" },
];
const HOUR: Duration = Duration::from_secs(3600);

/// For how long words wait where GitHub refused: what it asks for where it does not say how long.
const PAUSE: Duration = Duration::from_secs(60);

struct Window {
    span: Duration,
    passing: usize,
    lasting: usize,
    name: &'static str,
}

/// What words are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Words {
    /// Something else will be said soon.
    Passing,
    /// It may be the last that is said.
    Lasting,
}

/// How much was written lately.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Written>);

#[derive(Debug, Default)]
struct Written {
    /// When, the latest last: what is older than an hour is forgotten.
    at: VecDeque<Instant>,
    silent_until: Option<Instant>,
}

impl Pace {
    /// Notes that something is written now.
    pub(super) fn note(&self, now: Instant) {
        self.with(|written| {
            written.at.push_back(now);
            while written.at.front().is_some_and(|at| now.duration_since(*at) >= HOUR) {
                written.at.pop_front();
            }
        });
    }

    /// Notes that GitHub takes no more now.
    pub(super) fn note_refused(&self, now: Instant) {
        self.with(|written| written.silent_until = Some(now + PAUSE));
    }

    /// Why words have to wait; nothing where they need not.
    pub(super) fn is_full(&self, words: Words, now: Instant) -> Option<String> {
        self.with(|written| written.is_full(words, now)).flatten()
    }

    fn with<T>(&self, change: impl FnOnce(&mut Written) -> T) -> Option<T> {
        self.0.lock().ok().map(|mut written| change(&mut written))
    }
}

impl Written {
    fn is_full(&self, words: Words, now: Instant) -> Option<String> {
        if self.silent_until.is_some_and(|until| now < until) {
            return Some("GitHub takes no more for a minute; what moves work goes first".to_owned());
        }
        let count = |span| self.at.iter().rev().take_while(|at| now.duration_since(**at) < span).count();
        let most = |window: &Window| if words == Words::Passing { window.passing } else { window.lasting };
        let full = WINDOWS.iter().find(|window| count(window.span) >= most(window))?;
        Some(format!("{} things written within {} are enough; what moves work goes first", most(full), full.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stop_while_there_is_room_for_work() {
        let (pace, begin) = (Pace::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        (0..35).for_each(|_| pace.note(at(0)));
        assert!(pace.is_full(Words::Passing, at(1)).is_some());
        assert_eq!(pace.is_full(Words::Lasting, at(1)), None, "what lasts goes before what passes");
        (0..25).for_each(|_| pace.note(at(1)));
        assert!(pace.is_full(Words::Lasting, at(59)).unwrap().contains("60 things written within a minute"));
        assert_eq!(pace.is_full(Words::Lasting, at(60)), None, "the first ones are a minute old");
    }

    #[test]
    fn an_hour_has_its_own_measure() {
        let (pace, begin) = (Pace::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        (0..420).for_each(|n| pace.note(at(n * 5)));
        assert!(pace.is_full(Words::Lasting, at(2200)).unwrap().contains("an hour"));
        assert!(pace.is_full(Words::Lasting, at(3599)).is_some());
        assert_eq!(pace.is_full(Words::Lasting, at(3700)), None, "what is older than an hour does not count");
    }

    #[test]
    fn what_github_refuses_silences_words_for_a_while() {
        let (pace, now) = (Pace::default(), Instant::now());
        pace.note_refused(now);
        assert!(pace.is_full(Words::Lasting, now + PAUSE / 2).is_some());
        assert_eq!(pace.is_full(Words::Passing, now + PAUSE), None);
    }
}
