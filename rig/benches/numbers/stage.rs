//! The servers that are measured on, with our streams.

use std::time::Duration;

use bus::{
    connect::{Connection, connect},
    stream::{self, Overrides},
};
use servers::{
    nats::Nats,
    testing::{self, Owned},
};

const CONF: &str = r#"
max_payload: 32MB
jetstream { sync_interval: always, max_mem: 64MB, max_file: 20GB }
accounts { RIG { jetstream: enabled, users: [ { user: conductor, password: c } ] } }
"#;

pub struct Stage {
    pub nats: Owned<Nats>,
    pub connection: Connection,
}

impl Stage {
    pub async fn new() -> Self {
        let nats = testing::nats(CONF).await;
        let connection = user(&nats).await;
        stream::apply(&connection.jetstream(), &Overrides::default()).await.unwrap();
        Self { nats, connection }
    }

    /// A connection of its own, as another program has.
    pub async fn another(&self) -> Connection {
        user(&self.nats).await
    }
}

async fn user(nats: &Nats) -> Connection {
    let url = format!("nats://conductor:c@{}", nats.client_address());
    connect(&url, "bench", Duration::from_secs(10)).await.unwrap()
}
