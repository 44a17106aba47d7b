//! Other people's words, as they are put on GitHub: they call nobody, close nothing and hide nothing.
//!
//! What an agent says, a check prints or somebody writes ends up in our comments, reviews and pull requests. GitHub reads
//! `@name` as a call, `closes #1` as an order and `<!--` as the beginning of what nobody sees. Whom we call and what we
//! close the conductor decides; everywhere else a space without width keeps GitHub from reading it so, and to people the
//! words read the same.

use bus::number::IssueNumber;

/// Stands between two characters that GitHub would read together.
const APART: char = '\u{200b}';

/// What makes GitHub close an issue that is named behind it.
const CLOSING: [&str; 9] = ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];

/// What stands behind `&` where a character is written by its number, or `@` and `#` by their names.
const WRITTEN_OUT: [&str; 3] = ["#", "commat;", "num;"];

/// What the conductor chose; nothing else of the kind comes about.
#[derive(Clone, Copy, Default)]
pub(super) struct Chosen<'a> {
    /// Who is called.
    pub(super) mention: Option<&'a str>,
    /// What is closed when it lands.
    pub(super) closes: Option<IssueNumber>,
}

/// The words, by which nothing is done that was not chosen.
pub(super) fn harmless(text: &str, chosen: Chosen<'_>) -> String {
    let mut told = String::with_capacity(text.len());
    let mut before = None;
    let mut characters = text.chars();
    while let Some(here) = characters.next() {
        let rest = characters.as_str();
        told.push(here);
        if would_be_read(before, here, rest, chosen) {
            told.push(APART);
        }
        before = Some(here);
    }
    told
}

/// Whether GitHub would read more in this character, with what stands round it, than is shown.
fn would_be_read(before: Option<char>, here: char, rest: &str, chosen: Chosen<'_>) -> bool {
    let begins = !before.is_some_and(|before| before.is_ascii_alphanumeric());
    match here {
        // Behind a letter it is an address, as in nora@example.com.
        '@' => begins && calls(rest, chosen.mention),
        '<' => rest.starts_with("!--"),
        '&' => WRITTEN_OUT.iter().any(|name| rest.starts_with(name)),
        _ => begins && closes(here, rest, chosen.closes),
    }
}

/// Whether what stands behind an `@` is called. Markup may be between the two, and is gone when GitHub looks.
fn calls(rest: &str, chosen: Option<&str>) -> bool {
    let may_follow = |behind: &str| behind.chars().next().is_none_or(|c| c.is_whitespace() || c == ':');
    let is_chosen = chosen.is_some_and(|login| {
        rest.split_at_checked(login.len())
            .is_some_and(|(name, behind)| !login.is_empty() && name.eq_ignore_ascii_case(login) && may_follow(behind))
    });
    let nobody = rest.chars().next().is_none_or(|c| c.is_whitespace() || c == APART);
    !nobody && !is_chosen
}

/// Whether a word that begins here has GitHub close the issue named behind it.
fn closes(first: char, rest: &str, chosen: Option<IssueNumber>) -> bool {
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (word, behind) = rest.split_at(end);
    if behind.starts_with(|c: char| c.is_ascii_digit()) || !is_closing(first, word) {
        return false;
    }
    let named = behind.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '#');
    let named = named.split_whitespace().next().unwrap_or_default();
    let is_chosen = chosen.is_some_and(|issue| named.trim_end_matches('.') == issue.to_string());
    !is_chosen && may_name_an_issue(named)
}

fn is_closing(first: char, rest: &str) -> bool {
    let is_word = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(|letter| letter.eq_ignore_ascii_case(&first))
            && letters.as_str().eq_ignore_ascii_case(rest)
    };
    CLOSING.iter().any(is_word)
}

/// As `#1`, `acme/site#1`, `GH-1`, or by its address.
fn may_name_an_issue(word: &str) -> bool {
    let begins_as = word.get(..3).unwrap_or_default();
    word.contains('#') || word.contains("://") || begins_as.eq_ignore_ascii_case("gh-")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(text: &str) -> String {
        harmless(text, Chosen::default())
    }

    fn without_apart(text: &str) -> String {
        text.replace(APART, "")
    }

    #[test]
    fn nobody_is_called_but_whom_the_conductor_chose() {
        for text in
            ["@acme/all", "ask @sam", "_@sam_", "(@sam)", "&#64;sam", "&commat;sam", "x\n@sam", "@*sam*", "é@sam"]
        {
            assert_ne!(plain(text), text, "{text}");
            assert_eq!(without_apart(&plain(text)), text);
        }
        for text in ["nora@example.com", "a lone @ here", "all's well @"] {
            assert_eq!(plain(text), text);
        }
        let chosen = Chosen { mention: Some("nora"), ..Chosen::default() };
        let told = harmless("@nora: dev-e gave up: ask @acme/all, @nora/all or @nora-x", chosen);
        assert_eq!(told, format!("@nora: dev-e gave up: ask @{APART}acme/all, @{APART}nora/all or @{APART}nora-x"));
    }

    #[test]
    fn nothing_is_closed_but_what_the_conductor_chose() {
        for text in [
            "Closes #5",
            "fixes: #5",
            "RESOLVED acme/api#3",
            "fix GH-5",
            "closes https://github.com/acme/api/issues/3",
            "Closes\n\n**#5**",
            "_closes_ #5",
            "Closes #15",
        ] {
            let chosen = Chosen { closes: Some(IssueNumber(1)), ..Chosen::default() };
            assert_ne!(harmless(text, chosen), text, "{text}");
            assert_eq!(harmless("Closes #1", chosen), "Closes #1");
        }
        for text in ["fixes the door of #5", "as in #5", "prefix #5", "disclosed #5", "closed."] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn nothing_is_hidden_and_no_mark_of_ours_is_forged() {
        assert!(!plain("done <!-- rig -->").contains("<!--"));
        assert!(!plain("<!-- rig answers 71 -->").contains("<!-- rig"));
    }

    /// How GitHub reads it: what is written by number or name is read, too.
    fn as_read(text: &str) -> String {
        let mut read = text.to_owned();
        for (written, character) in [("&#64;", "@"), ("&commat;", "@"), ("&#35;", "#"), ("&num;", "#")] {
            read = read.replace(written, character);
        }
        read.to_lowercase()
    }

    /// With the marks of emphasis or without: they are gone when GitHub looks for names.
    fn calls_somebody(read: &str) -> bool {
        [read.to_owned(), read.replace(['*', '_', '`', '\\'], "")].iter().any(|read| names_somebody(read))
    }

    fn names_somebody(read: &str) -> bool {
        read.match_indices('@').any(|(at, _)| {
            let before = read[..at].chars().next_back();
            let behind = read[at + 1..].chars().next();
            !before.is_some_and(|c| c.is_ascii_alphanumeric()) && behind.is_some_and(|c| c.is_ascii_alphanumeric())
        })
    }

    fn closes_something(read: &str) -> bool {
        let words: Vec<&str> = read.split(|c: char| c.is_whitespace() || c == ':').filter(|w| !w.is_empty()).collect();
        words.windows(2).any(|pair| {
            let number = pair[1].rsplit_once('#').is_some_and(|(_, n)| n.starts_with(|c: char| c.is_ascii_digit()));
            CLOSING.contains(&pair[0]) && number
        })
    }

    proptest! {
        #[test]
        fn whatever_is_said_does_nothing_and_reads_the_same(
            parts in proptest::collection::vec(prop_oneof![
                Just("@".to_owned()), Just("@acme/all".to_owned()), Just("&#64;".to_owned()), Just("&commat;".to_owned()),
                Just("#5".to_owned()), Just("&num;5".to_owned()), Just("Closes".to_owned()), Just("fixes:".to_owned()),
                Just(" ".to_owned()), Just("\n".to_owned()), Just("<!--".to_owned()), Just("-->".to_owned()),
                Just("*".to_owned()), Just("_".to_owned()), Just("\\".to_owned()), Just("nora".to_owned()),
                Just("\u{200b}".to_owned()), Just("<b>".to_owned()), "[a-z@#&;! ]{0,6}", any::<String>(),
            ], 0..12)
        ) {
            let text = parts.concat();
            let told = plain(&text);
            prop_assert_eq!(without_apart(&told), without_apart(&text), "nothing is lost");
            prop_assert_eq!(&plain(&told), &told, "what is harmless stays as it is");
            prop_assert!(!told.contains("<!--"), "{:?}", told);
            let read = as_read(&told);
            prop_assert!(!calls_somebody(&read), "{:?}", told);
            prop_assert!(!closes_something(&read), "{:?}", told);
        }
    }
}
