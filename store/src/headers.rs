//! A message's headers, as a JSON object in a text column.

use std::{collections::BTreeMap, str::FromStr};

use async_nats::{HeaderMap, HeaderName};

/// Name to values, in the order of the names, so that equal headers are equal texts. Nothing where there are none.
pub(crate) fn to_json(headers: &HeaderMap) -> Option<String> {
    if headers.is_empty() {
        return None;
    }
    let sorted: BTreeMap<&str, Vec<&str>> = headers
        .iter()
        .map(|(name, values)| (name.as_ref(), values.iter().map(|value| value.as_str()).collect()))
        .collect();
    serde_json::to_string(&sorted).ok()
}

/// The headers of a row.
pub(crate) fn from_json(json: Option<&str>) -> HeaderMap {
    let sorted: BTreeMap<String, Vec<String>> =
        json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for (name, values) in sorted {
        let Ok(name) = HeaderName::from_str(&name) else { continue };
        for value in values {
            headers.append(name.clone(), value);
        }
    }
    headers
}
