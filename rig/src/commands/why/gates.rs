//! The gates of an item, each shut one with the last record that told something about it.

use bus::{
    Sequenced,
    catalogue::TypeName,
    connect::Connection,
    filter::{Filter, Repositories},
    read::{Reader, Start},
    service::why::{self, Why},
};
use serde::Serialize;

use super::{Line, evidence, road::Step};
use crate::{commands::tail, exit::Failure};

/// How many records of a repository are looked through for the last one about an item.
const LOOKED_THROUGH: u64 = 1000;

/// A gate as it is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Gate {
    pub(super) name: String,
    /// Why it is shut; nothing where it is open.
    pub(super) shut: Option<String>,
    /// What was last told about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Line>,
}

impl Gate {
    /// Without evidence.
    pub(super) fn bare(why::Gate { name, shut }: why::Gate) -> Self {
        Self { name, shut, evidence: None }
    }
}

/// The gates, and for each shut one what was last told about it.
pub(super) async fn with_evidence(
    connection: &Connection,
    why: &Why,
    until: u64,
    gates: Vec<why::Gate>,
    steps: &[Step],
) -> Result<Vec<Gate>, Failure> {
    let mut told = Vec::new();
    for gate in gates.into_iter().map(Gate::bare) {
        let evidence = match &gate.shut {
            None => None,
            Some(_) if gate.name == "no hold" => held(steps),
            Some(_) => last(connection, why, until, kinds(&gate.name)).await?,
        };
        told.push(Gate { evidence, ..gate });
    }
    Ok(told)
}

fn held(steps: &[Step]) -> Option<Line> {
    steps.iter().map(|step| &step.line).find(|line| line.kind == "work.held").cloned()
}

/// Which of GitHub's events tell something about a gate.
fn kinds(gate: &str) -> &'static [&'static str] {
    match gate {
        "checks" => &["check_run", "status"],
        "approval" => &["pull_request_review", "pull_request"],
        "base" => &["push", "pull_request"],
        "labels" => &["issues", "pull_request"],
        _ => &["pull_request"],
    }
}

/// The last record of these kinds that is about the item, its pull request or its head.
async fn last(connection: &Connection, why: &Why, until: u64, kinds: &[&str]) -> Result<Option<Line>, Failure> {
    let here: Repositories = why.repository.parse().unwrap_or_default();
    let type_name = |kind| TypeName { family: "github", kind, version: 1 };
    let filters: Vec<String> = kinds
        .iter()
        .flat_map(|kind| Filter::of_type(type_name(kind), &here))
        .map(|filter| filter.to_string())
        .collect();
    let start = tail::last(connection, &filters, LOOKED_THROUGH).await?;
    if start == Start::New {
        return Ok(None);
    }
    let mut left = tail::matching(connection, &filters, &start).await?;
    let mut reader = Reader::open(connection, start, &filters).await?;
    let mut found = None;
    while left > 0 {
        let record = reader.next().await?;
        if record.sequence > until {
            break;
        }
        left -= 1;
        if is_about(why, &record) {
            found = evidence::of(&record).map(|known| known.line).or(found);
        }
    }
    Ok(found)
}

fn is_about(why: &Why, record: &Sequenced) -> bool {
    let Ok((_, envelope)) = record.decode() else {
        return false;
    };
    let about = envelope.subject.as_deref().unwrap_or_default();
    let issue = format!("{}{}", why.repository, why.number);
    let pull = why.pull.map(|pull| format!("{}{pull}", why.repository));
    let named = about.eq_ignore_ascii_case(&issue) || pull.is_some_and(|pull| about.eq_ignore_ascii_case(&pull));
    let head = why.head.map(|head| head.to_string());
    named || head.is_some_and(|head| String::from_utf8_lossy(&record.body).contains(&head))
}
