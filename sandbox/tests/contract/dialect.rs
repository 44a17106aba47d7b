//! GitHub's descriptions in the words of JSON Schema.

use serde_json::{Map, Value, json};

/// What a description is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAPI 3.0 or 3.1.
    OpenApi,
    /// JSON Schema that forbids every key it does not list, some of which GitHub's newer description requires.
    Closed,
}

/// The keywords that judge; the others (titles, defaults, discriminators, …) only tell.
const JUDGING: [&str; 14] = [
    "$ref",
    "const",
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "pattern",
    "required",
];

impl Dialect {
    /// The keyword under which the description keeps its named schemas, as a pointer.
    pub fn home(self) -> &'static str {
        match self {
            Self::OpenApi => "/components/schemas",
            Self::Closed => "/definitions",
        }
    }

    /// The schema with `nullable` spelled as a type and nothing that does not judge.
    pub fn translate(self, schema: &Value) -> Value {
        let Value::Object(schema) = schema else { return schema.clone() };
        let mut plain: Map<_, _> = schema.iter().filter_map(|(key, value)| self.keyword(key, value)).collect();
        leave_trace(&mut plain);
        if schema.get("nullable") == Some(&Value::Bool(true)) { or_null(plain) } else { plain.into() }
    }

    fn keyword(self, key: &str, value: &Value) -> Option<(String, Value)> {
        let each = |value: &Value| value.as_array().into_iter().flatten().map(|each| self.translate(each)).collect();
        let translated = match key {
            "type" | "uniqueItems" => value.clone(),
            // GitHub's ways overlap (an event's payload; a user, a user seen by himself), and 13 of its own examples fit
            // two ways of one `oneOf`.
            "oneOf" => return Some(("anyOf".to_owned(), each(value))),
            "allOf" | "anyOf" => each(value),
            "properties" | "patternProperties" => self.named(value),
            "additionalProperties" if self == Self::Closed && value == &Value::Bool(false) => return None,
            // `true` would not tell which keys it lets pass.
            "additionalProperties" if value == &Value::Bool(true) => json!({}),
            "additionalProperties" | "items" | "not" => self.translate(value),
            _ if JUDGING.contains(&key) => value.clone(),
            _ => return None,
        };
        Some((key.to_owned(), translated))
    }

    fn named(self, schemas: &Value) -> Value {
        let schemas = schemas.as_object().into_iter().flatten();
        schemas.map(|(name, schema)| (name.clone(), self.translate(schema))).collect()
    }
}

/// Beside `additionalProperties` the validator does not tell which properties are listed; apart from it, it does.
fn leave_trace(schema: &mut Map<String, Value>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object)
        && schema.contains_key("additionalProperties")
    {
        let names: Map<_, _> = properties.keys().map(|name| (name.clone(), json!({}))).collect();
        let all = schema.entry("allOf").or_insert_with(|| json!([]));
        all.as_array_mut().unwrap().push(json!({ "properties": names }));
    }
}

fn or_null(mut schema: Map<String, Value>) -> Value {
    let combined = ["$ref", "allOf", "anyOf", "oneOf"].iter().any(|key| schema.contains_key(*key));
    if combined {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if let Some(only @ Value::String(_)) = schema.get_mut("type") {
        *only = json!([only, "null"]);
    }
    schema.into()
}
