//! Where the lines go: stdout, a batch at a time.

use std::io::{self, Write as _};

use bus::{Sequenced, stream::Epoch};

use super::line;
use crate::{exit::Failure, screen};

/// Collects lines and prints them together.
pub(super) struct Output {
    json: bool,
    ticks: bool,
    day: String,
    lines: String,
}

impl Output {
    pub(super) const fn new(json: bool, ticks: bool) -> Self {
        Self { json, ticks, day: String::new(), lines: String::new() }
    }

    /// Adds a record; answers whether it is shown at all.
    pub(super) fn add(&mut self, record: &Sequenced, epoch: Option<&Epoch>) -> bool {
        if !self.ticks && line::is_tick(record) {
            return false;
        }
        let text = if self.json {
            line::json(record, epoch)
        } else {
            self.new_day(record);
            line::human(record)
        };
        self.lines.push_str(&text);
        self.lines.push('\n');
        true
    }

    /// Times are of the day, so the day is said where it changes.
    fn new_day(&mut self, record: &Sequenced) {
        let day = line::day(record);
        if day != self.day {
            self.lines.push_str(&line::day_heading(&day));
            self.lines.push('\n');
            self.day = day;
        }
    }

    /// Prints what was added.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        let lines = std::mem::take(&mut self.lines);
        // What is for programs goes out byte for byte: a terminal's filter might take a part of it for a colour.
        let written = if self.json {
            let mut out = io::stdout().lock();
            out.write_all(lines.as_bytes()).and_then(|()| out.flush())
        } else {
            let mut out = anstream::stdout().lock();
            out.write_all(lines.as_bytes()).and_then(|()| out.flush())
        };
        written.map_err(screen::unread)
    }
}
