//! Who may say what: the one table of role → account → subjects → services → consumer.
//!
//! The server's configuration ([`crate::accounts`]), the durables ([`crate::stream::apply`]), the table in
//! `docs/subjects.md` and the test that tries to break out of it are all made from [`TABLE`]. Nothing else grants
//! anything.

mod name;
mod table;

use std::time::Duration;

use crate::filter::Filter;
pub use name::{BadName, Name, Skill};
pub use table::{Account, Consumer, Row, TABLE};

/// What a program is here for. A credential has exactly one role.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Decides.
    Conductor,
    /// Writes every record into Postgres.
    Projector,
    /// The person at the host.
    Operator,
    /// Takes GitHub's deliveries.
    Ingest,
    /// Works on GitHub, and tells what it observed there.
    Github,
    /// Carries words between people and the channel.
    Chat,
    /// Observes deployments.
    Probe,
    /// Searches the memory.
    Memory,
    /// Shows, and takes what people ask for.
    Dashboard,
    /// Works. Its name is the user's.
    Agent {
        /// What it can do.
        role: Skill,
        /// Where it runs.
        pool: Name,
    },
    /// Listens, with a consumer of its own. Its name is the user's.
    Subscriber {
        /// What it listens to.
        filters: Vec<Filter>,
    },
    /// Looks at the server itself.
    Sys,
}

/// What a user of a role may do, with the user's own name filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grants {
    /// Where it may publish.
    pub publish: Vec<String>,
    /// Which services it may ask.
    pub asks: Vec<String>,
    /// Which services it answers.
    pub serves: Vec<String>,
    /// What it is delivered.
    pub durable: Option<Durable>,
}

/// A durable consumer of LOG, made before anybody binds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Durable {
    /// Its name.
    pub name: String,
    /// The role it is for.
    pub role: &'static str,
    /// The subjects it delivers.
    pub filters: Vec<String>,
    /// How long a delivery may stay without a sign of work before it is given to somebody else.
    pub ack_wait: Duration,
    /// How many deliveries may be open at once.
    pub max_ack_pending: i64,
    /// How many records one pull may ask for; 0 for any number.
    pub max_batch: i64,
}

impl Role {
    /// The roles whose users are there from the beginning, each once.
    pub const STATIC: [Self; 10] = [
        Self::Conductor,
        Self::Projector,
        Self::Operator,
        Self::Ingest,
        Self::Github,
        Self::Chat,
        Self::Probe,
        Self::Memory,
        Self::Dashboard,
        Self::Sys,
    ];

    /// The role's line of the table.
    #[must_use]
    pub const fn row(&self) -> &'static Row {
        match self {
            Self::Conductor => &table::CONDUCTOR,
            Self::Projector => &table::PROJECTOR,
            Self::Operator => &table::OPERATOR,
            Self::Ingest => &table::INGEST,
            Self::Github => &table::GITHUB,
            Self::Chat => &table::CHAT,
            Self::Probe => &table::PROBE,
            Self::Memory => &table::MEMORY,
            Self::Dashboard => &table::DASHBOARD,
            Self::Agent { .. } => &table::AGENT,
            Self::Subscriber { .. } => &table::SUBSCRIBER,
            Self::Sys => &table::SYS,
        }
    }

    /// On which side of the wall its users stand.
    #[must_use]
    pub const fn account(&self) -> Account {
        self.row().account
    }

    /// The name of the role's user where it has only one.
    #[must_use]
    pub fn only_user(&self) -> Option<Name> {
        match self {
            Self::Agent { .. } | Self::Subscriber { .. } => None,
            role => Name::of(role.row().role).ok(),
        }
    }

    /// What the user of this name may do in this role.
    #[must_use]
    pub fn grants(&self, name: &Name) -> Grants {
        let row = self.row();
        let fill = |patterns: &[&str]| patterns.iter().map(|text| self.fill(text, name)).collect();
        Grants {
            publish: fill(row.publish),
            asks: fill(row.asks),
            serves: fill(row.serves),
            durable: row.consumer.map(|consumer| Durable {
                name: self.fill(consumer.name, name),
                role: row.role,
                filters: self.filters(&consumer, name),
                ack_wait: consumer.ack_wait,
                max_ack_pending: consumer.max_ack_pending,
                max_batch: consumer.max_batch,
            }),
        }
    }

    fn filters(&self, consumer: &Consumer, name: &Name) -> Vec<String> {
        let own = consumer.filters.iter().map(|text| self.fill(text, name));
        match self {
            Self::Subscriber { filters } => {
                // Those of the table are filters as they stand; a test holds them to it.
                let all = own.filter_map(|text| text.parse().ok()).chain(filters.iter().cloned());
                Filter::without_covered(all.collect()).iter().map(ToString::to_string).collect()
            }
            _ => own.collect(),
        }
    }

    fn fill(&self, text: &str, name: &Name) -> String {
        let text = text.replace("{name}", name.as_str());
        match self {
            Self::Agent { role, pool } => text.replace("{role}", role.as_str()).replace("{pool}", pool.as_str()),
            _ => text,
        }
    }
}

#[cfg(test)]
mod tests;
