//! How much each file changed, drawn in seventy-two columns.

use crate::object::{FileChange, FilePath, Status};
use std::fmt;

const WIDTH: usize = 72;

pub(super) struct Stat<'a>(pub(super) &'a [FileChange]);

/// How the columns share the width.
struct Columns {
    name: usize,
    number: usize,
    graph: usize,
    /// The greatest number of lines that came and went in one file.
    most: usize,
}

impl fmt::Display for Stat<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = Columns::of(self.0);
        self.0.iter().try_for_each(|change| columns.line(f, change))?;
        self.total(f)?;
        self.0.iter().try_for_each(|change| summary(f, change))
    }
}

impl Stat<'_> {
    fn total(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let additions: usize = self.0.iter().map(|change| change.additions).sum();
        let deletions: usize = self.0.iter().map(|change| change.deletions).sum();
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        write!(f, " {} file{} changed", self.0.len(), plural(self.0.len()))?;
        if additions > 0 || deletions == 0 {
            write!(f, ", {additions} insertion{}(+)", plural(additions))?;
        }
        if deletions > 0 || additions == 0 {
            write!(f, ", {deletions} deletion{}(-)", plural(deletions))?;
        }
        writeln!(f)
    }
}

impl Columns {
    fn of(changes: &[FileChange]) -> Self {
        let most = changes.iter().map(|change| change.additions + change.deletions).max().unwrap_or(0);
        let binary = changes.iter().filter_map(|change| change.binary).map(|lengths| sizes(lengths).len()).max();
        let name = changes.iter().map(|change| name(change).chars().count()).max().unwrap_or(0);
        let number = most.to_string().len().max(binary.map_or(0, |_| 3));
        let graph = most.max(binary.map_or(0, |length| length.saturating_sub(3)));
        let mut columns = Self { name, number, graph, most };
        columns.fit();
        columns
    }

    fn fit(&mut self) {
        let rest = WIDTH.saturating_sub(self.number + 6);
        if self.name + self.graph <= rest {
            return;
        }
        self.graph = self.graph.min((WIDTH * 3 / 8).saturating_sub(self.number + 6).max(6));
        if self.name > rest - self.graph {
            self.name = rest - self.graph;
        } else {
            self.graph = rest - self.name;
        }
    }

    fn line(&self, f: &mut fmt::Formatter<'_>, change: &FileChange) -> fmt::Result {
        let name = self.shortened(name(change));
        write!(f, " {name:<0$} | ", self.name)?;
        if let Some(lengths) = change.binary {
            return writeln!(f, "{:>1$}{2}", "Bin", self.number, sizes(lengths));
        }
        let (plus, minus) = self.graph(change.additions, change.deletions);
        let gap = if plus + minus > 0 { " " } else { "" };
        let lines = change.additions + change.deletions;
        writeln!(f, "{lines:>0$}{gap}{1}{2}", self.number, "+".repeat(plus), "-".repeat(minus))
    }

    /// The end of a name that is too long, from a `/` on if there is one.
    fn shortened(&self, name: String) -> String {
        let length = name.chars().count();
        if length <= self.name {
            return name;
        }
        let end: String = name.chars().skip(length + 3 - self.name.max(3)).collect();
        format!("...{}", end.find('/').and_then(|at| end.get(at..)).unwrap_or(&end))
    }

    fn graph(&self, plus: usize, minus: usize) -> (usize, usize) {
        if self.most <= self.graph {
            return (plus, minus);
        }
        let scaled = |count: usize| if count == 0 { 0 } else { 1 + count * (self.graph - 1) / self.most };
        let least = if plus > 0 && minus > 0 { 2 } else { 0 };
        let total = scaled(plus + minus).max(least);
        if plus < minus { (scaled(plus), total - scaled(plus)) } else { (total - scaled(minus), scaled(minus)) }
    }
}

fn sizes((old, new): (usize, usize)) -> String {
    if old == new { format!(" {old} bytes") } else { format!(" {old} -> {new} bytes") }
}

fn name(change: &FileChange) -> String {
    change.previous_path.as_ref().map_or_else(|| change.path.quoted(""), |from| arrow(from, &change.path))
}

/// `a/{b => c}/d`: what both paths begin and end with stands once.
fn arrow(from: &FilePath, to: &FilePath) -> String {
    let (old, new) = (from.to_text(), to.to_text());
    if from.quoted("") != old || to.quoted("") != new {
        return format!("{} => {}", from.quoted(""), to.quoted(""));
    }
    let same = |(a, b): &(u8, u8)| a == b;
    let common = old.bytes().zip(new.bytes()).take_while(same).count();
    let start = old.get(..common).and_then(|start| start.rfind('/')).map_or(0, |at| at + 1);
    // The slash that ends the beginning may begin the end too.
    let room = old.len().min(new.len()) - start.saturating_sub(1);
    let common = old.bytes().rev().zip(new.bytes().rev()).take(room).take_while(same).count();
    let end = old.get(old.len() - common..).and_then(|end| end.find('/')).map_or(0, |at| common - at);
    if start + end == 0 {
        return format!("{old} => {new}");
    }
    let middle = |path: &str| path.get(start..(path.len() - end).max(start)).unwrap_or_default().to_owned();
    let (begin, finish) = (old.get(..start).unwrap_or_default(), old.get(old.len() - end..).unwrap_or_default());
    format!("{begin}{{{} => {}}}{finish}", middle(&old), middle(&new))
}

fn summary(f: &mut fmt::Formatter<'_>, change: &FileChange) -> fmt::Result {
    let path = change.path.quoted("");
    match (change.status, change.old, change.new) {
        (Status::Added, _, Some(new)) => writeln!(f, " create mode {} {path}", new.mode),
        (Status::Removed, Some(old), _) => writeln!(f, " delete mode {} {path}", old.mode),
        (status, Some(old), Some(new)) => {
            let renamed = status == Status::Renamed;
            if renamed {
                writeln!(f, " rename {} ({}%)", name(change), change.similarity)?;
            }
            match (old.mode == new.mode, renamed) {
                (true, _) => Ok(()),
                (false, true) => writeln!(f, " mode change {} => {}", old.mode, new.mode),
                (false, false) => writeln!(f, " mode change {} => {} {path}", old.mode, new.mode),
            }
        }
        _ => Ok(()),
    }
}
