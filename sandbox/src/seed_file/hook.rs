//! Webhooks.

use std::collections::BTreeSet;

use toml::Value;

use super::{Outside, Secret, name, set};
use crate::{
    workflow::table::{Reader, text, texts},
    world::{Form, Target},
};

const KEYS: &str = "url, events, form, secret_file and secret_variable";
const KEYS_OF_APP: &str = "url, secret_file and secret_variable";

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Where it posts to.
    pub url: String,
    /// What it signs with.
    pub secret: Option<Secret>,
    /// What it is told of; `*` is all.
    pub events: BTreeSet<String>,
    /// The content type.
    pub form: Form,
}

impl Hook {
    /// A repository's.
    pub(super) fn read(reader: &mut Reader<'_>, outside: Outside<'_>) -> Option<Self> {
        let url = reader.required("url", name::url);
        let secret = Secret::read(reader, outside);
        let events = reader.optional("events", events).unwrap_or_else(|| BTreeSet::from(["*".to_owned()]));
        let form = reader.optional("form", form).unwrap_or(Form::Json);
        reader.finish(KEYS);
        Some(Self { url: url?, secret, events, form })
    }

    /// An App's, which is told what the App is told of, as JSON.
    pub(super) fn of_app(reader: &mut Reader<'_>, outside: Outside<'_>, events: &BTreeSet<String>) -> Option<Self> {
        let url = reader.required("url", name::url);
        let secret = Secret::read(reader, outside);
        reader.finish(KEYS_OF_APP);
        Some(Self { url: url?, secret, events: events.clone(), form: Form::Json })
    }

    pub(super) fn target(&self) -> Target {
        let secret = self.secret.as_ref().map(|secret| secret.reveal().to_owned());
        Target { url: self.url.clone(), secret, form: self.form, insecure: false }
    }
}

/// Names of events: a misspelt one would be a wish that nobody heard.
pub(super) fn events(value: Value) -> Result<BTreeSet<String>, String> {
    let names = texts(value)?;
    let odd = |name: &String| name != "*" && !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    match names.iter().find(|name| name.is_empty() || odd(name)) {
        Some(name) => Err(format!("{name:?} is no event; write names like \"issues\" and \"pull_request\"")),
        None => Ok(set(names)),
    }
}

fn form(value: Value) -> Result<Form, String> {
    match text(value)?.as_str() {
        "json" => Ok(Form::Json),
        "form" => Ok(Form::Form),
        other => Err(format!("{other:?} is unknown; there are \"json\" and \"form\"")),
    }
}
