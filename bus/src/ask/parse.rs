//! What a person's words ask for. Pure; the one place where words become an order.
//!
//! An order is the whole message, or stands behind an address (`@conductor-e …`, `/rig …`) that begins a line. What is
//! only shown, as code or a quote, orders nothing; neither does "hold on, I think …", since something stands behind the
//! word that does not belong to the order. Of several addresses the first counts.

mod near;
mod verb;

use self::verb::Verb;
use super::{
    Ask, Order, Which,
    prose::{self, HIDDEN},
};
use crate::number::IssueNumber;

/// Who is addressed by name.
const NAME: &str = "@conductor-e";

/// Who is addressed by command.
const COMMAND: &str = "/rig";

/// How much of what was typed is told back, in characters.
const LONGEST: usize = 60;

/// What words are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Parsed {
    /// An order or a question.
    Ask(Ask),
    /// Almost one: "Did you mean `retry`?".
    Near {
        /// What was typed.
        word: String,
        /// What may have been meant.
        meant: String,
    },
    /// Words for others.
    None,
}

/// What these words ask for.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let text = text.trim();
    let said = prose::said(text);
    let words = Words { typed: text, said: &said };
    match addressed(words) {
        Some((address, words)) => order(address, words),
        None => order(Address::None, words),
    }
}

/// What these words ask for where people talk with each other: only what is addressed is an order there.
#[must_use]
pub fn parse_addressed(text: &str) -> Parsed {
    let said = prose::said(text);
    addressed(Words { typed: text, said: &said }).map_or(Parsed::None, |(address, words)| order(address, words))
}

/// Whether it is said to us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Address {
    /// By `/rig`: nobody else is meant.
    Command,
    /// By our name.
    Name,
    /// Not at all: only the whole message can be an order.
    None,
}

/// Words as they were typed, and as far as they are said. Both are of the same length.
#[derive(Clone, Copy, Debug)]
struct Words<'a> {
    typed: &'a str,
    said: &'a str,
}

impl<'a> Words<'a> {
    fn from(self, at: usize) -> Self {
        Self { typed: self.typed.get(at..).unwrap_or_default(), said: self.said.get(at..).unwrap_or_default() }
    }

    /// The first word, and what stands behind it.
    fn split(self) -> (&'a str, Self) {
        let start = self.said.len() - self.said.trim_start().len();
        let from = self.from(start);
        let end = from.said.find(char::is_whitespace).unwrap_or(from.said.len());
        (from.said.get(..end).unwrap_or_default(), from.from(end))
    }

    /// What stands on the line.
    fn line(self) -> &'a str {
        self.said.lines().next().unwrap_or_default()
    }

    fn text(self) -> String {
        self.typed.trim().to_owned()
    }
}

/// What stands behind the first address.
fn addressed(words: Words<'_>) -> Option<(Address, Words<'_>)> {
    let mut at = 0;
    for line in words.said.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start().len();
        if let Some((address, length)) = address(line.trim_start()) {
            return Some((address, words.from(start + length)));
        }
        at += line.len();
    }
    None
}

/// The address that a line begins with, and its length.
fn address(line: &str) -> Option<(Address, usize)> {
    let ends = |at: usize, marks: &[char]| {
        line.get(at..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace) || rest.starts_with(marks))
    };
    if begins(line, COMMAND) && ends(COMMAND.len(), &[]) {
        return Some((Address::Command, COMMAND.len()));
    }
    let marks = line.get(NAME.len()..).map_or(0, |rest| rest.len() - rest.trim_start_matches([',', ':']).len());
    (begins(line, NAME) && ends(NAME.len(), &[',', ':'])).then_some((Address::Name, NAME.len() + marks))
}

fn begins(line: &str, with: &str) -> bool {
    line.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

fn order(address: Address, words: Words<'_>) -> Parsed {
    let (word, rest) = words.split();
    let word = word.trim_end_matches(is_mark);
    if word.is_empty() && address != Address::None && words.line().trim().is_empty() {
        return Parsed::Ask(Ask::Help);
    }
    // Behind an address an order ends with its line; a whole message is the order, or none.
    let tail = if address == Address::None { rest.said } else { rest.line() };
    let tail = tail.trim().trim_end_matches(is_mark).trim_end();
    match Verb::named(word) {
        Some(verb) => ask(verb, address, rest, tail).unwrap_or_else(|meant| misfit(address, words, meant)),
        None => near::near(address, word, tail),
    }
}

const fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | ',' | ':' | ';' | '!' | '?' | '…')
}

/// A word of ours with something behind it that does not belong to it: said to us, it is asked back.
fn misfit(address: Address, words: Words<'_>, meant: Meant) -> Parsed {
    match meant {
        Meant::Said(meant) => near(words.line(), meant),
        Meant::Perhaps(meant) if address != Address::None => near(words.line(), meant),
        Meant::Perhaps(_) => Parsed::None,
    }
}

/// What may have been meant by words that are no order.
enum Meant {
    /// Surely something for us.
    Said(String),
    /// It may be the beginning of any sentence.
    Perhaps(String),
}

fn near(word: &str, meant: String) -> Parsed {
    Parsed::Near { word: word.trim().chars().filter(|letter| *letter != HIDDEN).take(LONGEST).collect(), meant }
}

fn ask(verb: Verb, address: Address, rest: Words<'_>, tail: &str) -> Result<Parsed, Meant> {
    let asked = match verb {
        Verb::File => file(rest)?,
        Verb::Reject => reject(address, rest)?,
        Verb::Land => land(rest)?,
        Verb::Alone(_, ask) if tail.is_empty() => ask,
        Verb::About(_, order) if tail.is_empty() => Ask::Item(Which::default(), order),
        Verb::About(name, order) => {
            Ask::Item(Which::named(tail).ok_or_else(|| Meant::Perhaps(name.to_owned()))?, order)
        }
        Verb::Alone(name, _) => return Err(Meant::Perhaps(name.to_owned())),
    };
    Ok(Parsed::Ask(asked))
}

/// `file Add a dark mode`: everything behind the word, its code and quotes too.
fn file(rest: Words<'_>) -> Result<Ask, Meant> {
    let text = rest.text();
    if text.is_empty() { Err(Meant::Perhaps("file …".to_owned())) } else { Ok(Ask::File(text)) }
}

/// `reject`, `reject #3 the button is gone`, `reject because …`. Without an address and an item it may be the beginning
/// of any sentence; a bare number in front of words may be an item's or belong to them.
fn reject(address: Address, rest: Words<'_>) -> Result<Ask, Meant> {
    let (first, reason) = rest.split();
    let why = |reason: Words<'_>| Order::Reject(without_because(reason).unwrap_or(reason).text());
    let bare = first.trim_end_matches(is_mark);
    match Which::named(bare) {
        Some(_) if is_number(bare) && !reason.text().is_empty() => Err(Meant::Said(format!("reject #{bare} …"))),
        Some(which) => Ok(Ask::Item(which, why(reason))),
        None if rest.text().is_empty() || without_because(rest).is_some() || address != Address::None => {
            Ok(Ask::Item(Which::default(), why(rest)))
        }
        None => Err(Meant::Perhaps("reject because …".to_owned())),
    }
}

/// `land #3 because …`. Without a reason it is an order all the same, and is asked for one.
fn land(rest: Words<'_>) -> Result<Ask, Meant> {
    let (first, behind) = rest.split();
    let (which, reason) = match Which::named(first.trim_end_matches(is_mark)) {
        Some(which) => (which, behind),
        None => (Which::default(), rest),
    };
    let reason = match without_because(reason) {
        Some(reason) => reason.text(),
        None if reason.typed.trim().trim_end_matches(is_mark).is_empty() => String::new(),
        None => return Err(Meant::Perhaps(land_because(&which))),
    };
    Ok(Ask::Item(which, Order::Land(reason)))
}

fn land_because(which: &Which) -> String {
    let which = which.to_string();
    let space = if which.is_empty() { "" } else { " " };
    format!("land{space}{which} because …")
}

/// What stands behind a `because`.
fn without_because(words: Words<'_>) -> Option<Words<'_>> {
    let (word, reason) = words.split();
    word.trim_end_matches(is_mark).eq_ignore_ascii_case("because").then_some(reason)
}

impl Which {
    /// An item as people name it: `#12`, `12`, `acme/site#12`; or by its pull request, `!12`, since GitHub counts both
    /// together.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let (repository, number) = text.rsplit_once(['#', '!']).unwrap_or(("", text));
        let issue = Some(number).filter(|number| is_number(number))?.parse().ok().filter(|number| *number > 0)?;
        let repository = if repository.is_empty() { None } else { Some(repository_named(repository)?) };
        Some(Self { repository, issue: Some(IssueNumber(issue)) })
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn repository_named(text: &str) -> Option<String> {
    let (owner, name) = text.split_once('/')?;
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    (is_name(owner) && is_name(name)).then(|| text.to_lowercase())
}

#[cfg(test)]
mod tests;
