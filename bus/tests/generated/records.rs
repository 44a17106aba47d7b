use std::fmt::Write;

use bus::{
    Subject, Token,
    catalogue::{Kind, TypeName, cmd::Door},
    subject::FAMILIES,
};
use serde_json::Value;

use crate::{file, kinds, schema};

const HEAD: &str = "\
# Records

Every record is a [CloudEvents 1.0](https://cloudevents.io) envelope, structured JSON, on a subject of
[subjects.md](subjects.md). `data.say` is the sentence that people are shown; it may be empty. The schemas are in
[schemas/](schemas/), the same as AsyncAPI in [asyncapi.json](asyncapi.json).

What a reader may rely on: a new field has a default, so ignore what you do not know; a new meaning is a new version of the
type; a type you do not know is no error. A record is told from another by its `id`; a record that carries the `id` of an
earlier one says the same again, except the tick, which always has the same one.

This file is made from the code by `make docs`.
";

pub fn document() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("\n## The envelope\n\n");
    table(&mut text, &without_data(&schema::of(Kind::ChatSaid)));
    for kind in kinds() {
        section(&mut text, kind);
    }
    text
}

fn section(text: &mut String, kind: Kind) {
    let schema = schema::of(kind);
    let title = schema["title"].as_str().unwrap();
    let _ = writeln!(text, "\n## `{title}`\n\n{}\n", sentence(&schema["properties"]["data"]));
    let families: Vec<String> = families(kind).iter().map(|pattern| format!("`{pattern}`")).collect();
    let _ =
        writeln!(text, "On {}. Schema: [{file}](schemas/{file}).\n", families.join(", "), file = schema::file(kind));
    let members: Vec<String> = schema::members(kind).iter().map(|name| format!("`{name}`")).collect();
    if !members.is_empty() {
        let unknown = if let Kind::Github(_) = kind { "; an event that is not known here is `unknown`" } else { "" };
        let _ = writeln!(text, "One of {}{unknown}.\n", members.join(", "));
    }
    table(text, &schema["properties"]["data"]);
    let _ = writeln!(text, "\n```json\n{}```", file::json(&schema["examples"][0]));
}

/// The patterns on which a record of this kind may stand, in LOG or TRACE.
pub fn families(kind: Kind) -> Vec<&'static str> {
    let name = TypeName::parse(kind.type_name()).unwrap();
    let fits = |pattern: &str| {
        let filled = pattern.split('.').map(|part| match part {
            "<kind>" | "<verb>" => Token::of(name.kind).to_string(),
            part => part.trim_matches(['<', '>']).to_owned(),
        });
        let subject: Subject = filled.collect::<Vec<_>>().join(".").parse().unwrap();
        (subject.is_logged() || matches!(subject, Subject::Trace { .. }))
            && name.belongs_on(&subject)
            && is_for(kind, &subject)
    };
    FAMILIES.iter().map(|family| family.pattern).filter(|pattern| fits(pattern)).collect()
}

/// A command stands with those it is for.
const fn is_for(kind: Kind, subject: &Subject) -> bool {
    let Kind::Command(verb) = kind else {
        return true;
    };
    match subject {
        Subject::CmdAgent { .. } => matches!(verb.door(), Door::Agent),
        Subject::CmdGithub { .. } => matches!(verb.door(), Door::Github),
        Subject::CmdDeploy { .. } => matches!(verb.door(), Door::Deploy),
        Subject::CmdChat { .. } => matches!(verb.door(), Door::Chat),
        _ => false,
    }
}

fn without_data(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let types = schema["properties"]["type"].as_object_mut().unwrap();
    types.remove("const");
    types.insert("type".to_owned(), "string".into());
    schema["properties"]["data"] =
        serde_json::json!({ "type": "object", "description": "What is said: by type, below." });
    schema
}

fn table(text: &mut String, object: &Value) {
    text.push_str("| field | type | |\n|---|---|---|\n");
    let required: Vec<&str> = object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = object["properties"].as_object().unwrap();
    let named =
        required.iter().copied().chain(fields.keys().map(String::as_str).filter(|name| !required.contains(name)));
    for name in named {
        let field = &fields[name];
        let optional = if required.contains(&name) { "" } else { ", may be absent" };
        let _ = writeln!(text, "| `{name}` | {}{optional} | {} |", type_of(field), sentence(field));
    }
}

fn type_of(field: &Value) -> String {
    if let Some(constant) = field.get("const") {
        return format!("`{}`", constant.as_str().unwrap_or_default());
    }
    if let Some(choices) = field.get("oneOf").and_then(Value::as_array) {
        let names: Vec<String> =
            choices.iter().filter_map(|choice| Some(format!("`{}`", choice["const"].as_str()?))).collect();
        return names.join(", ");
    }
    match &field["type"] {
        Value::String(name) => with_format(name, field),
        Value::Array(names) => {
            let names = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            with_format(&names.collect::<Vec<_>>().join(" or "), field)
        }
        _ => "anything".to_owned(),
    }
}

fn with_format(name: &str, field: &Value) -> String {
    match field["format"].as_str() {
        Some(format) if name == "string" => format.to_owned(),
        _ => name.to_owned(),
    }
}

fn sentence(field: &Value) -> String {
    field["description"].as_str().unwrap_or_default().replace('\n', " ")
}
