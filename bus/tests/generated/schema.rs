use std::borrow::Cow;

use bus::{
    Envelope,
    catalogue::{self, Kind, chat, dead, due, github},
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::examples::example;

/// GitHub's events have one schema: what they are is in the payload.
const GITHUB: &str = "rig.github.json";

/// The file of a kind's schema.
pub fn file(kind: Kind) -> Cow<'static, str> {
    match kind {
        Kind::Github(_) => GITHUB.into(),
        kind => format!("{}.json", kind.type_name()).into(),
    }
}

/// The one that stands for all of GitHub's events, or the kind itself.
pub fn representative(kind: Kind) -> Kind {
    match kind {
        Kind::Github(_) => Kind::Github(github::Event::Issues),
        kind => kind,
    }
}

/// The schema of a kind's record: its envelope, with its data in place.
pub fn of(kind: Kind) -> Value {
    let kind = representative(kind);
    let mut schema = match kind {
        Kind::Github(_) => generate::<github::Delivered<Value>>(),
        Kind::GithubOutage => generate::<github::Outage>(),
        Kind::ChatSaid => generate::<chat::Said>(),
        Kind::DueTick => generate::<due::Tick>(),
        Kind::DueDeadline => generate::<due::Deadline>(),
        Kind::DeadParked => generate::<dead::Parked>(),
        Kind::DeadRetried => generate::<dead::Retried>(),
        Kind::BusFilling | Kind::BusRelieved => generate::<catalogue::bus::Fill>(),
        Kind::BusRestored => generate::<catalogue::bus::Restored>(),
        Kind::BusGap => generate::<catalogue::bus::Gap>(),
    };
    schema["title"] = json!(title(kind));
    schema["properties"]["specversion"] = described(&schema, "specversion", &json!({ "const": "1.0" }));
    schema["properties"]["datacontenttype"] =
        described(&schema, "datacontenttype", &json!({ "const": "application/json" }));
    schema["properties"]["type"] = described(&schema, "type", &types(kind));
    schema["examples"] = json!([example(kind)]);
    schema
}

fn title(kind: Kind) -> String {
    match kind {
        Kind::Github(_) => "rig.github.<event>.v1".to_owned(),
        kind => kind.type_name().to_owned(),
    }
}

fn types(kind: Kind) -> Value {
    match kind {
        Kind::Github(_) => {
            let names: Vec<_> = github::Event::ALL.iter().map(|event| event.type_name()).collect();
            json!({ "enum": names })
        }
        kind => json!({ "const": kind.type_name() }),
    }
}

fn described(schema: &Value, field: &str, what: &Value) -> Value {
    let mut narrowed = what.clone();
    narrowed["description"] = schema["properties"][field]["description"].clone();
    narrowed
}

/// With everything in place, so that a reader finds all of it in one file, and with the data's own description, which
/// says what kind of record it is.
fn generate<D: JsonSchema>() -> Value {
    let of = || SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator();
    let what = of().into_root_schema_for::<D>().to_value()["description"].clone();
    // What follows the first paragraph is for those who read the code.
    let what = json!(what.as_str().unwrap().split("\n\n").next());
    let mut schema = of().into_root_schema_for::<Envelope<'static, D>>().to_value();
    schema["description"] = what.clone();
    schema["properties"]["data"]["description"] = what;
    schema
}
