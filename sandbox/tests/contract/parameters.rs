//! What a path and a query say, against what GitHub takes there.

use serde_json::{Value, json};

use super::{
    document::Document,
    route::{self, Match},
};

/// A parameter that GitHub takes.
struct Taken {
    name: String,
    place: String,
    is_required: bool,
    pointer: String,
}

pub fn faults(document: &Document, found: &Match<'_>, query: &str) -> Vec<String> {
    let pointers = route::parameters(document, &found.route.pointer);
    let taken: Vec<_> = pointers.into_iter().filter_map(|pointer| taken(document, pointer)).collect();
    let asked: Vec<_> = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    let mut faults = Vec::new();
    for one in &taken {
        let said = said(one, found, &asked);
        if said.is_empty() && one.is_required {
            faults.push(format!("{} {}: is required", one.place, one.name));
        }
        faults.extend(faults_of(document, one, &said));
    }
    let is_unknown = |name: &str| !taken.iter().any(|one| one.place == "query" && bare(&one.name) == bare(name));
    let unknown = asked.iter().filter(|(name, _)| is_unknown(name));
    faults.extend(unknown.map(|(name, _)| format!("query {name}: GitHub takes no such parameter")));
    faults
}

fn taken(document: &Document, pointer: String) -> Option<Taken> {
    let parameter = document.at(&pointer)?;
    let text = |key: &str| parameter[key].as_str().map(str::to_owned);
    let is_required = parameter["required"] == Value::Bool(true);
    Some(Taken { name: text("name")?, place: text("in")?, is_required, pointer })
}

fn said(one: &Taken, found: &Match<'_>, asked: &[(String, String)]) -> Vec<String> {
    match one.place.as_str() {
        "path" => found.captured.iter().filter(|(name, _)| *name == one.name).map(|(_, text)| decoded(text)).collect(),
        _ => asked.iter().filter(|(name, _)| bare(name) == bare(&one.name)).map(|(_, text)| text.clone()).collect(),
    }
}

/// A text has a type only in the eye of the schema: it fits if any reading of it does.
fn faults_of(document: &Document, one: &Taken, said: &[String]) -> Vec<String> {
    let Some(text) = said.first() else { return Vec::new() };
    let schema = document.schema(&format!("{}/schema", one.pointer));
    let mut readings = readings(text);
    readings.push(said.iter().flat_map(|text| text.split(',')).map(simplest).collect());
    readings.push(said.iter().flat_map(|text| text.split(',')).map(Value::from).collect());
    if readings.iter().any(|reading| schema.faults(reading).is_empty()) {
        return Vec::new();
    }
    let faults = schema.faults(&simplest(text));
    faults.into_iter().map(|fault| format!("{} {}{fault}", one.place, one.name)).collect()
}

fn readings(text: &str) -> Vec<Value> {
    vec![json!(text), simplest(text)]
}

/// A number or a truth where the text looks like one.
fn simplest(text: &str) -> Value {
    let parsed = serde_json::from_str(text).ok();
    parsed.filter(|value: &Value| value.is_number() || value.is_boolean()).unwrap_or_else(|| json!(text))
}

fn bare(name: &str) -> &str {
    name.trim_end_matches("[]")
}

fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
}

/// The text with `%20` and the like undone.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
