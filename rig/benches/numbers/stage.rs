//! The servers that are measured on, with our accounts, streams and tables.

use std::{net::SocketAddr, time::Duration};

use bus::{
    accounts::{self, User},
    connect::{Connection, connect},
    roles::{Name, Role, Skill},
    stream::{self, Overrides},
};
use servers::{
    nats::Nats,
    testing::{self, Owned},
};

/// The one agent.
pub const AGENT: &str = "dev-e";

/// As `rig up` has it.
const SERVER: &str = "\
max_payload: 32MB
jetstream { sync_interval: always, max_mem: 64MB, max_file: 64TB }
";

/// A nats-server with a rig's accounts and streams.
pub struct Stage {
    nats: Owned<Nats>,
    /// The conductor's connection, in the account that holds the streams.
    pub connection: Connection,
}

impl Stage {
    pub async fn new() -> Self {
        let agent = Role::Agent { role: Skill::of("implementer").unwrap(), pool: Name::of("linux").unwrap() };
        let agent = User { name: Name::of(AGENT).unwrap(), password: password(AGENT).parse().unwrap(), role: agent };
        let users: Vec<User> = Role::STATIC.into_iter().map(user).chain([agent]).collect();
        let nats = testing::nats(&format!("{SERVER}{}", accounts::render(&users).unwrap())).await;
        let connection = connected(nats.client_address(), "conductor").await;
        stream::apply(&connection.jetstream(), &Overrides::default()).await.unwrap();
        for user in &users {
            stream::add_durable(&connection.jetstream(), &user.role, &user.name).await.unwrap();
        }
        Self { nats, connection }
    }

    /// A role's address of the channel.
    pub fn url(&self, role: &str) -> String {
        url(self.nats.client_address(), role)
    }

    /// A connection of this role's own.
    pub async fn connect_as(&self, role: &str) -> Connection {
        connected(self.nats.client_address(), role).await
    }
}

fn user(role: Role) -> User {
    User { name: role.only_user().unwrap(), password: password(role.row().role).parse().unwrap(), role }
}

fn password(role: &str) -> String {
    format!("{role}-password-of-the-benchmark")
}

fn url(server: SocketAddr, role: &str) -> String {
    format!("nats://{role}:{}@{server}", password(role))
}

async fn connected(server: SocketAddr, role: &str) -> Connection {
    connect(&url(server, role), "bench", Duration::from_secs(10)).await.unwrap()
}
