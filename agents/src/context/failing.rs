//! A red check, as whoever mends it is told of it: what it says of itself, and the end of its log (I-18).

use bus::commit::Oid;
use serde::{Deserialize, Serialize};

use super::{PAGE, short};
use crate::api::{Api, Error};

/// The most lines of a log that are handed on, and the most bytes.
const LINES: usize = 100;
const BYTES: usize = 16 << 10;

/// A red check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Failing {
    pub(crate) check: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) url: String,
    /// The end of its job's log; where there is none to be read, the end of what it tells besides.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) log: String,
}

#[derive(Deserialize)]
struct Checks {
    check_runs: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    id: u64,
    name: String,
    html_url: Option<String>,
    output: Option<Output>,
}

#[derive(Default, Deserialize)]
struct Output {
    title: Option<String>,
    summary: Option<String>,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Combined {
    statuses: Vec<Status>,
}

/// A commit status: what a CI says that makes no check runs.
#[derive(Deserialize)]
struct Status {
    context: String,
    description: Option<String>,
    target_url: Option<String>,
}

#[derive(Deserialize)]
struct Annotation {
    path: Option<String>,
    start_line: Option<u64>,
    message: Option<String>,
}

impl Api<'_> {
    pub(super) async fn failing(&self, repository: &str, head: Oid, check: &str) -> Result<Option<Failing>, Error> {
        let Checks { check_runs } = self.get(repository, &format!("commits/{head}/check-runs?{PAGE}")).await?;
        let Some(found) = check_runs.into_iter().find(|run| run.name == check) else {
            return Ok(self.status(repository, head, check).await);
        };
        let log = self.log(repository, &found).await;
        let Check { id: _, name, html_url, output } = found;
        let Output { title, summary, text: _ } = output.unwrap_or_default();
        let (title, summary, url) = (short(title), short(summary), html_url.unwrap_or_default());
        Ok(Some(Failing { check: name, title, summary, url, log }))
    }

    /// What a commit status says: a sentence, and where its log is to be read. A run goes on without it, as without a log.
    async fn status(&self, repository: &str, head: Oid, check: &str) -> Option<Failing> {
        let read: Result<Combined, Error> = self.get(repository, &format!("commits/{head}/status?{PAGE}")).await;
        let Combined { statuses } = read
            .inspect_err(|error| {
                tracing::info!(error = error as &dyn std::error::Error, "a red commit comes without its statuses");
            })
            .ok()?;
        let Status { context, description, target_url } = statuses.into_iter().find(|known| known.context == check)?;
        let (title, url) = (short(description), target_url.unwrap_or_default());
        Some(Failing { check: context, title, summary: String::new(), url, log: String::new() })
    }

    /// The end of what a check wrote. A run goes on without it, as without any help that is not there: another CI keeps
    /// its logs for itself, logs expire, and an App may lack the right to read them.
    async fn log(&self, repository: &str, check: &Check) -> String {
        // A check run of GitHub Actions has its job's number.
        let log = self.end_of_text(repository, &format!("actions/jobs/{}/logs", check.id), BYTES).await;
        let log = log.unwrap_or_else(|error| {
            tracing::info!(error = &error as &dyn std::error::Error, "a red check comes without its job's log");
            String::new()
        });
        if !log.trim().is_empty() {
            return last(&log).to_owned();
        }
        let text = check.output.as_ref().and_then(|output| output.text.as_deref()).unwrap_or_default();
        let remarks = self.annotations(repository, check.id).await;
        last(&[text, &remarks].join("\n")).to_owned()
    }

    /// What a check remarks of single lines, a line each.
    async fn annotations(&self, repository: &str, check: u64) -> String {
        let read: Result<Vec<Annotation>, Error> =
            self.get(repository, &format!("check-runs/{check}/annotations?{PAGE}")).await;
        let remarks = read.unwrap_or_else(|error| {
            tracing::info!(error = &error as &dyn std::error::Error, "a red check comes without its annotations");
            Vec::new()
        });
        remarks.into_iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

fn line(Annotation { path, start_line, message }: Annotation) -> String {
    let (path, message) = (path.unwrap_or_default(), message.unwrap_or_default());
    start_line.map_or_else(|| format!("{path}: {message}"), |line| format!("{path}:{line}: {message}"))
}

/// The last lines of a text, whole ones where one alone is not too long.
fn last(text: &str) -> &str {
    let text = text.trim();
    let from = text.ceil_char_boundary(text.len().saturating_sub(BYTES));
    let end = text.get(from..).unwrap_or_default();
    let end = if from == 0 { end } else { end.split_once('\n').map_or(end, |(_, whole)| whole) };
    match end.rmatch_indices('\n').nth(LINES - 1) {
        Some((at, _)) => end.get(at + 1..).unwrap_or_default(),
        None => end,
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES, LINES, last};

    #[test]
    fn the_last_lines_are_whole_and_not_too_many() {
        let lines = |count: usize| (1..=count).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
        assert_eq!(last(&lines(LINES)), lines(LINES));
        assert!(last(&lines(LINES + 7)).starts_with("8\n9\n"), "{}", last(&lines(LINES + 7)));
        let wide = format!("{}\n{}\n", "ä".repeat(BYTES), "end".repeat(10));
        assert_eq!(last(&wide), "end".repeat(10));
        assert_eq!(last("\n\n"), "");
    }

    #[test]
    fn one_endless_line_is_cut_between_letters() {
        for surplus in 0..3 {
            let cut = format!("{}{}", "x".repeat(surplus), "€".repeat(BYTES));
            let cut = last(&cut);
            assert!(cut.len() <= BYTES && cut.len() > BYTES - 3 && cut.chars().all(|letter| letter == '€'));
        }
    }
}
