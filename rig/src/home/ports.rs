//! Where this home's rig listened last. A subscriber's program has an address in its hand: it should still be right
//! after a restart.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{Error, write_private};

/// The ports of the last start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ports {
    /// Clients of the channel.
    pub(crate) nats: u16,
    /// nats-server's monitor.
    pub(crate) nats_monitor: u16,
    /// Clients of PostgreSQL.
    pub(crate) postgres: u16,
    /// GitHub's webhooks.
    pub(crate) webhooks: u16,
    /// The rig's health.
    pub(crate) health: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self { nats: 4222, nats_monitor: 8222, postgres: 5433, webhooks: 8420, health: 8421 }
    }
}

impl Ports {
    /// The ports of the last start, or the usual ones. A file that cannot be read only costs a change of ports.
    pub(crate) fn last(home: &Path) -> Self {
        fs::read_to_string(home.join("ports.json"))
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// Keeps them for the next start.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn keep(&self, home: &Path) -> Result<(), Error> {
        let path = home.join("ports.json");
        let text = serde_json::to_string(self).map_err(|error| Error::io("writing", &path)(error.into()))?;
        write_private(&path, &text)
    }
}
