//! Closing keywords: the issues that a text says it closes.

use bus::{ask::prose, number::IssueNumber};

const KEYWORDS: [&str; 9] = ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];

/// How many issues one text can close here.
const MOST: usize = 32;

/// The issues of this repository that a text closes: `Closes #4`, `fixes: acme/site#4`. Not what stands in code, a quote
/// or a comment, as those that templates are made of.
pub(super) fn issues(text: &str, repository: &str) -> Vec<IssueNumber> {
    let said = prose::said(text);
    let mut found = Vec::new();
    let mut before = "";
    for word in said.split_whitespace() {
        let issue = Some(word).filter(|_| is_keyword(before)).and_then(|word| issue(word, repository));
        before = word;
        if let Some(issue) = issue
            && !found.contains(&issue)
        {
            found.push(issue);
        }
        if found.len() == MOST {
            break;
        }
    }
    found
}

fn is_keyword(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '[', '*', '_', '-', '"']).trim_end_matches([':', '*', '_']);
    KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

/// `#4`, `GH-4`, `acme/site#4`, or the address of its page.
fn issue(word: &str, repository: &str) -> Option<IssueNumber> {
    let word = word.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let (place, number) = apart(word)?;
    let here = place.is_empty() || place.eq_ignore_ascii_case(repository);
    number.parse().ok().map(IssueNumber).filter(|_| here)
}

fn apart(word: &str) -> Option<(&str, &str)> {
    if let Some((page, number)) = word.split_once("/issues/") {
        let (owner, _) = page.rmatch_indices('/').nth(1)?;
        return Some((page.get(owner + 1..)?, number));
    }
    let by_word = || word.strip_prefix("GH-").or_else(|| word.strip_prefix("gh-")).map(|number| ("", number));
    word.split_once('#').or_else(by_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[u64]) {
        let found: Vec<u64> = issues(text, "acme/hello.site").into_iter().map(|issue| issue.0).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn githubs_keywords_close() {
        check("Closes #1, fixes #2.\n\nResolved: acme/Hello.Site#3 (close GH-4)", &[1, 2, 3, 4]);
        check("**Fixes** #5\nfixes https://github.com/acme/hello.site/issues/6 fixes #5", &[5, 6]);
    }

    #[test]
    fn anything_else_does_not() {
        check("See #1. Closes acme/api#2. Closing #3. closes # closes closes #x closes #99999999999999999999", &[]);
        check("Closes https://github.com/acme/api/issues/6", &[]);
        check("<!-- Closes #1 -->\n`Closes #2`\n> Closes #3\n\n```\nCloses #4\n```", &[]);
    }
}
