use bus::{catalogue::Kind, subject::FAMILIES};
use serde_json::{Map, Value, json};

use crate::{kinds, records, schema};

/// What a subscriber may receive, as AsyncAPI 3: one channel a family of LOG, one message a schema.
pub fn document() -> Value {
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "The Rig",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every record of LOG, by subject. A subscriber binds its own durable consumer; see subscribe.md.",
            "license": { "name": "Apache-2.0" }
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {
            "rig": { "host": "127.0.0.1:4222", "protocol": "nats", "description": "the address that `rig up` prints" }
        },
        "channels": channels(),
        "operations": operations(),
        "components": { "messages": messages() }
    })
}

fn logged() -> impl Iterator<Item = (String, &'static str, &'static str)> {
    let kinds = kinds();
    FAMILIES.iter().filter_map(move |family| {
        let spoken = kinds.iter().any(|kind| records::families(*kind).contains(&family.pattern));
        spoken.then(|| (key(family.pattern), family.pattern, family.what))
    })
}

/// As `evt-chat-room-agent-name`.
fn key(pattern: &str) -> String {
    let parts = pattern.split('.').skip(1).map(|part| part.trim_matches(['<', '>']));
    parts.collect::<Vec<_>>().join("-")
}

fn channels() -> Map<String, Value> {
    let channel = |(key, pattern, what): (String, &'static str, &'static str)| {
        let places = pattern.split('.').filter_map(|part| part.strip_prefix('<')?.strip_suffix('>'));
        let parameters: Map<String, Value> = places.map(|place| (place.to_owned(), json!({}))).collect();
        let on_it = kinds().into_iter().filter(|kind| records::families(*kind).contains(&pattern));
        let messages: Map<String, Value> = on_it
            .map(|kind| (name(kind), json!({ "$ref": format!("#/components/messages/{}", name(kind)) })))
            .collect();
        let mut channel = json!({ "address": pattern.replace('<', "{").replace('>', "}"), "description": what, "messages": messages });
        if !parameters.is_empty() {
            channel["parameters"] = Value::Object(parameters);
        }
        (key, channel)
    };
    logged().map(channel).collect()
}

fn operations() -> Map<String, Value> {
    logged()
        .map(|(key, _, _)| {
            (
                format!("receive-{key}"),
                json!({ "action": "receive", "channel": { "$ref": format!("#/channels/{key}") } }),
            )
        })
        .collect()
}

fn messages() -> Map<String, Value> {
    kinds()
        .into_iter()
        .map(|kind| {
            let payload = json!({ "$ref": format!("schemas/{}", schema::file(kind)) });
            (name(kind), json!({ "contentType": "application/cloudevents+json", "payload": payload }))
        })
        .collect()
}

fn name(kind: Kind) -> String {
    schema::file(kind).trim_end_matches(".json").to_owned()
}
