//! A role in a process of its own, asked where it says how it is.

use std::collections::BTreeMap;

use serde::Deserialize;
use tokio::sync::watch;

use super::{Seen, Status};
use crate::exit::sentence;

/// Where a role's process says how it is.
#[derive(Debug)]
pub(crate) struct Remote {
    role: String,
    at: watch::Receiver<Option<String>>,
    client: Result<reqwest::Client, String>,
}

#[derive(Deserialize)]
struct Told {
    parts: BTreeMap<String, Part>,
}

#[derive(Deserialize)]
struct Part {
    status: Status,
    #[serde(default)]
    reason: String,
}

impl Remote {
    /// The process of this role; where it answers is told once it has begun.
    pub(crate) fn new(role: String, at: watch::Receiver<Option<String>>) -> Self {
        // Nothing between us and ourselves, whatever the environment says of proxies.
        let client = reqwest::Client::builder().no_proxy().build().map_err(|error| sentence(&error));
        Self { role, at, client }
    }

    pub(super) async fn ask(&self) -> Seen {
        let Some(at) = self.at.borrow().clone() else { return Seen::Silent };
        match self.told(&at).await {
            Ok(Some(Part { status: Status::Up, .. })) => Seen::Well,
            Ok(Some(Part { status: Status::Degraded, reason })) => Seen::Ill(reason),
            Ok(Some(Part { status: Status::Down, reason })) => Seen::Dead(reason),
            Ok(None) => Seen::Ill(format!("its process does not say how {} is", self.role)),
            Err(why) => Seen::Dead(format!("its process does not answer: {why}")),
        }
    }

    async fn told(&self, at: &str) -> Result<Option<Part>, String> {
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let told = async { client.get(at).send().await?.json::<Told>().await };
        told.await.map(|mut told| told.parts.remove(&self.role)).map_err(|error| sentence(&error))
    }
}
