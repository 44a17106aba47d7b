//! A TOML table that is read key by key, so that every fault in it is found, not only the first.

use toml::{Table, Value};

use super::Fault;

/// What is left of a table to read, and where it stands.
pub(super) struct Reader<'a> {
    place: String,
    rest: Table,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(place: String, rest: Table, faults: &'a mut Vec<Fault>) -> Self {
        Self { place, rest, faults }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.rest.contains_key(key)
    }

    /// A key's value; nothing if it is absent or at fault.
    pub(super) fn optional<T>(&mut self, key: &str, read: impl FnOnce(Value) -> Result<T, String>) -> Option<T> {
        let value = self.rest.remove(key)?;
        read(value).map_err(|sentence| self.fault(Some(key), sentence)).ok()
    }

    /// A key's value; its absence is a fault.
    pub(super) fn required<T>(&mut self, key: &str, read: impl FnOnce(Value) -> Result<T, String>) -> Option<T> {
        if !self.has(key) {
            self.fault(None, format!("{key} is missing"));
        }
        self.optional(key, read)
    }

    /// Something that is wrong with a key, or with the table itself.
    pub(super) fn fault(&mut self, key: Option<&str>, sentence: String) {
        let parts: Vec<&str> = [self.place.as_str()].into_iter().filter(|place| !place.is_empty()).chain(key).collect();
        self.faults.push(Fault { place: parts.join("."), sentence });
    }

    /// Refuses the keys that nobody asked for.
    pub(super) fn finish(mut self, known: &str) {
        for key in std::mem::take(&mut self.rest).keys() {
            self.fault(Some(key), format!("this key is unknown; there are {known}"));
        }
    }
}

/// A value that must be text.
pub(super) fn text(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) if text.contains('\0') => Err("text may not hold a zero byte".into()),
        Value::String(text) => Ok(text),
        other => Err(format!("this must be text in quotes, and is {}", named(&other))),
    }
}

/// A value that must be a list of texts, none of them twice.
pub(super) fn texts(value: Value) -> Result<Vec<String>, String> {
    let Value::Array(values) = value else {
        return Err(format!("this must be a list of texts, and is {}", named(&value)));
    };
    let mut found = Vec::with_capacity(values.len());
    for value in values {
        let one = text(value)?;
        if found.contains(&one) {
            return Err(format!("{one:?} is there twice"));
        }
        found.push(one);
    }
    Ok(found)
}

/// A value that must be a table.
pub(super) fn table(value: Value) -> Result<Table, String> {
    match value {
        Value::Table(table) => Ok(table),
        other => Err(format!("this must be a table, and is {}", named(&other))),
    }
}

fn named(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date or time",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}
