//! Looks at the parts even while nobody asks, so that `since` is true and trouble is told.

use std::{collections::BTreeMap, time::Duration};

use servers::Lines;
use tokio::time::{MissedTickBehavior, interval};

use super::{Health, Report, Status};

const EVERY: Duration = Duration::from_secs(2);

/// Trouble that lasts for this many looks is told. A server that is started again at once has its own line.
const PATIENCE: u32 = 3;

/// Tells on the screen when a part is not up for longer than a moment, and when it is again. Runs until it is dropped.
pub(crate) async fn tell_changes(health: &Health, lines: &Lines) {
    let mut troubles = BTreeMap::new();
    let mut looks = interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        for line in changes(&health.look().await, &mut troubles) {
            lines.tell(&line);
        }
    }
}

fn changes(report: &Report, troubles: &mut BTreeMap<String, u32>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, standing) in &report.parts {
        if standing.status == Status::Up {
            if troubles.remove(name).is_some_and(|looks| looks >= PATIENCE) {
                lines.push(format!("✓ {name} is well again"));
            }
            continue;
        }
        let looks = troubles.entry(name.clone()).or_default();
        *looks += 1;
        if *looks == PATIENCE {
            let reason = standing.reason.as_deref().unwrap_or("no reason known");
            lines.push(format!("✗ {name} is {}: {reason}", standing.status.word()));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::health::{Seen, Standing};

    #[test]
    fn trouble_is_told_once_when_it_lasts_and_once_when_it_is_over() {
        let mut troubles = BTreeMap::new();
        let mut look = |seen: Seen| {
            let standing = Standing::after(None, seen, true, OffsetDateTime::UNIX_EPOCH);
            let report = Report { status: standing.status, parts: BTreeMap::from([("bus".to_owned(), standing)]) };
            changes(&report, &mut troubles)
        };
        let dead = || Seen::Dead("it does not answer".to_owned());
        assert!(look(dead()).is_empty());
        assert!(look(Seen::Well).is_empty());
        assert!(look(dead()).is_empty());
        assert!(look(dead()).is_empty());
        assert_eq!(look(dead()), ["✗ bus is down: it does not answer"]);
        assert!(look(dead()).is_empty());
        assert_eq!(look(Seen::Well), ["✓ bus is well again"]);
        assert!(look(Seen::Well).is_empty());
    }
}
