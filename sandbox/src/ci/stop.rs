//! What ends a job from outside.

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A job's time limit and its cancellation.
#[derive(Debug)]
pub(super) struct Stop<'a> {
    pub(super) deadline: Instant,
    pub(super) cancel: &'a CancellationToken,
}

/// Which of the two it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    Cancelled,
    TimedOut,
}

impl Stop<'_> {
    /// Waits until the job has to end.
    pub(super) async fn comes(&self) -> Stopped {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Stopped::Cancelled,
            () = tokio::time::sleep_until(self.deadline) => Stopped::TimedOut,
        }
    }
}
