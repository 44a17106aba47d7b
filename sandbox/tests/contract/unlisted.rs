//! Keys that no schema lists. GitHub's schemas seldom forbid further keys, yet its answers hold none: a key that is not
//! listed is one that a client of GitHub will not find there.

use std::collections::{HashMap, HashSet};

use jsonschema::Validator;
use serde_json::Value;

use super::document::escaped;

/// The keys that schemas which apply at a place list, by that place. A place that no schema describes is not in it.
type Listed = HashMap<String, HashSet<String>>;

/// Where the instance, which is valid, holds a key that is not listed.
pub fn places(validator: &Validator, instance: &Value) -> Vec<String> {
    let mut places = Vec::new();
    walk("", instance, &listed(validator, instance), &mut places);
    places
}

pub fn fault(place: &str) -> String {
    format!("{place}: GitHub lists no such key")
}

/// Every schema that applied says at each object which keys it looked at, also where several apply at once and where
/// one of several ways fitted.
fn listed(validator: &Validator, instance: &Value) -> Listed {
    let mut listed = Listed::new();
    for entry in validator.evaluate(instance).iter_annotations() {
        let keyword = entry.schema_location.rsplit('/').next();
        if let Some("properties" | "additionalProperties" | "patternProperties") = keyword
            && let Some(keys) = entry.annotations.value().as_array()
        {
            let keys = keys.iter().filter_map(Value::as_str).map(str::to_owned);
            listed.entry(entry.instance_location.as_str().to_owned()).or_default().extend(keys);
        }
    }
    listed
}

fn walk(place: &str, value: &Value, listed: &Listed, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let keys = listed.get(place);
            for (key, member) in members {
                let inner = format!("{place}/{}", escaped(key));
                if keys.is_some_and(|keys| !keys.contains(key)) {
                    places.push(inner);
                } else {
                    walk(&inner, member, listed, places);
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| walk(&format!("{place}/{n}"), item, listed, places));
        }
        _ => {}
    }
}
