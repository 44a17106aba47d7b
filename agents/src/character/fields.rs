use std::time::Duration;

use toml::{Table, Value};

/// A table that is taken apart field by field; what is wrong is noted, and the reading goes on.
pub(crate) struct Fields<'a> {
    prefix: &'static str,
    table: Table,
    faults: &'a mut Vec<String>,
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(prefix: &'static str, table: Table, faults: &'a mut Vec<String>) -> Self {
        Self { prefix, table, faults }
    }

    pub(crate) fn fault(&mut self, key: &str, what: &str) {
        self.faults.push(format!("{}{key}: {what}", self.prefix));
    }

    pub(crate) fn text<T>(&mut self, key: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = match self.table.remove(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => text,
            Some(_) => return self.nothing(key, "a text is expected"),
            None => return self.nothing(key, "it is missing"),
        };
        read(&text).map_err(|fault| self.fault(key, &fault)).ok()
    }

    pub(crate) fn optional_text(&mut self, key: &str) -> Option<String> {
        if self.table.contains_key(key) { self.text(key, |text| Ok(text.to_owned())) } else { None }
    }

    pub(crate) fn texts(&mut self, key: &str) -> Vec<String> {
        let texts = match self.table.remove(key) {
            None => Some(Vec::new()),
            Some(Value::Array(values)) => values.into_iter().map(|value| value.as_str().map(str::to_owned)).collect(),
            Some(_) => None,
        };
        texts.or_else(|| self.nothing(key, "a list of texts is expected")).unwrap_or_default()
    }

    pub(crate) fn table(&mut self, key: &str) -> Option<Table> {
        match self.table.remove(key) {
            Some(Value::Table(table)) => Some(table),
            Some(_) => self.nothing(key, "a table is expected"),
            None => self.nothing(key, "it is missing"),
        }
    }

    pub(crate) fn duration(&mut self, key: &str) -> Option<Duration> {
        self.text(key, duration)
    }

    pub(crate) fn count(&mut self, key: &str) -> Option<u32> {
        match self.table.remove(key).and_then(|value| value.as_integer()).and_then(|count| u32::try_from(count).ok()) {
            Some(count) if count > 0 => Some(count),
            _ => self.nothing(key, "a number from 1 is expected"),
        }
    }

    /// What is left is nobody's.
    pub(crate) fn end(mut self) {
        for key in std::mem::take(&mut self.table).keys() {
            self.fault(key, "this is not known here");
        }
    }

    fn nothing<T>(&mut self, key: &str, what: &str) -> Option<T> {
        self.fault(key, what);
        None
    }
}

/// A length of time, as `200ms`, `90s`, `20m`, `2h`.
///
/// # Errors
/// With what to write instead.
pub fn duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("`{text}` is no length of time: as 200ms, 90s, 20m, 2h");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| bad())?;
    let thousandths = match text.get(digits.len()..) {
        Some("ms") => 1,
        Some("s") => 1_000,
        Some("m") => 60_000,
        Some("h") => 3_600_000,
        _ => return Err(bad()),
    };
    let length = number.checked_mul(thousandths).filter(|length| *length > 0).ok_or_else(bad)?;
    Ok(Duration::from_millis(length))
}
