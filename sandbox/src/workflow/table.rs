//! A TOML table that is read key by key, so that every fault in it is found, not only the first.

use toml::{Table, Value};

use super::Fault;

/// What is left of a table to read, and where it stands.
pub(crate) struct Reader<'a> {
    place: String,
    rest: Table,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(place: String, rest: Table, faults: &'a mut Vec<Fault>) -> Self {
        Self { place, rest, faults }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.rest.contains_key(key)
    }

    pub(crate) fn is_text(&self, key: &str) -> bool {
        self.rest.get(key).is_some_and(Value::is_str)
    }

    /// A key's value; nothing if it is absent or at fault.
    pub(crate) fn optional<T>(&mut self, key: &str, read: impl FnOnce(Value) -> Result<T, String>) -> Option<T> {
        let value = self.rest.remove(key)?;
        read(value).map_err(|sentence| self.fault(Some(key), sentence)).ok()
    }

    /// A key's value; its absence is a fault.
    pub(crate) fn required<T>(&mut self, key: &str, read: impl FnOnce(Value) -> Result<T, String>) -> Option<T> {
        if !self.has(key) {
            self.fault(None, format!("{key} is missing"));
        }
        self.optional(key, read)
    }

    /// A table within this one; nothing if it is absent or none.
    pub(crate) fn within(&mut self, key: &str) -> Option<Reader<'_>> {
        let rest = self.optional(key, table)?;
        Some(Reader { place: self.place(Some(key)), rest, faults: &mut *self.faults })
    }

    /// The tables within this one that have names, `[key.NAME]`, each as it is read.
    pub(crate) fn each_named<T>(
        &mut self,
        key: &str,
        mut read: impl FnMut(&str, &mut Reader<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(mut outer) = self.within(key) else { return Vec::new() };
        let names: Vec<String> = outer.rest.keys().cloned().collect();
        names.iter().filter_map(|name| outer.within(name).and_then(|mut inner| read(name, &mut inner))).collect()
    }

    /// The tables of a list, `[[key]]`, each as it is read.
    pub(crate) fn each<T>(&mut self, key: &str, mut read: impl FnMut(&mut Reader<'_>) -> Option<T>) -> Vec<T> {
        let mut found = Vec::new();
        for (n, value) in self.optional(key, list).unwrap_or_default().into_iter().enumerate() {
            let place = format!("{}[{}]", self.place(Some(key)), n + 1);
            match table(value) {
                Ok(rest) => found.extend(read(&mut Reader { place, rest, faults: &mut *self.faults })),
                Err(sentence) => self.faults.push(Fault { place, sentence }),
            }
        }
        found
    }

    /// Something that is wrong with a key, or with the table itself.
    pub(crate) fn fault(&mut self, key: Option<&str>, sentence: String) {
        let place = self.place(key);
        self.faults.push(Fault { place, sentence });
    }

    fn place(&self, key: Option<&str>) -> String {
        let parts: Vec<String> = [self.place.clone()]
            .into_iter()
            .filter(|place| !place.is_empty())
            .chain(key.map(|key| if is_bare(key) { key.to_owned() } else { format!("{key:?}") }))
            .collect();
        parts.join(".")
    }

    /// Refuses the keys that nobody asked for.
    pub(crate) fn finish(&mut self, known: &str) {
        for key in std::mem::take(&mut self.rest).keys() {
            self.fault(Some(key), format!("this key is unknown; there are {known}"));
        }
    }
}

/// A text as a table; where it is not TOML, the line at which it stops to be.
pub(crate) fn document(text: &str) -> Result<Table, Fault> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
        let place = format!("line {}", 1 + before.matches('\n').count());
        Fault { place, sentence: format!("this is not TOML: {}", error.message().trim_end()) }
    })
}

/// What TOML takes for a key without quotes.
fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A value that must be text.
pub(crate) fn text(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) if text.contains('\0') => Err("text may not hold a zero byte".into()),
        Value::String(text) => Ok(text),
        other => Err(format!("this must be text in quotes, and is {}", named(&other))),
    }
}

/// A value that must be a list of texts, none of them twice.
pub(crate) fn texts(value: Value) -> Result<Vec<String>, String> {
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
pub(crate) fn table(value: Value) -> Result<Table, String> {
    match value {
        Value::Table(table) => Ok(table),
        other => Err(format!("this must be a table, and is {}", named(&other))),
    }
}

/// A value that must be a list.
pub(crate) fn list(value: Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(values) => Ok(values),
        other => Err(format!("this must be a list, and is {}", named(&other))),
    }
}

/// A value that must be true or false.
pub(crate) fn truth(value: Value) -> Result<bool, String> {
    match value {
        Value::Boolean(truth) => Ok(truth),
        other => Err(format!("this must be true or false, and is {}", named(&other))),
    }
}

/// A value that must be a whole number that is not negative.
pub(crate) fn number(value: Value) -> Result<u64, String> {
    let read = match &value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        _ => None,
    };
    read.ok_or_else(|| format!("this must be a whole number from 0 on, and is {}", named(&value)))
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
