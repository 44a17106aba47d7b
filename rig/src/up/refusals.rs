//! What nats-server refused, told to the person: the server is who enforces who may say what, and a refusal is either
//! a mistake in a program or somebody trying.
//!
//! It is read from the server's log, because a refusal reaches otherwise only the client that was refused.

use std::{path::Path, time::Duration};

use servers::{Lines, log_file::Follow};
use tokio::time::Instant;

use crate::screen::clean_line;

/// As many lines in this time; the log has all.
const MOST: u32 = 20;
const WITHIN: Duration = Duration::from_secs(60);

/// Tells refusals until it is dropped.
pub(super) async fn tell(log: &Path, lines: &Lines) {
    let mut follow = Follow::from_now(log);
    let mut budget = Budget::new();
    loop {
        let line = follow.next().await;
        let Some(refusal) = refusal(&line) else { continue };
        tracing::warn!(refusal, "nats-server refused");
        match budget.spend() {
            Spent::Tell => lines.tell(&format!("✗ {}", clean_line(&refusal))),
            Spent::Last => lines.tell(&format!("✗ more was refused; {} has it", log.display())),
            Spent::Hush => {}
        }
    }
}

/// `[7] … [ERR] 127.0.0.1:5 - cid:9 - "v2:python3" - Publish Violation - User "ci-lamp", Subject "rig.evt.x"` without
/// what only the server's developers need.
fn refusal(line: &str) -> Option<String> {
    let (_, error) = line.split_once("[ERR] ")?;
    let (_, what) = error.split_once("\" - ").or_else(|| error.split_once(" - cid:"))?;
    let is_refusal = what.contains("Violation") || what.contains("authentication error");
    is_refusal.then(|| format!("the channel refused: {what}"))
}

enum Spent {
    Tell,
    Last,
    Hush,
}

struct Budget {
    since: Instant,
    spent: u32,
}

impl Budget {
    fn new() -> Self {
        Self { since: Instant::now(), spent: 0 }
    }

    fn spend(&mut self) -> Spent {
        if self.since.elapsed() >= WITHIN {
            *self = Self::new();
        }
        self.spent += 1;
        match self.spent {
            ..MOST => Spent::Tell,
            MOST => Spent::Last,
            _ => Spent::Hush,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_known_from_the_servers_log() {
        let line = r#"[71] 2026/11/22 10:02:11.000001 [ERR] 127.0.0.1:5121 - cid:9 - "v2.16.0:python3:lamp" - Publish Violation - User "ci-lamp", Subject "rig.evt.work.acme.site.42.merged""#;
        assert_eq!(
            refusal(line).unwrap(),
            r#"the channel refused: Publish Violation - User "ci-lamp", Subject "rig.evt.work.acme.site.42.merged""#
        );
        let line = r#"[71] 2026/11/22 10:02:11.000001 [ERR] 127.0.0.1:5121 - cid:9 - "v2.16.0:python3" - authentication error - User "mallory""#;
        assert!(refusal(line).unwrap().contains("mallory"));
        assert_eq!(refusal("[71] 2026/11/22 10:02:11.000001 [INF] Server is ready"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_refusals_does_not_bury_the_screen() {
        let mut budget = Budget::new();
        let told = (0..1000).filter(|_| matches!(budget.spend(), Spent::Tell)).count();
        assert_eq!(told, 19);
        tokio::time::advance(WITHIN).await;
        assert!(matches!(budget.spend(), Spent::Tell));
    }
}
