//! The right to a piece of work: asked for before every step that counts, and every few seconds meanwhile.

use std::time::Duration;

use bus::{
    catalogue::agent::Fence,
    connect::Connection,
    service::{
        self,
        run::{self, Ask, Next},
    },
};
use tokio::time::{Instant, sleep};

use super::heard::Heard;

/// How long one answer may take.
const WITHIN: Duration = Duration::from_secs(5);

/// How long to wait at least before it is asked again whether a claim was decided.
const PAUSE: Duration = Duration::from_millis(1);

/// The longest such wait: the conductor may be away for longer than it takes to decide.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The work is no longer this agent's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("told to stop: {0}")]
pub struct Halt(pub String);

/// The right to a piece of work.
pub(crate) struct Lease<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) fence: Fence,
    /// How often it is asked for while a turn goes on.
    pub(crate) every: Duration,
    /// What people said meanwhile.
    pub(crate) heard: Heard,
}

impl Lease<'_> {
    /// Waits for the word to go on. While nobody answers, nothing is granted, and it is asked again.
    pub(crate) async fn granted(&self) -> Result<(), Halt> {
        let began = Instant::now();
        loop {
            match self.next().await {
                Ok(Next::Go { say: _ }) => return Ok(()),
                Ok(Next::Stop { reason }) => return Err(Halt(reason)),
                Ok(Next::Ask) => {}
                Err(error) => tracing::debug!(%error, "whether to go on is not known yet"),
            }
            // A quarter of what it took so far is the most that it takes longer for being asked for.
            sleep((began.elapsed() / 4).clamp(PAUSE, LONGEST_PAUSE)).await;
        }
    }

    /// Returns when the work is taken away. No answer is none: what was begun goes on, and nothing of it is pushed.
    pub(crate) async fn lost(&self) -> Halt {
        loop {
            sleep(self.every).await;
            if let Ok(Next::Stop { reason }) = self.next().await {
                return Halt(reason);
            }
        }
    }

    async fn next(&self) -> Result<Next, service::Error> {
        let ask = Ask { fence: self.fence, after: self.heard.last() };
        let mut next = service::ask(self.connection, &run::next(), &ask, WITHIN).await;
        if let Ok(Next::Go { say }) = &mut next {
            self.heard.take(std::mem::take(say));
        }
        next
    }
}
