//! One question, asked until its answer makes sense. Nothing is written meanwhile, so Ctrl-C leaves nothing.

use std::io::{self, BufRead as _, IsTerminal as _};

use crate::{
    exit::Failure,
    screen::{self, FAINT, NAME},
};

/// A question, and what an answer to it has to be.
#[derive(Clone, Copy)]
pub(super) struct Question {
    words: &'static str,
    example: &'static str,
    flag: &'static str,
    fits: fn(&str) -> bool,
}

impl Question {
    pub(super) const REPOSITORY: Self =
        Self { words: "Which repository on GitHub?", example: "acme/site", flag: "--repository", fits: is_repository };
    pub(super) const OPERATOR: Self = Self {
        words: "Your login there? You are asked when nobody else is named.",
        example: "nora",
        flag: "--operator",
        fits: is_login,
    };
    pub(super) const CHECKS: Self = Self {
        words: "Which checks must be green before anything lands? With commas between.",
        example: "test, build",
        flag: "--check",
        fits: is_words,
    };

    /// The answer that was given with the command, else the person's.
    pub(super) fn answered(self, given: Option<String>) -> Result<String, Failure> {
        match given {
            Some(given) => self.checked(&given).ok_or_else(|| {
                Failure::usage(format!("`{}` does not fit {}", screen::clean_line(&given), self.flag))
                    .advice(format!("Write it like {} {}", self.flag, self.example))
            }),
            None if io::stdin().is_terminal() => self.asked(),
            None => Err(Failure::usage(format!("{} is needed where nobody can be asked", self.flag))
                .advice(format!("Write it like {} {}", self.flag, self.example))),
        }
    }

    fn asked(self) -> Result<String, Failure> {
        screen::say(&format!("{NAME}{}{NAME:#} {FAINT}as {}{FAINT:#}", self.words, self.example));
        loop {
            let mut line = String::new();
            let read = io::stdin().lock().read_line(&mut line);
            match read.map_err(|error| Failure::failed("the answer cannot be read").because(error))? {
                0 => return Err(Failure::interrupted()),
                _ => match self.checked(&line) {
                    Some(answer) => return Ok(answer),
                    None => screen::say(&format!("That does not fit; write it like {}", self.example)),
                },
            }
        }
    }

    fn checked(self, answer: &str) -> Option<String> {
        let answer = answer.trim();
        (self.fits)(answer).then(|| answer.to_owned())
    }
}

fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    text.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name))
}

fn is_login(text: &str) -> bool {
    !text.is_empty() && text.len() <= 39 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_words(text: &str) -> bool {
    let checks = text.split(',').map(str::trim);
    let one = |check: &str| !check.is_empty() && check.chars().count() <= 200 && !check.chars().any(char::is_control);
    !text.is_empty() && checks.into_iter().all(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_fits_or_does_not() {
        let fits = |question: Question, answer: &str| question.checked(answer).is_some();
        for (answer, expected) in [("acme/hello.site", true), (" a/b \n", true), ("acme", false), ("a/b/c", false)] {
            assert_eq!(fits(Question::REPOSITORY, answer), expected, "{answer}");
        }
        for (answer, expected) in [("nora", true), ("", false), ("no ra", false), ("nora[bot]", false)] {
            assert_eq!(fits(Question::OPERATOR, answer), expected, "{answer}");
        }
        for (answer, expected) in [("test", true), ("test, unit tests (linux)", true), ("", false), ("a,,b", false)] {
            assert_eq!(fits(Question::CHECKS, answer), expected, "{answer}");
        }
    }
}
