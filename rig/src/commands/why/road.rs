//! The road of an item: its steps, newest first, each with what led to it.

use bus::{
    connect::Connection,
    filter::Filter,
    read::{Reader, Start},
    service::why::Why,
};
use serde::Serialize;

use super::{
    Line,
    causes::{Causes, Found},
    evidence::{self, Known},
};
use crate::{commands::tail, exit::Failure};

/// How many causes behind each other are told for a step.
const DEPTH: usize = 4;

/// One step, and its cause; the cause of that, and so on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Step {
    #[serde(flatten)]
    pub(super) line: Line,
    pub(super) because: Vec<Line>,
    /// The number of the oldest record that was looked at for a further cause, where that is older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) older_than: Option<u64>,
}

/// What an item went through.
pub(super) struct Road {
    /// The last steps, newest first.
    pub(super) steps: Vec<Step>,
    /// How many there are before them.
    pub(super) earlier: usize,
    /// The item's title, as the last step has it.
    pub(super) title: Option<String>,
}

pub(super) async fn of(connection: &Connection, why: &Why, until: u64, most: usize) -> Result<Road, Failure> {
    let all = transitions(connection, why, until).await?;
    let earlier = all.len().saturating_sub(most);
    let title = all.last().and_then(|last| last.title.clone());
    let mut causes = Causes::new(connection);
    let mut steps = Vec::new();
    for Known { line, cause, .. } in all.into_iter().rev().take(most) {
        let (because, older_than) = chain(&mut causes, cause, line.sequence).await?;
        steps.push(Step { line, because, older_than });
    }
    Ok(Road { steps, earlier, title })
}

async fn transitions(connection: &Connection, why: &Why, until: u64) -> Result<Vec<Known>, Failure> {
    let filters = [Filter::of_item(&why.repository, why.number).to_string()];
    let mut left = tail::matching(connection, &filters, &Start::Sequence(1)).await?;
    let mut reader = Reader::open(connection, Start::Sequence(1), &filters).await?;
    let mut found = Vec::new();
    while left > 0 {
        let record = reader.next().await?;
        if record.sequence > until {
            break;
        }
        left -= 1;
        found.extend(evidence::of(&record));
    }
    Ok(found)
}

/// The causes behind each other, and where the search for a further one ended too early to say that there is none.
async fn chain(
    causes: &mut Causes<'_>,
    mut cause: Option<bus::RecordId>,
    mut before: u64,
) -> Result<(Vec<Line>, Option<u64>), Failure> {
    let mut because = Vec::new();
    while let Some(id) = cause.filter(|_| because.len() < DEPTH) {
        let known = match causes.find(id, before).await? {
            Found::Here(known) => *known,
            Found::Older(than) => return Ok((because, Some(than))),
            Found::Nowhere => break,
        };
        before = known.line.sequence;
        cause = known.cause.filter(|_| !known.is_last);
        because.push(known.line);
    }
    Ok((because, None))
}
