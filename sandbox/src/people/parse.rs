//! From `[[script]]` to acts.

use std::time::Duration;

use toml::Value;

use super::{
    Act, Close, Comment, Deed, File, Label, Merge, On, Open, Push, Rename, Reopen, Revert, Review, Verdict, Way, names,
};
use crate::workflow::table::{Reader, table, text, texts, truth};

const MOST: usize = 10_000;
const MOST_FILES: usize = 100;
const LONGEST: Duration = Duration::from_secs(24 * 3600);
const DEEDS: [&str; 11] =
    ["file", "comment", "label", "close", "reopen", "rename", "push", "open", "review", "merge", "revert"];

/// The acts of a script: by these persons, in these repositories.
pub(crate) fn acts(
    reader: &mut Reader<'_>,
    person: impl Fn(String) -> Result<String, String>,
    repositories: &[String],
) -> Vec<Act> {
    let only = match repositories {
        [only] => Some(only.as_str()),
        _ => None,
    };
    let mut acts = reader.each("script", |reader| act(reader, &person, only));
    if acts.len() > MOST {
        reader.fault(Some("script"), format!("there are {} acts, and may be {MOST}", acts.len()));
    }
    acts.sort_by_key(|act| act.at);
    for sentence in names::faults(&acts, repositories) {
        reader.fault(Some("script"), sentence);
    }
    acts
}

fn act(reader: &mut Reader<'_>, person: &impl Fn(String) -> Result<String, String>, only: Option<&str>) -> Option<Act> {
    let at = reader.optional("at", |value| moment(&text(value)?)).unwrap_or_default();
    let who = reader.required("who", |value| person(text(value)?));
    let repository = reader.optional("in", text).or_else(|| only.map(ToOwned::to_owned));
    if repository.is_none() {
        reader.fault(Some("in"), "say in which repository: there is not exactly one".into());
    }
    let deed = deed(reader);
    reader.finish(&format!("at, who, in and one of {}", DEEDS.join(", ")));
    Some(Act { at, who: who?, repository: repository?, deed: deed? })
}

fn deed(reader: &mut Reader<'_>) -> Option<Deed> {
    let said: Vec<&str> = DEEDS.into_iter().filter(|deed| reader.has(deed)).collect();
    let [word] = said[..] else {
        let sentence = if said.is_empty() { "nothing is done" } else { "one act is one deed" };
        said.iter().for_each(|deed| drop(reader.optional(deed, Ok)));
        reader.fault(None, format!("{sentence}; write one of {}", DEEDS.join(", ")));
        return None;
    };
    let mut inside = reader.within(word)?;
    let reader = &mut inside;
    match word {
        "file" => file(reader).map(Deed::File),
        "comment" => comment(reader).map(Deed::Comment),
        "label" => label(reader).map(Deed::Label),
        "close" => close(reader).map(Deed::Close),
        "reopen" => reopen(reader).map(Deed::Reopen),
        "rename" => rename(reader).map(Deed::Rename),
        "push" => push(reader).map(Deed::Push),
        "open" => open(reader).map(Deed::Open),
        "review" => review(reader).map(Deed::Review),
        "merge" => merge(reader).map(Deed::Merge),
        _ => revert(reader).map(Deed::Revert),
    }
}

fn file(reader: &mut Reader<'_>) -> Option<File> {
    let (name, title) = (reader.optional("as", said), reader.required("title", said));
    let (body, labels) = (reader.optional("body", text), reader.optional("labels", texts).unwrap_or_default());
    reader.finish("as, title, body and labels");
    Some(File { name, title: title?, body, labels })
}

fn comment(reader: &mut Reader<'_>) -> Option<Comment> {
    let (on, body) = (reader.required("on", on), reader.required("body", said));
    reader.finish("on and body");
    Some(Comment { on: on?, body: body? })
}

fn label(reader: &mut Reader<'_>) -> Option<Label> {
    let on = reader.required("on", on);
    let [add, remove] = ["add", "remove"].map(|key| reader.optional(key, texts).unwrap_or_default());
    if add.is_empty() && remove.is_empty() {
        reader.fault(None, "nothing changes; name labels to add or to remove".into());
    }
    reader.finish("on, add and remove");
    Some(Label { on: on?, add, remove })
}

fn close(reader: &mut Reader<'_>) -> Option<Close> {
    let on = reader.required("on", on);
    let reason = reader.optional("reason", |value| one_of(value, &["completed", "not_planned", "duplicate"]));
    reader.finish("on and reason");
    Some(Close { on: on?, reason })
}

fn reopen(reader: &mut Reader<'_>) -> Option<Reopen> {
    let on = reader.required("on", on);
    reader.finish("on");
    Some(Reopen { on: on? })
}

fn rename(reader: &mut Reader<'_>) -> Option<Rename> {
    let renamed = match (reader.has("on"), reader.has("repository")) {
        (true, false) => {
            let (on, title) = (reader.required("on", on), reader.required("title", said));
            on.zip(title).map(|(on, title)| Rename::Title(on, title))
        }
        (false, true) => reader.optional("repository", said).map(Rename::Repository),
        _ => {
            reader.fault(None, "write on and title, or repository and its new name".into());
            ["on", "title", "repository"].iter().for_each(|key| drop(reader.optional(key, Ok)));
            None
        }
    };
    reader.finish("on and title, or repository");
    renamed
}

fn push(reader: &mut Reader<'_>) -> Option<Push> {
    let branch = reader.required("branch", said);
    let from = reader.optional("from", said).unwrap_or_else(|| "main".to_owned());
    let (message, files) = (reader.required("message", said), reader.required("files", files));
    reader.finish("branch, from, message and files");
    Some(Push { branch: branch?, from, message: message?, files: files? })
}

fn open(reader: &mut Reader<'_>) -> Option<Open> {
    let (name, title) = (reader.optional("as", said), reader.required("title", said));
    let (body, head) = (reader.optional("body", text), reader.required("head", said));
    let base = reader.optional("base", said).unwrap_or_else(|| "main".to_owned());
    let draft = reader.optional("draft", truth).unwrap_or_default();
    reader.finish("as, title, body, head, base and draft");
    Some(Open { name, title: title?, body, head: head?, base, draft })
}

fn review(reader: &mut Reader<'_>) -> Option<Review> {
    let on = reader.required("on", on);
    let verdict = reader.required("verdict", |value| {
        Ok(match one_of(value, &["approve", "request_changes", "comment"])?.as_str() {
            "approve" => Verdict::Approve,
            "request_changes" => Verdict::RequestChanges,
            _ => Verdict::Comment,
        })
    });
    let body = reader.optional("body", said);
    if body.is_none() && verdict.is_some_and(|verdict| verdict != Verdict::Approve) {
        reader.fault(Some("body"), "GitHub takes only an approval without words".into());
    }
    reader.finish("on, verdict and body");
    Some(Review { on: on?, verdict: verdict?, body })
}

fn merge(reader: &mut Reader<'_>) -> Option<Merge> {
    let on = reader.required("on", on);
    let way = reader.optional("by", |value| {
        Ok(match one_of(value, &["merge", "squash", "rebase"])?.as_str() {
            "merge" => Way::Merge,
            "squash" => Way::Squash,
            _ => Way::Rebase,
        })
    });
    reader.finish("on and by");
    Some(Merge { on: on?, way: way.unwrap_or(Way::Squash) })
}

fn revert(reader: &mut Reader<'_>) -> Option<Revert> {
    let branch = reader.optional("branch", said).unwrap_or_else(|| "main".to_owned());
    let message = reader.optional("message", said);
    reader.finish("branch and message");
    Some(Revert { branch, message })
}

fn said(value: Value) -> Result<String, String> {
    let text = text(value)?;
    if text.trim().is_empty() { Err("this says nothing".into()) } else { Ok(text) }
}

fn one_of(value: Value, words: &[&str]) -> Result<String, String> {
    let word = text(value)?;
    match words.contains(&word.as_str()) {
        true => Ok(word),
        false => Err(format!("{word:?} is unknown; there are {}", words.join(", "))),
    }
}

fn on(value: Value) -> Result<On, String> {
    match value {
        Value::Integer(number) => match u64::try_from(number) {
            Ok(number) if number > 0 => Ok(On::Number(number)),
            _ => Err(format!("{number} is no number of an issue or pull request")),
        },
        other => said(other).map(On::Name),
    }
}

/// Text is a file's new content; `false` removes it.
fn files(value: Value) -> Result<std::collections::BTreeMap<String, Option<String>>, String> {
    let files = table(value)?;
    if files.is_empty() || files.len() > MOST_FILES {
        return Err(format!("a push changes 1 to {MOST_FILES} files, and this one {}", files.len()));
    }
    let one = |(path, value): (String, Value)| match value {
        Value::Boolean(false) => Ok((path, None)),
        Value::String(content) => Ok((path, Some(content))),
        _ => Err(format!("{path}: this must be the file's content in quotes, or false where it is to go")),
    };
    files.into_iter().map(one).collect()
}

/// `250ms`, `2s`, `1m`.
fn moment(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
    let read = units.into_iter().find_map(|(unit, millis)| {
        let number = text.strip_suffix(unit)?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = digits.then_some(number)?.parse().ok()?;
        Some(Duration::from_millis(number.checked_mul(millis)?))
    });
    let sentence = || format!("{text:?} is no moment of a script; write one like \"2s\" or \"250ms\", at most a day");
    read.filter(|moment| *moment <= LONGEST).ok_or_else(sentence)
}
