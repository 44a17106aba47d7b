//! A pull request. There is one open for a branch, so the branch finds it again.

use bus::{
    catalogue::outcome::Left,
    number::{IssueNumber, PullNumber},
};
use serde::{Deserialize, Serialize};

use super::{
    Errand, Fault,
    foreign::{Chosen, harmless},
};

pub(super) struct Wanted<'a> {
    /// The one issue that it closes.
    pub(super) issue: IssueNumber,
    pub(super) branch: &'a str,
    pub(super) base: &'a str,
    pub(super) title: &'a str,
    pub(super) body: &'a str,
}

#[derive(Deserialize)]
struct Pull {
    number: u64,
}

#[derive(Serialize)]
struct New<'a> {
    title: &'a str,
    head: &'a str,
    base: &'a str,
    body: &'a str,
}

#[derive(Serialize)]
struct Closed {
    state: &'static str,
}

pub(super) async fn run(errand: &Errand<'_>, wanted: Wanted<'_>) -> Result<Left, Fault> {
    if let Some(pull) = find(errand, &wanted).await? {
        return Ok(pull);
    }
    let chosen = Chosen { closes: Some(wanted.issue), ..Chosen::default() };
    let (title, body) = (&harmless(wanted.title, chosen), &harmless(wanted.body, chosen));
    let new = New { title, head: wanted.branch, base: wanted.base, body };
    let opened: octocrab::Result<Pull> = errand.client.post(errand.at("pulls"), Some(&new)).await;
    match opened.map_err(Fault::from) {
        Ok(pull) => Ok(left(pull)),
        // Somebody was faster.
        Err(fault) if fault.is_invalid() => find(errand, &wanted).await?.ok_or(fault),
        Err(fault) => Err(fault),
    }
}

async fn find(errand: &Errand<'_>, wanted: &Wanted<'_>) -> Result<Option<Left>, Fault> {
    let owner = errand.repository.split('/').next().unwrap_or_default();
    let (branch, base) = (wanted.branch, wanted.base);
    let open: Vec<Pull> = errand.get(&format!("pulls?state=open&head={owner}:{branch}&base={base}")).await?;
    Ok(open.into_iter().next().map(left))
}

const fn left(pull: Pull) -> Left {
    Left::Pull { pull: PullNumber(pull.number) }
}

/// Closing what is closed changes nothing.
pub(super) async fn close(errand: &Errand<'_>, pull: PullNumber) -> Result<Left, Fault> {
    let address = errand.at(&format!("pulls/{}", pull.0));
    let _: Pull = errand.client.patch(address, Some(&Closed { state: "closed" })).await?;
    Ok(Left::Nothing)
}
