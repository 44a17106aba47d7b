//! Lets subscribers in that are added, and puts out those that are removed, while the rig is up.
//!
//! Their folders are looked at, rather than a request served: whoever may write into the home may add subscribers, and
//! nobody else; and what is added while no rig is up is found at the next start in the same way.

use std::{sync::Arc, time::Duration};

use servers::Lines;
use tokio::time::{MissedTickBehavior, interval};

use super::{channel, ground::Ground};
use crate::{
    config::Config,
    exit::{Failure, sentence},
    home::{Home, Subscriber},
};

const EVERY: Duration = Duration::from_millis(300);

/// Who lets subscribers in.
pub(super) struct Admission {
    ground: Arc<Ground>,
    home: Home,
    config: Config,
    lines: Lines,
}

impl Admission {
    pub(super) const fn new(ground: Arc<Ground>, home: Home, config: Config, lines: Lines) -> Self {
        Self { ground, home, config, lines }
    }

    /// Goes on for good.
    pub(super) async fn run(&self) {
        let (mut told, mut known) = (String::new(), None);
        let mut looks = interval(EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let trouble = self.look(&mut known).await.err().map_or_else(String::new, |failure| sentence(&failure));
            if !trouble.is_empty() && trouble != told {
                self.lines.tell(&format!("✗ subscribers are not let in: {trouble}"));
            }
            told = trouble;
        }
    }

    /// Looks who is there, and tells nats-server when that changed.
    async fn look(&self, known: &mut Option<Vec<Subscriber>>) -> Result<(), Failure> {
        let found = self.home.subscribers()?;
        // One that was removed and added again between two looks has no address yet.
        if known.as_ref() == Some(&found) && found.iter().all(Subscriber::has_address) {
            return Ok(());
        }
        let conf = channel::conf(&self.home, &self.config)?;
        if conf.reveal() != self.ground.nats.conf().reveal() {
            // Twice: an account that a reload brings reaches no service before the next one (tried on 2.15.1; see
            // docs/decisions/subscribers.md).
            self.ground.nats.reload(conf.reveal()).await?;
            self.ground.nats.reload(conf.reveal()).await?;
            tracing::info!("the channel's users were changed");
        }
        channel::write_subscribers(&self.home, &self.ground)?;
        *known = Some(found);
        Ok(())
    }
}
