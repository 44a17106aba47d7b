//! An issue. Found again by its marker among those that we filed.

use bus::{catalogue::outcome::Left, number::IssueNumber};
use serde::{Deserialize, Serialize};

use super::{Errand, Fault};

/// How many of our latest issues are looked through.
const LOOKED_THROUGH: usize = 100;

#[derive(Deserialize)]
struct Issue {
    number: u64,
    body: Option<String>,
    html_url: Option<String>,
}

#[derive(Serialize)]
struct New<'a> {
    title: &'a str,
    body: String,
    labels: &'a [String],
}

pub(super) async fn run(errand: &Errand<'_>, title: &str, body: &str, labels: &[String]) -> Result<Left, Fault> {
    let ours: Vec<Issue> =
        errand.get(&format!("issues?state=all&per_page={LOOKED_THROUGH}&sort=created&direction=desc")).await?;
    let marker = errand.marker();
    let found = ours.into_iter().find(|issue| issue.body.as_deref().is_some_and(|body| body.contains(&marker)));
    let issue = match found {
        Some(issue) => issue,
        None => {
            let new = New { title, body: format!("{body}\n\n{marker}").trim_start().to_owned(), labels };
            errand.client.post(errand.at("issues"), Some(&new)).await?
        }
    };
    Ok(Left::Issue { issue: IssueNumber(issue.number), url: issue.html_url })
}
