//! A review. Found again by its marker among the reviews of the pull request.

use bus::{
    catalogue::{
        agent::{Remark, Verdict},
        outcome::{Left, Refusal},
    },
    commit::Oid,
    number::PullNumber,
};
use serde::{Deserialize, Serialize};

use super::{
    Errand, Fault,
    foreign::{Chosen, harmless},
    look,
};

pub(super) struct Wanted<'a> {
    pub(super) pull: PullNumber,
    pub(super) head: Oid,
    pub(super) verdict: Verdict,
    pub(super) body: &'a str,
    pub(super) remarks: &'a [Remark],
}

#[derive(Deserialize)]
struct Review {
    body: Option<String>,
}

#[derive(Serialize)]
struct New<'a> {
    commit_id: String,
    event: &'static str,
    body: String,
    comments: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    line: u64,
    side: &'static str,
    body: String,
}

pub(super) async fn run(errand: &Errand<'_>, wanted: Wanted<'_>) -> Result<Left, Fault> {
    let address = format!("pulls/{}/reviews", wanted.pull.0);
    let there: Vec<Review> = errand.get(&format!("{address}?per_page=100")).await?;
    let marker = errand.marker();
    if there.iter().any(|review| review.body.as_deref().is_some_and(|body| body.contains(&marker))) {
        return Ok(Left::Nothing);
    }
    let given = match give(errand, &address, &wanted, true).await {
        // A remark on a line that the diff does not show is refused with the whole review; the words matter more.
        Err(fault) if fault.is_invalid() && !wanted.remarks.is_empty() => give(errand, &address, &wanted, false).await,
        given => given,
    };
    match given {
        Err(fault) if fault.is_invalid() => Err(replaced(errand, &wanted).await?.unwrap_or(fault)),
        given => given,
    }
}

/// A head that a push has replaced cannot be judged any more.
async fn replaced(errand: &Errand<'_>, wanted: &Wanted<'_>) -> Result<Option<Fault>, Fault> {
    let head = look::pull(errand, wanted.pull).await?.head.sha;
    let moved = || Fault::Refused(Refusal::HeadMoved, format!("the head is {head} by now"));
    Ok((head != wanted.head).then(moved))
}

async fn give(errand: &Errand<'_>, address: &str, wanted: &Wanted<'_>, on_lines: bool) -> Result<Left, Fault> {
    let line = |remark: &'_ Remark| format!("- `{}:{}` {}", remark.path, remark.line, remark.body);
    let rest: Vec<String> = wanted.remarks.iter().filter(|_| !on_lines).map(line).collect();
    let words = plain(&format!("{}\n\n{}", wanted.body, rest.join("\n")));
    let new = New {
        commit_id: wanted.head.to_string(),
        event: event(wanted.verdict),
        body: format!("{words}\n\n{}", errand.marker()).trim_start().to_owned(),
        comments: wanted.remarks.iter().filter(|_| on_lines).map(comment).collect(),
    };
    let _: Review = errand.client.post(errand.at(address), Some(&new)).await?;
    Ok(Left::Nothing)
}

fn comment(remark: &Remark) -> Line<'_> {
    Line { path: &remark.path, line: remark.line, side: "RIGHT", body: plain(&remark.body) }
}

/// A reviewer calls nobody and closes nothing.
fn plain(words: &str) -> String {
    harmless(words, Chosen::default())
}

const fn event(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approved => "APPROVE",
        Verdict::ChangesRequested => "REQUEST_CHANGES",
        Verdict::Commented => "COMMENT",
    }
}
