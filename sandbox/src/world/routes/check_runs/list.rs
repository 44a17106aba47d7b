//! The check runs of a suite or of a commit.

use serde::Deserialize;

use crate::world::{
    answer::Answer,
    call::Call,
    check::Run,
    id::{AppId, CheckSuiteId},
    page::Page,
    refusal::{Refusal, Stop},
    render,
};

#[derive(Deserialize)]
#[serde(default)]
struct Filter {
    check_name: Option<String>,
    status: Option<String>,
    filter: Which,
    app_id: Option<AppId>,
}

impl Default for Filter {
    fn default() -> Self {
        Self { check_name: None, status: None, filter: Which::Latest, app_id: None }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    Latest,
    All,
}

pub(super) fn of_suite(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id: CheckSuiteId = call.parameter("check_suite_id")?;
    let suite = call.repository()?.checks.suites.get(&id).ok_or_else(Refusal::not_found)?.id;
    answer(call, &[suite])
}

pub(super) fn of_commit(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let head = super::super::check_suites::commit(call)?;
    let filter: Filter = call.query()?;
    let suites = call.repository()?.checks.suites_of(head);
    let wanted = suites.filter(|suite| filter.app_id.is_none_or(|app| app == suite.app));
    let suites: Vec<CheckSuiteId> = wanted.map(|suite| suite.id).collect();
    answer(call, &suites)
}

fn answer(call: &Call<'_>, suites: &[CheckSuiteId]) -> Result<Answer, Stop> {
    let (filter, at): (Filter, _) = (call.query()?, call.repository()?);
    let of_suite = |suite: &CheckSuiteId| -> Vec<&Run> {
        match filter.filter {
            Which::All => at.checks.runs_of(*suite).collect(),
            Which::Latest => at.checks.latest_of(*suite).into_values().collect(),
        }
    };
    let mut runs: Vec<&Run> = suites.iter().flat_map(of_suite).collect();
    runs.retain(|run| filter.check_name.as_ref().is_none_or(|name| *name == run.name));
    runs.retain(|run| filter.status.as_ref().is_none_or(|word| word == run.progress.word()));
    runs.sort_by_key(|run| std::cmp::Reverse(run.id));
    let page = Page::of(call, runs.into_iter())?;
    Ok(page.counted("check_runs", |run| render::check_run::CheckRun::of(call.state, at, run)))
}
