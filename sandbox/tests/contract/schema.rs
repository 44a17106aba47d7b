//! A compiled schema, and its faults as lines for people.

use jsonschema::{Draft, ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::unlisted;

pub struct Schema {
    validator: Validator,
}

const READABLE: usize = 100;

impl Schema {
    pub fn compile(schema: &Value) -> Self {
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        let options = options.with_format("date-time", is_moment).with_format("uri", is_address);
        let options =
            options.with_format("uri-template", is_address).with_format("email", |text: &str| text.contains('@'));
        Self { validator: options.should_ignore_unknown_formats(true).build(schema).unwrap() }
    }

    /// What the schema finds wrong.
    pub fn faults(&self, instance: &Value) -> Vec<String> {
        self.validator.iter_errors(instance).flat_map(|error| lines(&error)).collect()
    }

    /// What the schema finds wrong; if nothing, the keys that it does not list. Only a way that the instance took tells
    /// which are listed, and a faulty one took none.
    pub fn strict_faults(&self, instance: &Value) -> Vec<String> {
        let faults = self.faults(instance);
        if faults.is_empty() {
            self.unlisted(instance).iter().map(|place| unlisted::fault(place)).collect()
        } else {
            faults
        }
    }

    /// The places of keys that the schema, by which the instance is valid, does not list.
    pub fn unlisted(&self, instance: &Value) -> Vec<String> {
        unlisted::places(&self.validator, instance)
    }
}

fn lines(error: &ValidationError<'_>) -> Vec<String> {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let nearest = context.iter().min_by_key(|way| distance(error, way));
            nearest.into_iter().flatten().flat_map(lines).collect()
        }
        _ => vec![format!("{}: {}", error.instance_path(), reason(error))],
    }
}

/// How far the instance is from one of several ways: a way of another type is further than one with any faults within.
fn distance(whole: &ValidationError<'_>, way: &[ValidationError<'_>]) -> (bool, usize) {
    let is_of_type = |error: &ValidationError<'_>| matches!(error.kind(), ValidationErrorKind::Type { .. });
    let is_another = way.iter().any(|error| is_of_type(error) && error.instance_path() == whole.instance_path());
    (is_another, way.len())
}

fn reason(error: &ValidationError<'_>) -> String {
    let full = error.to_string();
    if full.len() <= READABLE { full } else { error.masked().to_string() }
}

fn is_moment(text: &str) -> bool {
    OffsetDateTime::parse(text, &Rfc3339).is_ok()
}

/// GitHub says "" for a homepage that is not set.
fn is_address(text: &str) -> bool {
    let has_scheme = text.split_once(':').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    text.is_empty() || has_scheme && !text.contains(char::is_whitespace)
}
