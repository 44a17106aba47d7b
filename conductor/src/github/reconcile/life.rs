//! LOG's life, by its epoch: one that was lost and made again does not have what was told to the one before.

use std::time::Duration;

use bus::{Subject, Token, connect::Connection};
use bytes::Bytes;
use serde::Deserialize;

/// How long the answer is waited for. Without one it is taken that LOG is the same.
const WITHIN: Duration = Duration::from_secs(2);

/// The life that was last known.
#[derive(Debug, Default)]
pub(in crate::github) struct Life(Option<String>);

#[derive(Deserialize)]
struct Log {
    epoch: String,
}

impl Life {
    /// Whether LOG is known to be another than before.
    pub(in crate::github) async fn is_another(&mut self, connection: &Connection) -> bool {
        let subject = Subject::Svc { service: Token::of("status"), verb: Token::of("log") }.to_string();
        let asked = tokio::time::timeout(WITHIN, connection.client().request(subject, Bytes::new())).await;
        let Ok(Ok(answer)) = asked else {
            return false;
        };
        let Ok(Log { epoch }) = serde_json::from_slice(&answer.payload) else {
            return false;
        };
        self.note(epoch)
    }

    fn note(&mut self, epoch: String) -> bool {
        let before = self.0.replace(epoch);
        before.is_some() && before != self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_life_that_is_heard_of_is_no_other() {
        let mut life = Life::default();
        assert!(!life.note("a".to_owned()));
        assert!(!life.note("a".to_owned()));
        assert!(life.note("b".to_owned()));
        assert!(!life.note("b".to_owned()));
    }
}
