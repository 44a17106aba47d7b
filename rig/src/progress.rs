//! How far a long work is. On a terminal a line that moves; in a file a line now and then.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::screen;

/// How often a file gets a line.
const EVERY: Duration = Duration::from_secs(10);

/// How far a work is.
pub(crate) struct Progress {
    bar: ProgressBar,
    what: &'static str,
    begun: Instant,
    /// Lines told so far.
    told: AtomicU64,
}

impl Progress {
    /// A work of unknown length begins: `12,000 records read`.
    pub(crate) fn begin(what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("  {human_pos} {msg}, {per_sec}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar, what, begun: Instant::now(), told: AtomicU64::new(0) }
    }

    /// So many of so many are done.
    pub(crate) fn of(&self, count: u64, all: u64) {
        if self.bar.length() != Some(all) {
            self.bar.set_length(all);
            if let Ok(style) = ProgressStyle::with_template("  {human_pos} of {human_len} {msg}, {per_sec}, {eta} left")
            {
                self.bar.set_style(style);
            }
        }
        self.at(count);
    }

    /// So many are done.
    pub(crate) fn at(&self, count: u64) {
        self.bar.set_position(count);
        let due = self.begun.elapsed().as_secs() / EVERY.as_secs();
        if self.bar.is_hidden() && self.told.fetch_max(due, Ordering::Relaxed) < due {
            screen::say(&format!("  {count} {}", self.what));
        }
    }

    /// It is done; how long it took.
    pub(crate) fn end(self) -> Duration {
        self.bar.finish_and_clear();
        self.begun.elapsed()
    }
}
