//! The end of a test on a real channel: all of LOG is folded once more, under watch.

use std::{panic::resume_unwind, thread, time::Duration};

use bus::connect::{Connection, connect};

use super::Conservation;
use crate::{
    driver::{Error, known_under},
    machine::{Rules, State},
    reading::read,
};

/// How long the server is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Folds LOG from its beginning and looks after every record; says what is known in the end.
///
/// # Errors
/// When LOG cannot be read.
///
/// # Panics
/// When a promise is broken.
pub async fn conserved(connection: &Connection, rules: &Rules) -> Result<State, Error> {
    let known = known_under(connection, rules.clone(), read, None, &mut Conservation::default()).await?;
    Ok(known.state)
}

/// Looks at all of LOG when it is dropped, unless the test has failed already.
///
/// It stands in a test's stage before the server, which has to be there still.
#[derive(Debug)]
pub struct AtTheEnd {
    url: String,
    rules: Rules,
}

impl AtTheEnd {
    /// For a channel at this address, by a user who may read LOG, and by any rules for its repositories.
    #[must_use]
    pub const fn of(url: String, rules: Rules) -> Self {
        Self { url, rules }
    }
}

impl Drop for AtTheEnd {
    /// In a thread of its own: a test's runtime may have no more than the one that this blocks.
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let Self { url, rules } = self;
        let looked = thread::scope(|scope| scope.spawn(|| look(url, rules)).join());
        if let Err(panic) = looked {
            resume_unwind(panic);
        }
    }
}

#[expect(clippy::expect_used, reason = "a test whose end cannot be looked at fails")]
#[tokio::main(flavor = "current_thread")]
async fn look(url: &str, rules: &Rules) {
    let connection = connect(url, "conservation", PATIENCE).await.expect("the channel is there");
    conserved(&connection, rules).await.expect("LOG is read");
}
