//! What people see: narration on stderr, results on stdout, colour only where it is wanted.
//!
//! `NO_COLOR`, `TERM=dumb` and pipes are heeded by `anstream`. Text from outside passes [`clean`] first: a title may
//! hold control characters that would move the cursor or rewrite what stands above.

use std::{
    borrow::Cow,
    io::{self, Write as _},
};

use anstyle::{AnsiColor, Style};
use time::OffsetDateTime;

use crate::{exit::Failure, local_time::LocalTime};

/// Something good: ready, done, back.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Something wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// Something that wants attention.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// A name one looks for: a role, a speaker, a subject.
pub(crate) const NAME: Style = Style::new().bold();
/// An agent's name: what it says is a claim.
pub(crate) const AGENT: Style = AnsiColor::Cyan.on_default();
/// What is there to be passed over.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Says one line to the person, on stderr. A screen that is gone is nobody's failure.
pub(crate) fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Says what just happened, with the time of the day, on stderr.
pub(crate) fn event(line: &str) {
    say(&format!("  {FAINT}{}{FAINT:#}  {line}", LocalTime::of(now()).seconds()));
}

#[expect(clippy::disallowed_methods, reason = "a line on the screen has the time at which it was written")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Prints one line of the command's result, on stdout.
///
/// # Errors
/// When nobody reads any more (`rig tail | head`): the command ends in peace, with code 0.
pub(crate) fn print(line: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(unread)
}

/// What an error in writing to stdout means: nobody reads any more, or worse.
pub(crate) fn unread(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::unread();
    }
    Failure::failed("the result cannot be written to stdout").because(error)
}

/// Says why a command did not do what it was asked for.
pub(crate) fn failure(sentence: &str, advice: Option<&str>) {
    say(&format!("{BAD}rig:{BAD:#} {sentence}"));
    for line in advice.into_iter().flat_map(str::lines) {
        say(&format!("     {line}"));
    }
}

/// Text from outside, made harmless for a terminal: control characters become `\u{…}`, tabs and line ends stay.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().flat_map(Shown::of).collect())
}

/// As [`clean`], in one line: line ends and tabs become spaces.
pub(crate) fn clean_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ")
}

fn is_harmless(c: char) -> bool {
    matches!(c, '\n' | '\t') || !(c.is_control() || is_bidirectional(c))
}

/// Characters that turn the reading direction, with which a text can be made to look like another.
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

enum Shown {
    AsIs(Option<char>),
    Escaped(std::char::EscapeUnicode),
}

impl Shown {
    fn of(c: char) -> Self {
        if is_harmless(c) { Self::AsIs(Some(c)) } else { Self::Escaped(c.escape_unicode()) }
    }
}

impl Iterator for Shown {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::AsIs(c) => c.take(),
            Self::Escaped(escape) => escape.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_command_the_terminal() {
        assert_eq!(clean("plain, ünï, 👀\n\tnext"), "plain, ünï, 👀\n\tnext");
        assert_eq!(clean("a\u{1b}[2Jb\rc\u{9b}"), "a\\u{1b}[2Jb\\u{d}c\\u{9b}");
        assert_eq!(clean("\u{202e}evil"), "\\u{202e}evil");
        assert_eq!(clean_line("two\nlines"), "two lines");
    }
}
