//! The smallest value that a JSON Schema allows: required fields only, the first of several ways.

use std::collections::BTreeSet;

use jsonschema::Registry;
use serde_json::{Value, json};

/// A webhook as GitHub describes it.
#[derive(Clone, Debug)]
pub struct Described {
    pub operation: String,
    pub event: String,
    pub schema: Value,
}

/// GitHub's description of its webhooks.
#[derive(Debug)]
pub struct Schemas {
    document: Value,
    registry: Registry<'static>,
}

const GITHUB: &str = "https://github.invalid/webhooks";

impl Schemas {
    pub fn of_github() -> Self {
        let document: Value = serde_json::from_str(&super::file("openapi-webhooks.json")).unwrap();
        let registry = Registry::new().add(GITHUB, document.clone()).unwrap().prepare().unwrap();
        Self { document, registry }
    }

    pub fn webhooks(&self) -> Vec<Described> {
        let webhooks = self.document["webhooks"].as_object().unwrap();
        let describe = |post: &Value| {
            let operation = post["operationId"].as_str().unwrap().to_owned();
            let event = operation.split('/').next().unwrap().replace('-', "_");
            Described { operation, event, schema: post["requestBody"]["content"]["application/json"]["schema"].clone() }
        };
        webhooks.values().map(|webhook| describe(&webhook["post"])).collect()
    }

    /// What the description finds wrong in the body.
    pub fn faults(&self, described: &Described, body: &Value) -> Vec<String> {
        let reference = described.schema["$ref"].as_str().unwrap();
        let schema = json!({ "$ref": format!("{GITHUB}{reference}") });
        let validator = jsonschema::options().with_registry(&self.registry).build(&schema).unwrap();
        validator.iter_errors(body).map(|fault| fault.to_string()).collect()
    }

    pub fn minimal(&self, schema: &Value) -> Value {
        self.of_all([schema])
    }

    /// A value that all these schemas allow.
    fn of_all<'a>(&'a self, schemas: impl IntoIterator<Item = &'a Value>) -> Value {
        let mut plain = Vec::new();
        schemas.into_iter().for_each(|schema| self.flatten(schema, &mut plain));
        if let Some(value) = allowed(&plain) {
            return value.clone();
        }
        match common_type(&plain) {
            "null" => Value::Null,
            "boolean" => json!(false),
            "integer" | "number" => first(&plain, "minimum").cloned().unwrap_or_else(|| json!(1)),
            "array" => self.array(&plain),
            "string" => json!(text(&plain)),
            _ => self.object(&plain),
        }
    }

    /// The schema, what it refers to, and the first of each of its ways, none of which refers any further.
    fn flatten<'a>(&'a self, schema: &'a Value, plain: &mut Vec<&'a Value>) {
        plain.push(schema);
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            self.flatten(self.document.pointer(reference.trim_start_matches('#')).unwrap(), plain);
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.flatten(part, plain);
        }
        for way in ["oneOf", "anyOf"].into_iter().filter_map(|ways| schema.get(ways)?.get(0)) {
            self.flatten(way, plain);
        }
    }

    fn object(&self, plain: &[&Value]) -> Value {
        let required: BTreeSet<_> = lists(plain, "required").flatten().filter_map(Value::as_str).collect();
        let of = |name| plain.iter().filter_map(move |schema| schema.get("properties")?.get(name));
        required.into_iter().map(|name| (name.to_owned(), self.of_all(of(name)))).collect()
    }

    fn array(&self, plain: &[&Value]) -> Value {
        let least = first(plain, "minItems").and_then(Value::as_u64).unwrap_or_default();
        (0..least).map(|_| self.of_all(plain.iter().filter_map(|schema| schema.get("items")))).collect()
    }
}

fn first<'a>(plain: &[&'a Value], key: &str) -> Option<&'a Value> {
    plain.iter().find_map(|schema| schema.get(key))
}

fn lists<'a>(plain: &[&'a Value], key: &str) -> impl Iterator<Item = &'a Vec<Value>> {
    plain.iter().filter_map(move |schema| schema.get(key)?.as_array())
}

/// The first value that every list of values has.
fn allowed<'a>(plain: &[&'a Value]) -> Option<&'a Value> {
    let values = lists(plain, "enum").next()?;
    values.iter().find(|value| lists(plain, "enum").all(|other| other.contains(value)))
}

/// A type that every schema allows; one that is there rather than `null`.
fn common_type<'a>(plain: &[&'a Value]) -> &'a str {
    let allows = |schema: &Value, name: &str| match &schema["type"] {
        Value::String(only) => only == name,
        Value::Array(names) => names.iter().any(|each| each == name),
        _ => true,
    };
    let named = ["object", "array", "string", "integer", "number", "boolean", "null"];
    let any_named = plain.iter().any(|schema| schema.get("type").is_some());
    let is_object = || first(plain, "properties").is_some();
    let fits = named.into_iter().find(|name| plain.iter().all(|schema| allows(schema, name)));
    if any_named || is_object() { fits.unwrap_or("null") } else { "string" }
}

fn text(plain: &[&Value]) -> &'static str {
    match first(plain, "format").and_then(Value::as_str) {
        Some("uri") => "https://api.github.com/x",
        Some("uri-template") => "https://api.github.com/x{/y}",
        Some("date-time") => "2026-11-22T10:00:00Z",
        Some("date") => "2026-11-22",
        Some("email") => "sam@example.com",
        _ => "x",
    }
}
