//! What of a text is said by whoever wrote it, and not only shown: not its code, its quotes and its comments.

/// Stands for each byte that is only shown.
pub const HIDDEN: char = '\0';

/// From this many columns on a line of its own is code.
const CODE: usize = 4;

/// The text with [`HIDDEN`] for each byte that is only shown, so that what is said stands where it stood.
///
/// In doubt a thing is shown: an order that is missed is given again, one that was never meant cannot be taken back.
#[must_use]
pub fn said(text: &str) -> String {
    without_spans(&without_blocks(text))
}

/// Blocks: fences, indented code, quotes.
fn without_blocks(text: &str) -> String {
    let mut blocks = Blocks::default();
    let mut said = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if blocks.shows(line.trim_end()) {
            hide(&mut said, line);
        } else {
            said.push_str(line);
        }
    }
    said
}

#[derive(Default)]
struct Blocks {
    /// The mark that ends the fenced code.
    fence: Option<(char, usize)>,
    /// A quote that goes on to the end of the text.
    quote: bool,
    /// Words before, which an indented line goes on with.
    paragraph: bool,
}

impl Blocks {
    /// Whether the next line is only shown.
    fn shows(&mut self, line: &str) -> bool {
        let inside = line.trim_start();
        let indented = columns(line) >= CODE && !self.paragraph;
        let shown = self.quote || self.in_fence(inside, indented) || inside.starts_with('>') || indented;
        self.quote |= self.fence.is_none() && !indented && inside.starts_with(">>>");
        self.paragraph = !shown && !inside.is_empty();
        shown
    }

    fn in_fence(&mut self, inside: &str, indented: bool) -> bool {
        let mark = fence_mark(inside);
        match (self.fence, mark) {
            (None, Some((mark, length, after))) if !indented && !after.contains(mark) => {
                self.fence = Some((mark, length));
            }
            (None, _) => return false,
            (Some((open, least)), Some((mark, length, ""))) if open == mark && length >= least => self.fence = None,
            (Some(_), _) => {}
        }
        true
    }
}

fn columns(line: &str) -> usize {
    let blank = line.chars().take_while(|letter| matches!(letter, ' ' | '\t'));
    blank.map(|letter| if letter == '\t' { CODE } else { 1 }).sum()
}

/// The mark that a line begins with, its length, and what stands behind it.
fn fence_mark(line: &str) -> Option<(char, usize, &str)> {
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let after = line.trim_start_matches(mark);
    let length = line.len() - after.len();
    (length >= 3).then_some((mark, length, after))
}

/// Code within a line, and comments.
fn without_spans(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['`', '<']) {
        let (before, from) = rest.split_at(at);
        said.push_str(before);
        let shown = comment(from).or_else(|| code(from));
        let (span, after) = from.split_at(shown.unwrap_or_else(|| run(from).max(1)));
        if shown.is_some() {
            hide(&mut said, span);
        } else {
            said.push_str(span);
        }
        rest = after;
    }
    said.push_str(rest);
    said
}

/// How long the comment is that a text begins with. One without an end goes on to the end.
fn comment(text: &str) -> Option<usize> {
    const END: &str = "-->";
    text.starts_with("<!--").then(|| text.find(END).map_or(text.len(), |at| at + END.len()))
}

/// How long the code is that a text begins with. It ends within its paragraph; a mark without a partner is only a mark.
fn code(text: &str) -> Option<usize> {
    let open = run(text);
    let end = text.find("\n\n").unwrap_or(text.len());
    let paragraph = text.get(..end).filter(|_| open > 0)?;
    let mut at = open;
    while let Some(found) = paragraph.get(at..)?.find(['`', HIDDEN]) {
        at += found;
        let length = run(paragraph.get(at..)?);
        if length == 0 {
            return None;
        }
        at += length;
        if length == open {
            return Some(at);
        }
    }
    None
}

/// How many backticks a text begins with.
fn run(text: &str) -> usize {
    text.len() - text.trim_start_matches('`').len()
}

fn hide(said: &mut String, shown: &str) {
    said.extend(shown.bytes().map(|byte| if byte == b'\n' { '\n' } else { HIDDEN }));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is said, without what stands for the rest.
    fn heard(text: &str) -> String {
        said(text).replace(HIDDEN, "")
    }

    #[test]
    fn quotes_are_shown() {
        assert_eq!(heard("> retry\nno\n  >quoted\n"), "\nno\n\n");
        assert_eq!(heard("a > b"), "a > b");
        assert_eq!(heard("one\n>>> two\nthree"), "one\n\n");
    }

    #[test]
    fn fenced_code_is_shown_to_its_end() {
        assert_eq!(heard("a\n```sh\nretry\n```\nb"), "a\n\n\n\nb");
        assert_eq!(heard("~~~~\n~~~\nretry\n~~~~\nb"), "\n\n\n\nb");
        assert_eq!(heard("```\n~~~\n> x\nretry"), "\n\n\n");
        assert_eq!(heard("```a``` b"), " b");
    }

    #[test]
    fn indented_lines_are_code_where_no_words_stand_before() {
        assert_eq!(heard("a\n\n    code\n\tcode\nb"), "a\n\n\n\nb");
        assert_eq!(heard("- a\n    goes on\n"), "- a\n    goes on\n");
    }

    #[test]
    fn code_within_a_line_is_shown() {
        assert_eq!(heard("say `retry` now"), "say  now");
        assert_eq!(heard("``a ` b`` c"), " c");
        assert_eq!(heard("a `b\nc` d"), "a \n d");
        assert_eq!(heard("it`s fine\n\nand `so` on"), "it`s fine\n\nand  on");
        assert_eq!(heard("it`s fine\n```\nx\n```\nb"), "it`s fine\n\n\n\nb");
    }

    #[test]
    fn comments_are_shown_to_nobody() {
        assert_eq!(heard("a <!-- Closes\n#1 --> b <- c"), "a \n b <- c");
        assert_eq!(heard("a <!-- Closes #1"), "a ");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_what_is_said_stands_where_it_stood(text in "[>`~<!\\- \ta#\né]{0,60}") {
            let said = said(&text);
            prop_assert_eq!(said.len(), text.len());
            for (at, letter) in said.char_indices().filter(|(_, letter)| *letter != HIDDEN) {
                prop_assert_eq!(text.get(at..).and_then(|from| from.chars().next()), Some(letter));
            }
        }
    }
}
