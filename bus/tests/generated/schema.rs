use std::borrow::Cow;

use bus::{
    Envelope,
    catalogue::{
        self, Kind, TypeName, agent, chat,
        cmd::{self, Door},
        conductor, dead, deploy, due, github, outcome, work,
    },
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::examples::example;

/// Kinds that are documented together: what tells them apart is not in their schema.
struct Group {
    file: &'static str,
    title: &'static str,
    members: Vec<Kind>,
}

fn group(kind: Kind) -> Option<Group> {
    let verbs = |door: Door| cmd::Verb::ALL.iter().copied().filter(move |verb| verb.door() == door);
    let commands = |door| verbs(door).map(Kind::Command).collect();
    match kind {
        Kind::Github(_) => Some(Group {
            file: "rig.github.json",
            title: "rig.github.<event>.v1",
            members: github::Event::ALL.iter().copied().map(Kind::Github).collect(),
        }),
        Kind::Work(_) => Some(Group {
            file: "rig.work.json",
            title: "rig.work.<kind>.v1",
            members: work::Kind::ALL.iter().copied().map(Kind::Work).collect(),
        }),
        Kind::Command(verb) if verb.door() == Door::Github => Some(Group {
            file: "rig.cmd.github.json",
            title: "rig.cmd.<verb>.v1, for GitHub",
            members: commands(Door::Github),
        }),
        Kind::Command(verb) if verb.door() == Door::Deploy => Some(Group {
            file: "rig.cmd.deploy.json",
            title: "rig.cmd.<verb>.v1, for the probe",
            members: commands(Door::Deploy),
        }),
        Kind::Outcome(_) => Some(Group {
            file: "rig.outcome.json",
            title: "rig.outcome.<verb>.v1",
            members: cmd::Verb::ALL.iter().copied().map(Kind::Outcome).collect(),
        }),
        _ => None,
    }
}

/// The names that stand in the place of the title's, where several kinds are documented together.
pub fn members(kind: Kind) -> Vec<String> {
    let members = group(kind).map(|group| group.members).unwrap_or_default();
    members.into_iter().map(|kind| TypeName::parse(kind.type_name()).unwrap().kind.to_owned()).collect()
}

/// The file of a kind's schema.
pub fn file(kind: Kind) -> Cow<'static, str> {
    group(kind).map_or_else(|| format!("{}.json", kind.type_name()).into(), |group| group.file.into())
}

/// The one that stands for those it is documented with, or the kind itself.
pub fn representative(kind: Kind) -> Kind {
    match kind {
        Kind::Github(_) => Kind::Github(github::Event::Issues),
        Kind::Work(_) => Kind::Work(work::Kind::Claimed),
        kind => group(kind).and_then(|group| group.members.first().copied()).unwrap_or(kind),
    }
}

/// The schema of a kind's record: its envelope, with its data in place.
pub fn of(kind: Kind) -> Value {
    let kind = representative(kind);
    let mut schema = match kind {
        Kind::Github(_) => generate::<github::Delivered<Value>>(),
        Kind::Work(_) => generate::<work::Transition>(),
        Kind::Agent(kind) => claim(kind),
        Kind::Command(verb) => match verb.door() {
            Door::Agent => generate::<cmd::Offer>(),
            Door::Github => generate::<cmd::Github>(),
            Door::Deploy => generate::<cmd::Deploy>(),
            Door::Chat => generate::<cmd::Say>(),
        },
        Kind::Outcome(_) => generate::<outcome::Outcome>(),
        Kind::DeployObserved => generate::<deploy::Observed>(),
        Kind::DeploySmoked => generate::<deploy::Smoked>(),
        Kind::ConductorStep => generate::<conductor::Step>(),
        Kind::GithubOutage => generate::<github::Outage>(),
        Kind::ChatSaid => generate::<chat::Said>(),
        Kind::DueTick => generate::<due::Tick>(),
        Kind::DueDeadline => generate::<due::Deadline>(),
        Kind::DeadParked => generate::<dead::Parked>(),
        Kind::DeadRetried => generate::<dead::Retried>(),
        Kind::BusFilling | Kind::BusRelieved => generate::<catalogue::bus::Fill>(),
        Kind::BusRestored => generate::<catalogue::bus::Restored>(),
        Kind::BusGap => generate::<catalogue::bus::Gap>(),
        Kind::TraceTurn => generate::<catalogue::trace::Turn>(),
    };
    schema["title"] = json!(title(kind));
    schema["properties"]["specversion"] = described(&schema, "specversion", &json!({ "const": "1.0" }));
    schema["properties"]["datacontenttype"] =
        described(&schema, "datacontenttype", &json!({ "const": "application/json" }));
    schema["properties"]["type"] = described(&schema, "type", &types(kind));
    schema["examples"] = json!([example(kind)]);
    schema
}

fn claim(kind: agent::Kind) -> Value {
    match kind {
        agent::Kind::Claimed => generate::<agent::Claimed>(),
        agent::Kind::Alive => generate::<agent::Alive>(),
        agent::Kind::Progressed => generate::<agent::Progressed>(),
        agent::Kind::Finished => generate::<agent::Finished>(),
        agent::Kind::Failed => generate::<agent::Failed>(),
        agent::Kind::GaveUp => generate::<agent::GaveUp>(),
    }
}

fn title(kind: Kind) -> String {
    group(kind).map_or_else(|| kind.type_name(), |group| group.title).to_owned()
}

fn types(kind: Kind) -> Value {
    match group(kind) {
        Some(group) => {
            let names: Vec<_> = group.members.iter().map(|kind| kind.type_name()).collect();
            json!({ "enum": names })
        }
        None => json!({ "const": kind.type_name() }),
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
