//! From text to a [`Workflow`], or to everything that is wrong with it.

use std::{collections::BTreeMap, time::Duration};

use toml::{Table, Value};

use super::{
    Check, Concurrency, Event, Fault, Faults, Script, Trigger, Workflow, needs, period,
    table::{self, Reader, table, text, texts},
};

const LARGEST: usize = 64 * 1024;
const MOST_CHECKS: usize = 50;
const LONGEST_NAME: usize = 100;
const LONGEST_TIMEOUT: Duration = Duration::from_secs(6 * 3600);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10 * 60);
const KEYS: &str = "run, shell, on, every, timeout, concurrency, env and needs";

/// Reads a declaration.
///
/// # Errors
///
/// Every fault that it has. Text that is not TOML has one, the first.
pub fn parse(text: &str) -> Result<Workflow, Faults> {
    let mut faults = Vec::new();
    let checks = match document(text) {
        Ok(document) => checks(document, &mut faults),
        Err(fault) => return Err(Faults(vec![fault])),
    };
    if faults.is_empty() { Ok(Workflow { checks }) } else { Err(Faults(faults)) }
}

fn document(text: &str) -> Result<Table, Fault> {
    if text.len() > LARGEST {
        let sentence = format!("the file has {} bytes, and may have {LARGEST}; move the scripts out of it", text.len());
        return Err(Fault { place: "the file".into(), sentence });
    }
    table::document(text)
}

fn checks(document: Table, faults: &mut Vec<Fault>) -> Vec<Check> {
    let mut reader = Reader::new(String::new(), document, faults);
    let declared = reader.optional("check", table).unwrap_or_default();
    if declared.len() > MOST_CHECKS {
        reader.fault(Some("check"), format!("there are {} checks, and may be {MOST_CHECKS}", declared.len()));
    }
    reader.finish("tables [check.NAME] alone");
    let names = declared.keys().cloned().collect();
    let checks = declared.into_iter().filter_map(|(name, value)| check(name, value, faults)).collect();
    needs::in_order(checks, &names, faults)
}

fn check(name: String, value: Value, faults: &mut Vec<Fault>) -> Option<Check> {
    let place = format!("check.{name}");
    let declared = table(value).map_err(|sentence| faults.push(Fault { place: place.clone(), sentence })).ok()?;
    let mut reader = Reader::new(place, declared, faults);
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        reader.fault(None, format!("a check's name has 1 to {LONGEST_NAME} characters, none of them a control"));
    }
    let text = reader.required("run", script);
    let shell = reader.optional("shell", program).unwrap_or_else(|| "sh".into());
    let on = triggers(&mut reader);
    let timeout = reader.optional("timeout", timeout).unwrap_or(DEFAULT_TIMEOUT);
    let concurrency = reader.optional("concurrency", concurrency).unwrap_or(Concurrency::Unlimited);
    let environment = reader.optional("env", environment).unwrap_or_default();
    let needs = reader.optional("needs", texts).unwrap_or_default();
    reader.finish(KEYS);
    Some(Check { name, script: Script { shell, text: text? }, on: on?, timeout, concurrency, environment, needs })
}

/// `on` and `every` belong together: a schedule without a length, or a length without a schedule, says nothing.
fn triggers(reader: &mut Reader<'_>) -> Option<Vec<Trigger>> {
    let on = reader.required("on", events);
    let declared = reader.has("every");
    let every = reader.optional("every", |value| period::parse(&text(value)?));
    let on = on?;
    match (on.contains(&Event::Schedule), declared) {
        (true, false) => reader.fault(None, "a schedule needs every, as in every = \"1h\"".into()),
        (false, true) => reader.fault(Some("every"), "every is for a schedule; add \"schedule\" to on".into()),
        (true, true) | (false, false) => {}
    }
    let trigger = |event| match event {
        Event::Push => Some(Trigger::Push),
        Event::PullRequest => Some(Trigger::PullRequest),
        Event::Schedule => every.map(Trigger::Every),
    };
    Some(on.into_iter().filter_map(trigger).collect())
}

fn events(value: Value) -> Result<Vec<Event>, String> {
    let words = texts(value)?;
    if words.is_empty() {
        return Err("on names at least one of push, pull_request and schedule".into());
    }
    words.iter().map(|word| event(word)).collect()
}

fn event(word: &str) -> Result<Event, String> {
    let found = Event::ALL.into_iter().find(|event| event.as_str() == word);
    found.ok_or_else(|| format!("{word:?} starts nothing; there are push, pull_request and schedule"))
}

fn script(value: Value) -> Result<String, String> {
    let text = text(value)?;
    if text.trim().is_empty() { Err("there is nothing to run".into()) } else { Ok(text) }
}

fn program(value: Value) -> Result<String, String> {
    let name = text(value)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-');
    let lawful = name.bytes().all(plain) && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
    if lawful { Ok(name) } else { Err(format!("{name:?} is no name of a program, such as sh, bash or python3")) }
}

fn timeout(value: Value) -> Result<Duration, String> {
    let timeout = period::parse(&text(value)?)?;
    if timeout > LONGEST_TIMEOUT { Err("a run may take at most 6h".into()) } else { Ok(timeout) }
}

fn concurrency(value: Value) -> Result<Concurrency, String> {
    match text(value)?.as_str() {
        "unlimited" => Ok(Concurrency::Unlimited),
        "branch" => Ok(Concurrency::Branch),
        other => Err(format!("{other:?} is unknown; there are \"branch\" and \"unlimited\"")),
    }
}

fn environment(value: Value) -> Result<BTreeMap<String, String>, String> {
    table(value)?.into_iter().map(|(name, value)| variable(name, value)).collect()
}

fn variable(name: String, value: Value) -> Result<(String, String), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) || !name.bytes().all(plain) {
        return Err(format!("{name:?} is no name of a variable: letters, digits and _, not beginning with a digit"));
    }
    if matches!(name.as_str(), "CI" | "HOME" | "PATH" | "TMPDIR") || name.starts_with("CI_") {
        return Err(format!("{name} is set by the CI itself; choose another name"));
    }
    let value = text(value).map_err(|sentence| format!("{name}: {sentence}"))?;
    Ok((name, value))
}
