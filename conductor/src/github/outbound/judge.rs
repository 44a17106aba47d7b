//! The check `rig / gate` on a head: why it lands, or why not. There is one of a name for a head and an App, so name and
//! head find it again.

use bus::{catalogue::outcome::Left, commit::Oid};
use serde::{Deserialize, Serialize};

use super::{Errand, Fault};

/// The check's name, as people see it on the pull request.
pub(super) const NAME: &str = "rig / gate";

#[derive(Deserialize)]
struct Page {
    check_runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    id: u64,
}

#[derive(Serialize)]
struct Wanted<'a> {
    name: &'static str,
    head_sha: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    conclusion: Option<&'static str>,
    output: Output<'a>,
}

#[derive(Serialize)]
struct Output<'a> {
    title: &'static str,
    summary: &'a str,
}

pub(super) async fn run(errand: &Errand<'_>, head: Oid, open: bool, summary: &str) -> Result<Left, Fault> {
    let name = NAME.replace(' ', "%20").replace('/', "%2F");
    let page: Page = errand.get(&format!("commits/{head}/check-runs?check_name={name}&filter=latest")).await?;
    let wanted = Wanted {
        name: NAME,
        head_sha: head.to_string(),
        status: if open { "completed" } else { "in_progress" },
        conclusion: open.then_some("success"),
        output: Output { title: if open { "May land" } else { "Waits" }, summary },
    };
    let _: Run = match page.check_runs.first() {
        Some(run) => errand.client.patch(errand.at(&format!("check-runs/{}", run.id)), Some(&wanted)).await?,
        None => errand.client.post(errand.at("check-runs"), Some(&wanted)).await?,
    };
    Ok(Left::Nothing)
}
