//! An answer: its status, its content type, its body.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{
    Answer,
    document::{Document, escaped},
    route::Route,
    schema::Schema,
    unlisted,
};

const JSON: &str = "application/json";

pub fn faults(document: &Document, route: &Route, answer: Answer<'_>) -> Vec<String> {
    let listed = document.resolved(&format!("{}/responses/{}", route.pointer, answer.status));
    let Some(listed) = listed else { return by_all_routes(route, answer) };
    match document.at(&format!("{listed}/content")) {
        Some(contents) => content(document, &listed, &contents, answer),
        None => without_content(answer),
    }
}

/// What GitHub documents for all routes at once and lists with few: authentication and permission, limits, conditional
/// requests, a repository that was renamed, and its own failures.
fn by_all_routes(route: &Route, answer: Answer<'_>) -> Vec<String> {
    match answer.status {
        301 | 307 | 401 | 403 | 404 | 422 | 429 | 500..=599 => error(answer),
        304 if route.method == "GET" => empty(answer),
        status => vec![format!("status {status}: GitHub lists no such answer to {} {}", route.method, route.template)],
    }
}

fn content(document: &Document, listed: &str, contents: &Value, answer: Answer<'_>) -> Vec<String> {
    let found = media_type(answer);
    if contents.get(found).is_none() {
        let fault = format!("content-type {found:?}: GitHub lists no such content here");
        return if is_raw(found) { Vec::new() } else { vec![fault] };
    }
    let pointer = format!("{listed}/content/{}/schema", escaped(found));
    if document.at(&pointer).is_none() || !is_json(found) {
        return Vec::new();
    }
    let body = match body(answer) {
        Ok(body) => body,
        Err(fault) => return vec![fault],
    };
    let faults = document.schema(&pointer).strict_faults(&body);
    if found == JSON && answer.status >= 400 { of_error(faults, &body) } else { faults }
}

fn without_content(answer: Answer<'_>) -> Vec<String> {
    match answer.status {
        // What it holds is told in prose only.
        200..=203 => Vec::new(),
        400.. if !answer.body.is_empty() => error(answer),
        _ => empty(answer),
    }
}

fn empty(answer: Answer<'_>) -> Vec<String> {
    if answer.body.is_empty() { Vec::new() } else { vec![format!(": a {} has no body", answer.status)] }
}

fn error(answer: Answer<'_>) -> Vec<String> {
    if media_type(answer) != JSON {
        return vec![format!("content-type {:?}: an error is {JSON}", media_type(answer))];
    }
    body(answer).map_or_else(|fault| vec![fault], |body| ERROR.strict_faults(&body))
}

/// The faults by the listed schema, and those by every error's: the listed ones often require nothing, and seldom list
/// the status, which GitHub repeats in the body.
fn of_error(mut faults: Vec<String>, body: &Value) -> Vec<String> {
    faults.retain(|fault| *fault != unlisted::fault("/status"));
    let further: Vec<_> = ERROR.faults(body).into_iter().filter(|fault| !faults.contains(fault)).collect();
    faults.extend(further);
    faults
}

static ERROR: LazyLock<Schema> = LazyLock::new(|| {
    let text = json!({ "type": "string" });
    Schema::compile(&json!({
        "type": "object",
        "required": ["message", "documentation_url"],
        "properties": {
            "message": text,
            "documentation_url": text,
            "url": text,
            "status": { "type": "string", "pattern": "^[3-5][0-9][0-9]$" },
            "errors": { "type": "array" },
        },
    }))
});

fn body(answer: Answer<'_>) -> Result<Value, String> {
    serde_json::from_slice(answer.body).map_err(|error| format!(": is no JSON: {error}"))
}

fn media_type(answer: Answer<'_>) -> &str {
    let content_type = answer.content_type.unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim()
}

fn is_json(media_type: &str) -> bool {
    media_type == JSON || media_type.ends_with("+json") || media_type == "application/vnd.github.object"
}

/// GitHub's raw and text media types can be asked for on more routes than list them.
fn is_raw(media_type: &str) -> bool {
    media_type.starts_with("application/vnd.github.") && !is_json(media_type)
}
