//! Documents made from the code: written with `UPDATE_DOCS=1` (`make docs`), and compared without.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "tests")]

#[path = "generated/asks.rs"]
mod asks;
#[path = "generated/asyncapi.rs"]
mod asyncapi;
#[path = "generated/examples.rs"]
mod examples;
#[path = "generated/file.rs"]
mod file;
#[path = "generated/records.rs"]
mod records;
#[path = "generated/schema.rs"]
mod schema;
#[path = "generated/subjects.rs"]
mod subjects;

use std::collections::BTreeSet;

use bus::{catalogue::Kind, subject::FAMILIES};
use examples::example;
use serde_json::json;

/// The kinds by which documents are ordered: GitHub's events are one.
pub fn kinds() -> Vec<Kind> {
    let mut files = BTreeSet::new();
    Kind::everywhere().map(schema::representative).filter(|kind| files.insert(schema::file(*kind))).collect()
}

#[test]
fn generated_schemas_are_up_to_date() {
    let mut names = BTreeSet::new();
    for kind in kinds() {
        let name = schema::file(kind);
        file::is(&format!("schemas/{name}"), &file::json(&schema::of(kind)));
        names.insert(name.into_owned());
    }
    file::only("schemas", &names);
}

#[test]
fn generated_records_are_up_to_date() {
    file::is("records.md", &records::document());
}

#[test]
fn generated_subjects_are_up_to_date() {
    file::is("subjects.md", &subjects::document());
}

#[test]
fn generated_asks_are_up_to_date() {
    file::is("asks.md", &asks::document());
}

#[test]
fn generated_asyncapi_is_up_to_date() {
    file::is("asyncapi.json", &file::json(&asyncapi::document()));
}

#[test]
fn every_kind_has_an_example_that_its_schema_takes() {
    for kind in Kind::everywhere() {
        let validator = jsonschema::draft202012::new(&schema::of(kind)).unwrap();
        let example = example(kind);
        let faults: Vec<String> = validator.iter_errors(&example).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", kind.type_name());
        assert_eq!(example["type"], kind.type_name());
    }
}

/// A schema that takes everything would pass the test above.
#[test]
fn a_schema_refuses_what_is_not_its_record() {
    for kind in Kind::everywhere() {
        let validator = jsonschema::draft202012::new(&schema::of(kind)).unwrap();
        for field in ["specversion", "id", "type", "source", "time", "data"] {
            let mut without = example(kind);
            without.as_object_mut().unwrap().remove(field);
            assert!(!validator.is_valid(&without), "{} without {field}", kind.type_name());
        }
        let mut other = example(kind);
        other["type"] = json!("rig.other.kind.v1");
        assert!(!validator.is_valid(&other), "{} under another type", kind.type_name());
        let mut silent = example(kind);
        silent["data"].as_object_mut().unwrap().remove("say");
        assert!(!validator.is_valid(&silent), "{} without a sentence", kind.type_name());
    }
}

#[test]
fn every_kind_stands_in_a_family_that_is_logged() {
    for kind in Kind::everywhere() {
        let families = records::families(kind);
        assert!(!families.is_empty(), "{}", kind.type_name());
        assert!(families.iter().all(|pattern| FAMILIES.iter().any(|family| family.pattern == *pattern)));
    }
}
