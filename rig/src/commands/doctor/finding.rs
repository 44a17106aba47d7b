//! What was found, told as it is found.

use serde_json::json;

use super::line;
use crate::{exit::Failure, screen};

/// How a thing is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// As it should be.
    Good,
    /// It could not be told.
    Unsure,
    /// Not as it should be.
    Wrong,
}

impl Mark {
    const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unsure => "unsure",
            Self::Wrong => "wrong",
        }
    }
}

/// Everything that was found so far.
pub(super) struct Findings {
    json: bool,
    wrong: u32,
}

impl Findings {
    pub(super) const fn new(json: bool) -> Self {
        Self { json, wrong: 0 }
    }

    pub(super) fn good(&mut self, what: &str, sentence: &str) -> Result<(), Failure> {
        self.tell(Mark::Good, what, sentence, None)
    }

    pub(super) fn unsure(&mut self, what: &str, sentence: &str, advice: &str) -> Result<(), Failure> {
        self.tell(Mark::Unsure, what, sentence, Some(advice))
    }

    pub(super) fn wrong(&mut self, what: &str, sentence: &str, advice: &str) -> Result<(), Failure> {
        self.wrong += 1;
        self.tell(Mark::Wrong, what, sentence, Some(advice))
    }

    fn tell(&self, mark: Mark, what: &str, sentence: &str, advice: Option<&str>) -> Result<(), Failure> {
        if self.json {
            let told = json!({"check": what, "status": mark.name(), "says": sentence, "do": advice});
            return screen::print(&told.to_string());
        }
        screen::print(&line(mark, what, sentence, advice))
    }

    /// Whether anything is wrong.
    pub(super) fn verdict(self) -> Result<(), Failure> {
        match self.wrong {
            0 => Ok(()),
            1 => Err(Failure::failed("one thing is not as it should be")),
            more => Err(Failure::failed(format!("{more} things are not as they should be"))),
        }
    }
}
