//! The gates of an item, each shut one with the last record that told something about it.

use bus::{
    Sequenced, Subject,
    catalogue::TypeName,
    connect::Connection,
    envelope::Sealed,
    filter::{Filter, Repositories},
    service::why::{self, Why},
};
use serde::Serialize;

use super::{Line, evidence, road::Step};
use crate::{commands::tail, exit::Failure};

/// How many records of a repository are read at once on the way back to the last one about a gate.
const AT_ONCE: u64 = 512;

/// How often: so far back, it is said that nobody looked further.
const PAGES: usize = 64;

/// A gate as it is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Gate {
    pub(super) name: String,
    /// Why it is shut; nothing where it is open.
    pub(super) shut: Option<String>,
    /// What was last told about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Line>,
    /// The number of the oldest record that was looked at, where what was last told about it is older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) older_than: Option<u64>,
}

impl Gate {
    /// Without evidence.
    pub(super) fn bare(why::Gate { name, shut }: why::Gate) -> Self {
        Self { name, shut, evidence: None, older_than: None }
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
        let last = match &gate.shut {
            None => Last::Nothing,
            Some(_) if gate.name == "no hold" => held(steps),
            Some(_) => last(connection, why, until, &gate.name).await?,
        };
        told.push(match last {
            Last::Told(line) => Gate { evidence: Some(line), ..gate },
            Last::Older(than) => Gate { older_than: Some(than), ..gate },
            Last::Nothing => gate,
        });
    }
    Ok(told)
}

fn held(steps: &[Step]) -> Last {
    let held = steps.iter().map(|step| &step.line).find(|line| line.kind == "work.held");
    held.map_or(Last::Nothing, |line| Last::Told(line.clone()))
}

/// Which of GitHub's events tell something about a gate.
fn kinds(gate: &str) -> &'static [&'static str] {
    match gate {
        "linked issue" => &["issues"],
        "checks" => &["check_run", "status"],
        "approval" => &["pull_request_review", "pull_request"],
        "base" => &["push"],
        "labels" => &["issues", "pull_request"],
        _ => &["pull_request"],
    }
}

/// What was last told about a gate.
enum Last {
    Told(Line),
    /// Nothing from this number on; further back nobody looked.
    Older(u64),
    /// Nothing in LOG.
    Nothing,
}

/// The last record of these kinds, up to and with `until`, that tells something about the gate: looked for backwards.
async fn last(connection: &Connection, why: &Why, until: u64, gate: &str) -> Result<Last, Failure> {
    let filters = filters(why, kinds(gate));
    let mut end = until.saturating_add(1);
    for _ in 0..PAGES {
        let page = tail::page_before(connection, &filters, end, AT_ONCE).await?;
        let Some(first) = page.first() else {
            return Ok(Last::Nothing);
        };
        end = first.sequence;
        let tells = |record: &&Sequenced| tells_of(why, gate, record);
        if let Some(found) = page.iter().rev().find(tells).and_then(evidence::of) {
            return Ok(Last::Told(found.line));
        }
    }
    Ok(Last::Older(end))
}

fn filters(why: &Why, kinds: &[&'static str]) -> Vec<String> {
    let here: Repositories = why.repository.parse().unwrap_or_default();
    let type_name = |kind| TypeName { family: "github", kind, version: 1 };
    let of_kind = |kind: &&'static str| Filter::of_type(type_name(kind), &here);
    kinds.iter().flat_map(of_kind).map(|filter| filter.to_string()).collect()
}

fn tells_of(why: &Why, gate: &str, record: &Sequenced) -> bool {
    let Ok((subject, envelope)) = record.decode() else {
        return false;
    };
    is_about(why, &envelope, record) || gate == "base" && moves_the_base(&subject, &envelope)
}

/// The item, its pull request or its head.
fn is_about(why: &Why, envelope: &Sealed<'_>, record: &Sequenced) -> bool {
    let about = envelope.subject.as_deref().unwrap_or_default();
    let issue = format!("{}{}", why.repository, why.number);
    let pull = why.pull.map(|pull| format!("{}{pull}", why.repository));
    let named = about.eq_ignore_ascii_case(&issue) || pull.is_some_and(|pull| about.eq_ignore_ascii_case(&pull));
    let head = why.head.map(|head| head.to_string());
    named || head.is_some_and(|head| String::from_utf8_lossy(&record.body).contains(&head))
}

/// A push to the branch on which everything lands.
fn moves_the_base(subject: &Subject, envelope: &Sealed<'_>) -> bool {
    #[derive(serde::Deserialize)]
    struct Pushed {
        payload: Push,
    }
    #[derive(serde::Deserialize)]
    struct Push {
        r#ref: String,
        repository: Repository,
    }
    #[derive(serde::Deserialize)]
    struct Repository {
        default_branch: String,
    }
    let is_push = matches!(subject, Subject::Github { kind, .. } if kind.as_str() == "push");
    is_push
        && envelope.open::<Pushed>().is_ok_and(|Pushed { payload }| {
            payload.r#ref.strip_prefix("refs/heads/") == Some(&payload.repository.default_branch)
        })
}
