//! The lines that differ between two texts, as `git diff` prints them.

use imara_diff::{Algorithm, Diff, Hunk, InternedInput};
use std::ops::Range;

/// Lines shown round a change.
const CONTEXT: u32 = 3;
/// Git shows so much of the line that a hunk stands under.
const HEADING: usize = 80;
/// Git looks for a zero byte so far.
const LOOKED_AT: usize = 8000;

/// The hunks of one file.
#[derive(Debug, Default)]
pub(super) struct Hunks {
    pub(super) additions: usize,
    pub(super) deletions: usize,
    pub(super) text: String,
}

pub(super) fn is_binary(content: &[u8]) -> bool {
    content.iter().take(LOOKED_AT).any(|byte| *byte == 0)
}

pub(super) fn lines(content: &[u8]) -> Vec<&[u8]> {
    content.split_inclusive(|byte| *byte == b'\n').collect()
}

impl Hunks {
    /// The hunks from one text to the other; none if either is no text.
    pub(super) fn between(old: &[u8], new: &[u8]) -> Self {
        if is_binary(old) || is_binary(new) {
            return Self::default();
        }
        let mut input = InternedInput::default();
        input.update_before(lines(old).into_iter());
        input.update_after(lines(new).into_iter());
        let mut diff = Diff::compute(Algorithm::Myers, &input);
        diff.postprocess_lines(&input);
        let mut printer = Printer { old: lines(old), new: lines(new), heading: b"", searched: None, text: Vec::new() };
        for hunk in together(diff.hunks()) {
            printer.print(&hunk);
        }
        Self {
            additions: diff.count_additions() as usize,
            deletions: diff.count_removals() as usize,
            text: String::from_utf8_lossy(&printer.text).into_owned(),
        }
    }

    pub(super) fn then(mut self, next: Self) -> Self {
        self.additions += next.additions;
        self.deletions += next.deletions;
        self.text.push_str(&next.text);
        self
    }
}

/// Changes whose contexts touch are printed as one hunk.
fn together(changes: impl Iterator<Item = Hunk>) -> Vec<Vec<Hunk>> {
    let mut hunks: Vec<Vec<Hunk>> = Vec::new();
    for change in changes {
        match hunks.last_mut() {
            Some(hunk) if hunk.last().is_some_and(|last| change.before.start - last.before.end <= 2 * CONTEXT) => {
                hunk.push(change);
            }
            _ => hunks.push(vec![change]),
        }
    }
    hunks
}

struct Printer<'a> {
    old: Vec<&'a [u8]>,
    new: Vec<&'a [u8]>,
    /// The line under which the hunk stands. One that is found stands until another is.
    heading: &'a [u8],
    /// Up to which old line a heading has been looked for.
    searched: Option<u32>,
    text: Vec<u8>,
}

impl Printer<'_> {
    fn print(&mut self, changes: &[Hunk]) {
        let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return };
        let before = first.before.start.min(first.after.start).min(CONTEXT);
        let after = (self.old.len() as u32 - last.before.end).min(CONTEXT);
        let old = first.before.start - before..last.before.end + after;
        let new = first.after.start - before..last.after.end + after;
        self.header(&old, &new);
        let mut at = old.start;
        for change in changes {
            self.lines(b' ', at..change.before.start);
            self.lines(b'-', change.before.clone());
            self.added(change.after.clone());
            at = change.before.end;
        }
        self.lines(b' ', at..old.end);
    }

    fn header(&mut self, old: &Range<u32>, new: &Range<u32>) {
        self.find_heading(old.start);
        self.text.extend_from_slice(format!("@@ -{} +{} @@", range(old), range(new)).as_bytes());
        if !self.heading.is_empty() {
            self.text.push(b' ');
            self.text.extend_from_slice(self.heading);
        }
        self.text.push(b'\n');
    }

    /// Looks upwards from the hunk to where it was looked from for the hunk before.
    fn find_heading(&mut self, start: u32) {
        let from = self.searched.map_or(0, |searched| searched as usize);
        let above = self.old.get(from..start as usize).unwrap_or_default();
        if let Some(line) = above.iter().rev().find(|line| is_heading(line)) {
            self.heading = line.get(..HEADING).unwrap_or(line).trim_ascii_end();
        }
        self.searched = Some(start);
    }

    fn lines(&mut self, sign: u8, lines: Range<u32>) {
        let lines = self.old.get(lines.start as usize..lines.end as usize).unwrap_or_default();
        lines.iter().for_each(|line| write(&mut self.text, sign, line));
    }

    fn added(&mut self, lines: Range<u32>) {
        let lines = self.new.get(lines.start as usize..lines.end as usize).unwrap_or_default();
        lines.iter().for_each(|line| write(&mut self.text, b'+', line));
    }
}

fn write(text: &mut Vec<u8>, sign: u8, line: &[u8]) {
    text.push(sign);
    text.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        text.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}

/// A line that git takes for the beginning of a function or section.
fn is_heading(line: &[u8]) -> bool {
    line.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$'))
}

/// `first,count`, counted from one; the count is left out if it is one, and an empty range stands after its first.
fn range(lines: &Range<u32>) -> String {
    match lines.end - lines.start {
        0 => format!("{},0", lines.start),
        1 => (lines.start + 1).to_string(),
        count => format!("{},{count}", lines.start + 1),
    }
}
