//! An issue, as GitHub shows it.

use bus::{catalogue::work::Prerequisite, number::IssueNumber};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::machine::fact::Issue;

/// What is known of an issue. Of its text only what decides is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownIssue {
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// Its labels, in lower case.
    pub labels: Vec<String>,
    /// What has to be done first.
    pub depends: Vec<Prerequisite>,
    /// Whether it says enough to begin.
    pub says_enough: bool,
    /// A digest of title and text: another one is another issue.
    pub text: u64,
    /// Whether it is open.
    pub open: bool,
    /// When GitHub last changed it.
    pub updated_at: OffsetDateTime,
    /// Who made it so, where that was told.
    pub by: Option<String>,
}

/// Words without which nobody can know what is wanted.
const FEWEST_WORDS: usize = 3;

impl KnownIssue {
    /// What is kept of an issue of this repository.
    #[must_use]
    pub fn of(issue: &Issue, repository: &str) -> Self {
        let words = issue.title.split_whitespace().chain(issue.body.split_whitespace()).take(FEWEST_WORDS).count();
        Self {
            title: issue.title.clone(),
            author: issue.author.clone(),
            labels: issue.labels.iter().map(|label| label.to_lowercase()).collect(),
            depends: prerequisites(&issue.body, repository),
            says_enough: words == FEWEST_WORDS,
            text: digest(&[&issue.title, &issue.body]),
            open: issue.open,
            updated_at: issue.updated_at,
            by: issue.by.clone(),
        }
    }

    /// Whether it has a label.
    #[must_use]
    pub fn has(&self, label: &str) -> bool {
        self.labels.iter().any(|known| known.eq_ignore_ascii_case(label))
    }

    /// The title as it is compared: letters and digits, in lower case.
    #[must_use]
    pub fn plain_title(&self) -> String {
        let plain = self.title.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' });
        plain.collect::<String>().to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// A number for a text, the same on every machine.
#[must_use]
pub fn digest(texts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The issues that a text names as to be done first: `Depends on #4`, `Depends on acme/site#4`, each on a line of its
/// own, several with commas.
fn prerequisites(text: &str, repository: &str) -> Vec<Prerequisite> {
    let mut found: Vec<_> = text.lines().filter_map(after_keyword).flat_map(|line| named(line, repository)).collect();
    found.sort();
    found.dedup();
    found
}

fn after_keyword(line: &str) -> Option<&str> {
    const KEYWORD: &str = "depends on";
    let line = line.trim().trim_start_matches(['-', '*', ' ']);
    let start = line.get(..KEYWORD.len())?;
    start.eq_ignore_ascii_case(KEYWORD).then(|| line.get(KEYWORD.len()..)).flatten()
}

fn named<'a>(line: &'a str, repository: &'a str) -> impl Iterator<Item = Prerequisite> + 'a {
    let words = line.split([',', ' ', ':']).map(str::trim).filter(|word| !word.is_empty());
    words.map_while(move |word| {
        let (place, number) = word.trim_end_matches('.').rsplit_once('#')?;
        let place = if place.is_empty() { repository } else { place };
        Some(Prerequisite { repository: place.to_lowercase(), issue: IssueNumber(number.parse().ok()?) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_done_first_is_named_on_a_line_of_its_own() {
        let text =
            "Remember it.\n\nDepends on #1\n- depends on: acme/API#12, #3.\nThis depends on #9 maybe.\nDepends on luck";
        let found: Vec<_> = prerequisites(text, "acme/hello.site")
            .into_iter()
            .map(|found| format!("{}{}", found.repository, found.issue))
            .collect();
        assert_eq!(found, ["acme/api#12", "acme/hello.site#1", "acme/hello.site#3"]);
    }

    #[test]
    fn no_line_makes_it_panic() {
        for line in ["", "é", "depends on", "depends on #", "depends oné #1", "Depends on #99999999999999999999"] {
            assert!(prerequisites(line, "a/b").is_empty(), "{line}");
        }
    }
}
