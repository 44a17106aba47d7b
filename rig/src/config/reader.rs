//! Takes keys out of what file and environment said, and notes what is wrong instead of stopping at it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use config::{Environment, File, FileFormat, Value, ValueKind};
use strsim::sorensen_dice;

use super::{
    environment::{self, Ours},
    fault::{Error, Faults},
};

/// What was said and not yet taken, and what is wrong so far.
pub(super) struct Reader {
    /// What stands before each key: the table of a list that is read, as `repository 2, `.
    place: String,
    said: BTreeMap<String, Value>,
    known: Vec<&'static str>,
    folder: PathBuf,
    faults: Faults,
}

impl Reader {
    /// Reads file and environment; values are not looked at yet.
    pub(super) fn new(file: Option<&Path>, environment: Ours) -> Result<Self, Error> {
        let mut builder = config::Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml));
        }
        let environment = Environment::with_prefix("RIG").separator("__").ignore_empty(true).source(Some(environment));
        let read = builder.add_source(environment).build();
        let at = file.map_or_else(|| "the environment".to_owned(), |file| file.display().to_string());
        let read = read.map_err(|error| Error::one(at, error.to_string()))?;
        let mut said = BTreeMap::new();
        flatten("", read.cache, &mut said);
        let folder = file.and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default();
        Ok(Self { place: String::new(), said, known: Vec::new(), folder, faults: Faults::default() })
    }

    /// Each table of a list, as `[[repository]]` makes it. What is wrong with a table is told with its number.
    pub(super) fn each<T>(&mut self, key: &'static str, read: impl Fn(&mut Self) -> Option<T>) -> Vec<T> {
        let tables = self.list(key);
        let mut found = Vec::new();
        for (n, table) in tables.into_iter().enumerate() {
            let place = format!("{}{key} {}, ", self.place, n + 1);
            let mut said = BTreeMap::new();
            flatten("", table, &mut said);
            let folder = self.folder.clone();
            let mut reader = Self { place, said, known: Vec::new(), folder, faults: Faults::default() };
            found.extend(read(&mut reader));
            self.faults.extend(reader.finish());
        }
        found
    }

    /// The texts of a list; none where it is not set.
    pub(super) fn texts<T>(&mut self, key: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let values = self.list(key);
        let parsed = values.into_iter().map(|value| match text(&value) {
            Some(text) => parse(&text),
            None => Err("a list of texts is needed here".to_owned()),
        });
        let (mut good, mut wrong) = (Vec::new(), Vec::new());
        parsed.for_each(|parsed| match parsed {
            Ok(value) => good.push(value),
            Err(what) => wrong.push(what),
        });
        wrong.into_iter().for_each(|what| self.fault(key, what));
        good
    }

    fn list(&mut self, key: &'static str) -> Vec<Value> {
        self.known.push(key);
        let Some(value) = self.said.remove(key) else { return Vec::new() };
        let at = self.at(key, &value);
        value.into_array().unwrap_or_else(|_| {
            self.faults.add(at, "a list is needed here");
            Vec::new()
        })
    }

    /// The key's value; that it is not set is a fault.
    pub(super) fn required<T>(&mut self, key: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        self.need(key);
        self.optional(key, parse)
    }

    /// The key's value as it stands, and as a path; that it is not set is a fault.
    pub(super) fn required_path(&mut self, key: &'static str) -> Option<(String, PathBuf)> {
        self.need(key);
        let folder = self.folder.clone();
        self.take(key, |_, text| Ok((text.to_owned(), folder.join(text))))
    }

    fn need(&mut self, key: &'static str) {
        if !self.said.contains_key(key) {
            self.fault(key, "it is needed here");
        }
    }

    /// Something is wrong that no single value shows.
    pub(super) fn fault(&mut self, key: &str, what: impl Into<String>) {
        self.faults.add(format!("{}{key}", self.place), what);
    }

    /// The key's value, or the default where it is not set.
    pub(super) fn or<T>(&mut self, key: &'static str, default: T, parse: impl Fn(&str) -> Result<T, String>) -> T {
        self.optional(key, parse).unwrap_or(default)
    }

    /// The key's value, where it is set.
    pub(super) fn optional<T>(&mut self, key: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        self.take(key, |_, text| parse(text))
    }

    /// The key's value as a path. In a file it stands relative to the file, so that it means the same wherever the
    /// rig is started.
    pub(super) fn optional_path(
        &mut self,
        key: &'static str,
        check: impl Fn(&Path) -> Result<(), String>,
    ) -> Option<PathBuf> {
        let folder = self.folder.clone();
        self.take(key, |from_file, text| {
            let path = if from_file { folder.join(text) } else { PathBuf::from(text) };
            let path = std::path::absolute(&path).map_err(|error| format!("`{text}` is no path: {error}"))?;
            check(&path).map(|()| path)
        })
    }

    fn take<T>(&mut self, key: &'static str, parse: impl FnOnce(bool, &str) -> Result<T, String>) -> Option<T> {
        self.known.push(key);
        let value = self.said.remove(key)?;
        let at = self.at(key, &value);
        let parsed = match text(&value) {
            Some(text) => parse(is_from_file(&value), &text),
            None => Err("a single value is needed here".to_owned()),
        };
        parsed.map_err(|what| self.faults.add(at, what)).ok()
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> Vec<String> {
        self.said.keys().cloned().collect()
    }

    #[cfg(test)]
    pub(super) fn known(&self) -> &[&'static str] {
        &self.known
    }

    /// What is wrong; whatever nobody took is unknown.
    pub(super) fn finish(mut self) -> Faults {
        for (key, value) in &self.said {
            let what = unknown(key, &self.known);
            let at = self.at(key, value);
            self.faults.add(at, what);
        }
        self.faults
    }

    fn at(&self, key: &str, value: &Value) -> String {
        format!("{}{}", self.place, describe(key, value))
    }
}

/// Sections into dotted keys. An empty section is nothing; a value where a section belongs is an unknown key.
fn flatten(prefix: &str, value: Value, into: &mut BTreeMap<String, Value>) {
    match value.kind {
        ValueKind::Table(table) => {
            for (key, value) in table {
                let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
                flatten(&key, value, into);
            }
        }
        ValueKind::Nil => {}
        _ => {
            into.insert(prefix.to_owned(), value);
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match &value.kind {
        ValueKind::Table(_) | ValueKind::Array(_) | ValueKind::Nil => None,
        _ => value.clone().into_string().ok(),
    }
}

fn is_from_file(value: &Value) -> bool {
    value.origin().is_some_and(|origin| Path::new(origin).extension().is_some())
}

fn describe(key: &str, value: &Value) -> String {
    match value.origin() {
        Some(file) if is_from_file(value) => format!("{key} ({file})"),
        _ => format!("{key} ({})", environment::variable(key)),
    }
}

fn unknown(key: &str, known: &[&str]) -> String {
    let likeness = |other: &str| sorensen_dice(key, other);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|near| likeness(near) > 0.6) {
        Some(near) => format!("there is no such key; is `{near}` meant?"),
        None => format!("there is no such key; the keys are {}", known.join(", ")),
    }
}
