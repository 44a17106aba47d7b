//! The check `rig / gate` on a head: why it lands, or why not. There is one of a name for a head and an App, so name and
//! head find it again.

use bus::{catalogue::outcome::Left, commit::Oid};
use serde::{Deserialize, Serialize};

use super::{
    Errand, Fault,
    foreign::{Chosen, harmless},
};

/// The check's name, as people see it on the pull request.
pub(super) const NAME: &str = "rig / gate";

#[derive(Deserialize)]
struct Page {
    check_runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    id: u64,
    #[serde(flatten)]
    says: Says,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Says {
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conclusion: Option<String>,
    output: Output,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Output {
    title: Option<String>,
    summary: Option<String>,
}

#[derive(Serialize)]
struct Wanted<'a> {
    name: &'static str,
    head_sha: String,
    #[serde(flatten)]
    says: &'a Says,
}

/// What is to be said of a head.
pub(super) struct Word<'a> {
    pub(super) head: Oid,
    pub(super) open: bool,
    pub(super) landed: bool,
    pub(super) summary: &'a str,
}

pub(super) async fn run(errand: &Errand<'_>, word: Word<'_>) -> Result<Left, Fault> {
    let (head, says) = (word.head, word.says());
    let name = NAME.replace(' ', "%20").replace('/', "%2F");
    let page: Page = errand.get(&format!("commits/{head}/check-runs?check_name={name}&filter=latest")).await?;
    let wanted = Wanted { name: NAME, head_sha: head.to_string(), says: &says };
    let _: Run = match page.check_runs.into_iter().next() {
        Some(run) if run.says == says => run,
        Some(run) => errand.client.patch(errand.at(&format!("check-runs/{}", run.id)), Some(&wanted)).await?,
        None => errand.client.post(errand.at("check-runs"), Some(&wanted)).await?,
    };
    Ok(Left::Nothing)
}

impl Word<'_> {
    fn says(&self) -> Says {
        let summary = harmless(self.summary, Chosen::default());
        let (status, conclusion, title) = match (self.open, self.landed) {
            (true, _) => ("completed", Some("success"), "May land"),
            (false, true) => ("completed", Some("neutral"), summary.lines().next().unwrap_or_default()),
            (false, false) => ("in_progress", None, "Waits"),
        };
        let output = Output { title: Some(title.trim_end_matches('.').to_owned()), summary: Some(summary.clone()) };
        Says { status: status.to_owned(), conclusion: conclusion.map(str::to_owned), output }
    }
}
