use serde_json::{Value, json};

use crate::contract::{dialect::Dialect, schema::Schema};

fn faults(schema: &Value, instance: &Value) -> Vec<String> {
    Schema::compile(&Dialect::OpenApi.translate(schema)).strict_faults(instance)
}

fn takes(schema: &Value, instance: &Value) -> bool {
    faults(schema, instance).is_empty()
}

#[test]
fn nullable_allows_null_and_nothing_else() {
    let plain = json!({ "type": "string", "nullable": true });
    let choice = json!({ "type": "string", "nullable": true, "enum": ["open", "closed"] });
    let all = json!({ "nullable": true, "allOf": [{ "type": "string" }] });
    let one = json!({ "nullable": true, "oneOf": [{ "type": "string" }, { "type": "array" }] });
    for schema in [plain, choice, all, one] {
        assert!(takes(&schema, &json!(null)), "{schema}");
        assert!(takes(&schema, &json!("open")), "{schema}");
        assert!(!takes(&schema, &json!(1)), "{schema}");
    }
    assert!(!takes(&json!({ "type": "string", "nullable": false }), &json!(null)));
    assert!(!takes(&json!({ "type": "string" }), &json!(null)));
}

#[test]
fn nullable_beside_a_reference_allows_null() {
    let translated = Dialect::OpenApi.translate(&json!({ "$ref": "#/components/schemas/user", "nullable": true }));
    assert_eq!(translated, json!({ "anyOf": [{ "$ref": "#/components/schemas/user" }, { "type": "null" }] }));
}

#[test]
fn a_property_may_be_named_as_a_keyword() {
    let schema = json!({ "type": "object", "properties": {
        "description": { "type": "string", "example": 1 }, "nullable": { "type": "boolean" }, "properties": { "type": "object" },
    } });
    assert!(takes(&schema, &json!({ "description": "x", "nullable": true, "properties": { "any": 1 } })));
    assert_eq!(faults(&schema, &json!({ "description": 1 })), [r#"/description: 1 is not of type "string""#]);
}

#[test]
fn a_key_is_listed_by_any_schema_that_applies() {
    let name = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    let closed = json!({ "type": "object", "properties": { "id": {}, "name": {} }, "additionalProperties": false });
    let all = json!({ "allOf": [name, closed] });
    assert!(takes(&all, &json!({ "name": "ada", "id": 1 })));
    assert_eq!(
        faults(&json!({ "allOf": [name] }), &json!({ "name": "ada", "id": 1 })),
        ["/id: GitHub lists no such key"]
    );
}

#[test]
fn only_the_way_that_was_taken_lists_keys() {
    let file = json!({ "type": "object", "required": ["size"], "properties": { "size": { "type": "integer" } } });
    let link = json!({ "type": "object", "required": ["target"], "properties": { "target": { "type": "string" } } });
    let ways = json!({ "oneOf": [file, link] });
    assert!(takes(&ways, &json!({ "size": 3 })));
    assert_eq!(faults(&ways, &json!({ "size": 3, "target": 7 })), ["/target: GitHub lists no such key"]);
    assert_eq!(faults(&ways, &json!({ "size": "3" })), [r#"/size: "3" is not of type "integer""#]);
}

#[test]
fn an_open_object_takes_any_key() {
    let properties = json!({ "name": { "type": "string" } });
    let free = json!({ "type": "object" });
    let open = json!({ "type": "object", "properties": properties, "additionalProperties": true });
    let typed = json!({ "type": "object", "properties": properties, "additionalProperties": { "type": "integer" } });
    for schema in [free, open, typed.clone()] {
        assert!(takes(&schema, &json!({ "name": "ada", "count": 1 })), "{schema}");
    }
    assert_eq!(faults(&typed, &json!({ "count": "1" })), [r#"/count: "1" is not of type "integer""#]);
}

#[test]
fn a_key_with_slashes_keeps_its_place() {
    let schema = json!({ "type": "object", "properties": { "a/b": { "type": "object", "properties": {} } } });
    assert_eq!(faults(&schema, &json!({ "a/b": { "~": 1 } })), ["/a~1b/~0: GitHub lists no such key"]);
}
