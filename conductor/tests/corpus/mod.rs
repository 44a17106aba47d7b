//! GitHub's deliveries as bytes: the examples that its clients are tested with, and a body made from the schema for
//! every event and action that has none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "shared by tests"
)]

mod minimal;

use std::{collections::HashSet, fs, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use minimal::{Described, Schemas};

/// One delivery's body.
#[derive(Clone, Debug)]
pub struct Sample {
    pub event: String,
    pub action: Option<String>,
    pub body: Vec<u8>,
    /// Where it is from, for a failing test's message.
    pub from: String,
}

/// The examples, their white space as it was written.
pub fn examples() -> Vec<Sample> {
    #[derive(Deserialize)]
    struct Named<'a> {
        name: String,
        #[serde(borrow)]
        examples: Vec<&'a RawValue>,
    }
    let text = file("webhooks-examples.json");
    let named: Vec<Named<'_>> = serde_json::from_str(&text).unwrap();
    let samples = named.into_iter().flat_map(|Named { name, examples }| {
        examples.into_iter().enumerate().map(move |(n, example)| sample(&name, example.get(), format!("example {n}")))
    });
    samples.collect()
}

/// A body for every event and action that GitHub describes and no example shows.
pub fn made_from_schemas() -> Vec<Sample> {
    made().into_iter().map(|(_, sample)| sample).collect()
}

/// What GitHub's description finds wrong in those bodies, by operation.
pub fn faults_of_made() -> Vec<(String, Vec<String>)> {
    let schemas = Schemas::of_github();
    let faults = |(described, sample): (Described, Sample)| {
        let body = serde_json::from_slice(&sample.body).unwrap();
        (described.operation.clone(), schemas.faults(&described, &body))
    };
    made().into_iter().map(faults).filter(|(_, faults)| !faults.is_empty()).collect()
}

fn made() -> Vec<(Described, Sample)> {
    let shown: HashSet<_> = examples().into_iter().map(|sample| (sample.event, sample.action)).collect();
    let schemas = Schemas::of_github();
    let make = |described: Described| {
        let body = schemas.minimal(&described.schema).to_string();
        let sample = sample(&described.event, &body, format!("schema of {}", described.operation));
        (described, sample)
    };
    let is_new = |(_, sample): &(Described, Sample)| !shown.contains(&(sample.event.clone(), sample.action.clone()));
    schemas.webhooks().into_iter().map(make).filter(is_new).collect()
}

/// Both.
pub fn all() -> Vec<Sample> {
    let mut samples = examples();
    samples.extend(made_from_schemas());
    samples
}

/// Every event and action that GitHub describes.
pub fn described() -> Vec<(String, Option<String>)> {
    let schemas = Schemas::of_github();
    let of = |described: &Described| {
        let action = schemas.minimal(&described.schema).get("action").and_then(Value::as_str).map(str::to_owned);
        (described.event.clone(), action)
    };
    schemas.webhooks().iter().map(of).collect()
}

fn sample(event: &str, body: &str, from: String) -> Sample {
    #[derive(Serialize, Deserialize)]
    struct Action {
        action: Option<String>,
    }
    let Action { action } = serde_json::from_str(body).unwrap();
    Sample { event: event.to_owned(), action, body: body.as_bytes().to_vec(), from: format!("{event}, {from}") }
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache/octokit").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{} cannot be read ({error}); `tools/install test` puts it there", path.display())
    })
}
