//! Where in a diff a comment stands.

use super::{Lines, Place, Side};
use crate::world::{pull::Pull, refusal::Refusal, state::State};

/// What a comment was asked to be on.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Spot {
    pub(crate) path: Option<String>,
    position: Option<u64>,
    line: Option<u64>,
    side: Option<Side>,
    start_line: Option<u64>,
    start_side: Option<Side>,
    #[serde(default)]
    subject_type: Subject,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Subject {
    #[default]
    Line,
    File,
}

const RESOURCE: &str = "PullRequestReviewComment";

impl State {
    /// Finds the place in what a pull request changes.
    pub(crate) fn place(&self, pull: &Pull, spot: &Spot) -> Result<Place, Refusal> {
        let path = spot.path.clone().unwrap_or_default();
        let file = self.files_of(pull).into_iter().find(|file| file.path == *path.as_str());
        let file = file.ok_or_else(|| outside("pull_request_review_thread.path"))?;
        let patch = file.patch.unwrap_or_default();
        if spot.subject_type == Subject::File {
            return Ok(Place { path, hunk: patch.trim_end().to_owned(), lines: None });
        }
        let (last, side, row) = match (spot.line, spot.position) {
            (Some(line), _) => {
                let side = spot.side.unwrap_or_default();
                (line, side, rows(&patch).find(|row| row.is(line, side)))
            }
            (None, Some(position)) => by_position(&patch, position),
            (None, None) => return Err(outside("pull_request_review_thread.line")),
        };
        let row = row.ok_or_else(|| outside("pull_request_review_thread.line"))?;
        let start = spot.start_line.map(|line| (line, spot.start_side.unwrap_or(side)));
        let precedes = |(line, side)| rows(&patch).any(|start| start.is(line, side) && start.position < row.position);
        if start.is_some_and(|start| !precedes(start)) {
            return Err(outside("pull_request_review_thread.start_line"));
        }
        let lines = Lines { position: row.position, line: last, side, start };
        Ok(Place { path, hunk: row.hunk.to_owned(), lines: Some(lines) })
    }
}

fn outside(field: &'static str) -> Refusal {
    Refusal::custom(RESOURCE, field, format!("{field} must be part of the diff"))
}

/// A line of a patch, below a hunk's head.
struct Row<'p> {
    position: u64,
    old: Option<u64>,
    new: Option<u64>,
    /// Its hunk, down to this line.
    hunk: &'p str,
}

impl Row<'_> {
    fn is(&self, line: u64, side: Side) -> bool {
        let there = match side {
            Side::Left => self.old,
            Side::Right => self.new,
        };
        there == Some(line)
    }
}

fn by_position(patch: &str, position: u64) -> (u64, Side, Option<Row<'_>>) {
    let row = rows(patch).find(|row| row.position == position);
    match row.as_ref().map(|row| (row.old, row.new)) {
        Some((_, Some(line))) => (line, Side::Right, row),
        Some((Some(line), None)) => (line, Side::Left, row),
        _ => (0, Side::Right, None),
    }
}

/// The lines of a patch that a comment can be on.
fn rows(patch: &str) -> impl Iterator<Item = Row<'_>> {
    let (mut old, mut new, mut begin, mut end) = (0, 0, 0, 0);
    patch.split_inclusive('\n').zip(0..).filter_map(move |(line, position)| {
        let start = end;
        end += line.len();
        if let Some((first_old, first_new)) = head(line) {
            (old, new, begin) = (first_old, first_new, start);
            return None;
        }
        let hunk = patch.get(begin..end).unwrap_or_default().trim_end_matches('\n');
        let row = match line.as_bytes().first()? {
            b'-' => Row { position, old: Some(old), new: None, hunk },
            b'+' => Row { position, old: None, new: Some(new), hunk },
            b' ' => Row { position, old: Some(old), new: Some(new), hunk },
            _ => return None,
        };
        old += u64::from(row.old.is_some());
        new += u64::from(row.new.is_some());
        Some(row)
    })
}

/// Where a hunk begins: `@@ -3,4 +5,6 @@`.
fn head(line: &str) -> Option<(u64, u64)> {
    let (old, rest) = line.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let first = |range: &str| range.split(',').next()?.parse().ok();
    Some((first(old)?, first(new)?))
}

#[cfg(test)]
mod tests {
    use super::{Side, by_position, rows};

    const PATCH: &str =
        "@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n@@ -10 +10,2 @@ fn\n ten\n+eleven\n\\ No newline\n";

    #[test]
    fn a_line_is_found_on_its_side() {
        let found = |line, side| rows(PATCH).find(|row| row.is(line, side)).map(|row| (row.position, row.hunk));
        assert_eq!(found(2, Side::Left), Some((2, "@@ -1,3 +1,3 @@\n one\n-two")));
        assert_eq!(found(2, Side::Right), Some((3, "@@ -1,3 +1,3 @@\n one\n-two\n+zwei")));
        assert_eq!(found(11, Side::Right), Some((7, "@@ -10 +10,2 @@ fn\n ten\n+eleven")));
        assert_eq!(found(5, Side::Right), None);
    }

    #[test]
    fn a_position_counts_from_below_the_first_head() {
        let found = |position| {
            let (line, side, row) = by_position(PATCH, position);
            row.map(|_| (line, side))
        };
        assert_eq!([found(0), found(5), found(8)], [None; 3], "heads and what is no line");
        assert_eq!(found(2), Some((2, Side::Left)));
        assert_eq!(found(6), Some((10, Side::Right)));
    }
}
