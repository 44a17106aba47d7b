//! Rules as a list that somebody wrote: in a seed file, or to a world that runs.

use serde::Serialize;
use toml::Value;

use super::{Faults, Rule};
use crate::workflow::{
    Fault,
    table::{self, Reader},
};

/// Rules of trouble, each of which can be meant.
pub(crate) fn listed(value: Value) -> Result<Vec<Rule>, String> {
    let one = |(n, value): (usize, Value)| {
        let fault = |sentence: &str| format!("number {n}: {}", sentence.trim());
        let rule: Rule = value.try_into().map_err(|error: toml::de::Error| fault(error.message()))?;
        rule.check().map_err(|unfit| fault(&unfit.to_string()))?;
        Ok(rule)
    };
    (1..).zip(table::list(value)?).map(one).collect()
}

/// The rules of a text by itself, as a seed file has them: `[[fault]]` in TOML, or `{"fault": […]}` in JSON.
pub(crate) fn read(text: &str) -> Result<Vec<Rule>, Vec<Fault>> {
    let document = if text.trim_start().starts_with('{') { json(text) } else { table::document(text) };
    let mut faults = Vec::new();
    let mut reader = Reader::new(String::new(), document.map_err(|fault| vec![fault])?, &mut faults);
    let rules = reader.required("fault", listed).unwrap_or_default();
    // It stands in the answer that tells of the rules, which may be sent back.
    reader.optional("struck", Ok);
    reader.finish("fault");
    if faults.is_empty() { Ok(rules) } else { Err(faults) }
}

fn json(text: &str) -> Result<toml::Table, Fault> {
    serde_json::from_str(text).map_err(|error| Fault {
        place: format!("line {}", error.line()),
        sentence: format!("this is not JSON that TOML could say too: {error}"),
    })
}

/// The rules as [`read`] reads them, with how often each has struck.
#[derive(Serialize)]
pub(crate) struct Listed<'a> {
    fault: Vec<&'a Rule>,
    struck: Vec<u64>,
}

impl Faults {
    /// All of them, to be told.
    pub(crate) fn list(&self) -> Listed<'_> {
        let (fault, struck) = self.rules().unzip();
        Listed { fault, struck }
    }

    /// These rules and no others from now on; each can be meant.
    pub(crate) fn replace(&mut self, rules: Vec<Rule>) {
        self.clear();
        self.extend(rules);
    }
}
