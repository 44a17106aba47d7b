use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use serde_json::Value;

/// Metadata that the server itself writes.
const SERVERS_METADATA: &str = "_nats.";

/// One thing in which the server differs from what it should be, or differed before it was made so.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Change {
    /// It is not there.
    Missing {
        /// As `stream LOG` or `consumer door-chat`.
        what: String,
    },
    /// It is there, and otherwise.
    Differs {
        /// As `stream LOG`.
        what: String,
        /// As `max_bytes`.
        field: String,
        /// What the server has; null for its default.
        server: Value,
        /// What it should have; null for the server's default.
        wanted: Value,
    },
    /// It is there, and nothing of ours asks for it. It is left alone.
    Unknown {
        /// As `consumer x`.
        what: String,
    },
}

impl Change {
    /// The sentence once it was made right.
    #[must_use]
    pub fn done(&self) -> String {
        match self {
            Self::Missing { what } => format!("made {what}"),
            Self::Differs { what, field, server, wanted } => format!("{what}: {field} {server} → {wanted}"),
            Self::Unknown { what } => format!("left {what} alone"),
        }
    }
}

/// The sentence while it is so.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { what } => write!(f, "{what} is missing"),
            Self::Differs { what, field, server, wanted } => {
                write!(f, "{what}: {field} is {server} on the server and should be {wanted}")
            }
            Self::Unknown { what } => write!(f, "{what} is on the server and nothing here asks for it"),
        }
    }
}

/// In which fields two configurations differ.
pub(super) fn differences<C: Serialize>(what: &str, server: &C, wanted: &C) -> Vec<Change> {
    let (server, wanted) = (said(server), said(wanted));
    let names = server.keys().chain(wanted.keys().filter(|name| !server.contains_key(*name)));
    names
        .filter(|name| server.get(*name) != wanted.get(*name))
        .map(|name| Change::Differs {
            what: what.to_owned(),
            field: name.clone(),
            server: server.get(name).cloned().unwrap_or_default(),
            wanted: wanted.get(name).cloned().unwrap_or_default(),
        })
        .collect()
}

/// What a configuration says beyond the server's defaults.
fn said<C: Serialize>(config: &C) -> BTreeMap<String, Value> {
    let Ok(Value::Object(fields)) = serde_json::to_value(config) else { return BTreeMap::new() };
    fields
        .into_iter()
        .map(|(name, value)| (name, without_servers_own(value)))
        .filter(|(_, value)| !is_default(value))
        .collect()
}

fn without_servers_own(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|name, _| !name.starts_with(SERVERS_METADATA));
    }
    value
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty() || text == "none",
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_said_differs() {
        let server = json!({"max_bytes": 1, "sealed": false, "compression": "none", "metadata": {"_nats.level": "5"}});
        let wanted = json!({"max_bytes": 2, "placement": null, "discard": "new"});
        let changes = differences("stream LOG", &server, &wanted);
        let sentences: Vec<_> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(
            sentences,
            [
                "stream LOG: max_bytes is 1 on the server and should be 2",
                "stream LOG: discard is null on the server and should be \"new\"",
            ]
        );
        assert_eq!(changes[0].done(), "stream LOG: max_bytes 1 → 2");
    }
}
