//! A request's body.

use serde_json::{Value, json};

use super::{document::Document, route::Route};

pub fn faults(document: &Document, route: &Route, body: &[u8]) -> Vec<String> {
    let Some(pointer) = document.resolved(&format!("{}/requestBody", route.pointer)) else {
        return if says_nothing(body) { Vec::new() } else { vec![": GitHub takes no body here".to_owned()] };
    };
    if body.is_empty() {
        let is_required = document.at(&pointer).is_some_and(|body| body["required"] == Value::Bool(true));
        return if is_required { vec![": a body is required".to_owned()] } else { Vec::new() };
    }
    let schema = format!("{pointer}/content/application~1json/schema");
    if document.at(&schema).is_none() {
        return Vec::new();
    }
    match serde_json::from_slice(body) {
        Ok(body) => document.schema(&schema).strict_faults(&body),
        Err(error) => vec![format!(": is no JSON: {error}")],
    }
}

/// Clients send an empty object where nothing is to be said.
fn says_nothing(body: &[u8]) -> bool {
    body.is_empty() || serde_json::from_slice::<Value>(body).is_ok_and(|body| body == json!({}))
}
