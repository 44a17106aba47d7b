//! How each deed is done.

use std::collections::BTreeMap;

use http::Method;
use serde::Serialize;
use serde_json::Value;

use super::{
    Act, Close, Comment, Deed, File, Label, Merge, On, Open, Rename, Reopen, Review,
    tape::{NOTHING, Pause, Tape},
};

/// The numbers of what acts have named, by repository and name.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(BTreeMap<(String, String), u64>);

impl Known {
    fn number(&self, act: &Act, on: &On) -> Result<u64, Pause> {
        match on {
            On::Number(number) => Ok(*number),
            On::Name(name) => {
                let key = (act.repository.clone(), name.clone());
                self.0.get(&key).copied().ok_or_else(|| Pause::Failed(format!("{name:?} has not come to be")))
            }
        }
    }

    fn learn(&mut self, act: &Act, name: Option<&String>, answer: &Value) -> Result<u64, Pause> {
        let number = answer["number"].as_u64().ok_or_else(|| Pause::Failed("the answer has no number".into()))?;
        if let Some(name) = name {
            self.0.insert((act.repository.clone(), name.clone()), number);
        }
        Ok(number)
    }

    /// What was named in a repository is known there under its new name.
    fn follow(&mut self, from: &str, to: &str) {
        let of = |(repository, _): &(String, String)| repository == from;
        let moved: Vec<_> = self.0.extract_if(.., |key, _| of(key)).collect();
        self.0.extend(moved.into_iter().map(|((_, name), number)| ((to.to_owned(), name), number)));
    }
}

/// What is said of an issue or a pull request; what is not said stays.
#[derive(Default, Serialize)]
struct Said<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_reason: Option<&'a str>,
}

impl Deed {
    /// Does it as far as the answers go, and says what was done.
    pub(super) fn done(&self, act: &Act, tape: &mut Tape<'_>, known: &mut Known) -> Result<String, Pause> {
        match self {
            Self::File(file) => file.done(act, tape, known),
            Self::Comment(Comment { on, body }) => {
                let number = known.number(act, on)?;
                let said = Said { body: Some(body), ..Said::default() };
                tape.ask(Method::POST, &format!("/issues/{number}/comments"), Some(said))?;
                Ok(format!("comments on #{number}: {}", first_line(body)))
            }
            Self::Label(label) => label.done(known.number(act, &label.on)?, tape),
            Self::Close(Close { on, reason }) => {
                let said = Said { state: Some("closed"), state_reason: reason.as_deref(), ..Said::default() };
                change(known.number(act, on)?, "closes", said, tape)
            }
            Self::Reopen(Reopen { on }) => {
                let said = Said { state: Some("open"), ..Said::default() };
                change(known.number(act, on)?, "reopens", said, tape)
            }
            Self::Rename(Rename::Title(on, title)) => {
                let said = Said { title: Some(title), ..Said::default() };
                change(known.number(act, on)?, "renames", said, tape)
            }
            Self::Rename(Rename::Repository(name)) => rename(act, name, tape, known),
            Self::Push(push) => push.done(tape),
            Self::Open(open) => open.done(act, tape, known),
            Self::Review(review) => review.done(known.number(act, &review.on)?, tape),
            Self::Merge(merge) => merge.done(known.number(act, &merge.on)?, tape),
            Self::Revert(revert) => revert.done(tape),
        }
    }
}

fn change(number: u64, verb: &str, said: Said<'_>, tape: &mut Tape<'_>) -> Result<String, Pause> {
    let answer = tape.ask(Method::PATCH, &format!("/issues/{number}"), Some(said))?;
    Ok(format!("{verb} #{number} {}", title(answer)))
}

fn rename(act: &Act, name: &str, tape: &mut Tape<'_>, known: &mut Known) -> Result<String, Pause> {
    #[derive(Serialize)]
    struct New<'a> {
        name: &'a str,
    }
    let answer = tape.ask(Method::PATCH, "", Some(New { name }))?;
    let full_name = super::tape::text(answer, "/full_name")?;
    known.follow(&act.repository, full_name);
    Ok(format!("renames the repository to {full_name}"))
}

impl File {
    fn done(&self, act: &Act, tape: &mut Tape<'_>, known: &mut Known) -> Result<String, Pause> {
        let labels = (!self.labels.is_empty()).then_some(self.labels.as_slice());
        let said = Said { title: Some(&self.title), body: self.body.as_deref(), labels, ..Said::default() };
        let answer = tape.ask(Method::POST, "/issues", Some(said))?;
        let number = known.learn(act, self.name.as_ref(), answer)?;
        Ok(format!("files #{number} {}", self.title))
    }
}

impl Label {
    /// The whole list is written, so that one request changes it, and nobody hears of what stays.
    fn done(&self, number: u64, tape: &mut Tape<'_>) -> Result<String, Pause> {
        let path = format!("/issues/{number}");
        let issue = tape.ask(Method::GET, &path, NOTHING)?;
        let there = issue["labels"].as_array().into_iter().flatten().filter_map(|label| label["name"].as_str());
        let is = |name: &str, other: &String| other.eq_ignore_ascii_case(name);
        let stays = there.filter(|name| !self.remove.iter().chain(&self.add).any(|other| is(name, other)));
        let labels: Vec<String> = stays.map(ToOwned::to_owned).chain(self.add.iter().cloned()).collect();
        tape.ask(Method::PATCH, &path, Some(Said { labels: Some(&labels), ..Said::default() }))?;
        let added = self.add.iter().map(|label| format!("+{label}"));
        let removed = self.remove.iter().map(|label| format!("-{label}"));
        Ok(format!("labels #{number} {}", added.chain(removed).collect::<Vec<_>>().join(" ")))
    }
}

impl Open {
    fn done(&self, act: &Act, tape: &mut Tape<'_>, known: &mut Known) -> Result<String, Pause> {
        #[derive(Serialize)]
        struct New<'a> {
            title: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            body: Option<&'a str>,
            head: &'a str,
            base: &'a str,
            draft: bool,
        }
        let Self { name, title, body, head, base, draft } = self;
        let new = New { title, body: body.as_deref(), head, base, draft: *draft };
        let answer = tape.ask(Method::POST, "/pulls", Some(new))?;
        let number = known.learn(act, name.as_ref(), answer)?;
        Ok(format!("opens #{number} {title}, {head} into {base}"))
    }
}

impl Review {
    fn done(&self, number: u64, tape: &mut Tape<'_>) -> Result<String, Pause> {
        #[derive(Serialize)]
        struct New<'a> {
            event: super::Verdict,
            #[serde(skip_serializing_if = "Option::is_none")]
            body: Option<&'a str>,
        }
        let new = New { event: self.verdict, body: self.body.as_deref() };
        tape.ask(Method::POST, &format!("/pulls/{number}/reviews"), Some(new))?;
        let verdict = match self.verdict {
            super::Verdict::Approve => "approves",
            super::Verdict::RequestChanges => "wants changes in",
            super::Verdict::Comment => "has looked at",
        };
        Ok(format!("{verdict} #{number}"))
    }
}

impl Merge {
    fn done(&self, number: u64, tape: &mut Tape<'_>) -> Result<String, Pause> {
        #[derive(Serialize)]
        struct How {
            merge_method: super::Way,
        }
        let answer = tape.ask(Method::PUT, &format!("/pulls/{number}/merge"), Some(How { merge_method: self.way }))?;
        let sha = super::tape::text(answer, "/sha")?;
        Ok(format!("merges #{number} as {}", short(sha)))
    }
}

/// A commit as people read it.
pub(super) fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}

fn title(answer: &Value) -> &str {
    answer["title"].as_str().unwrap_or_default()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
