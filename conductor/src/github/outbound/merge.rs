//! The landing. Attempted first, since the head guards it; where GitHub refuses, it is read back whether it had been done
//! before.

use bus::{
    catalogue::outcome::{Left, PullState, Refusal},
    commit::Oid,
    number::PullNumber,
};
use serde::{Deserialize, Serialize};

use super::{
    Errand, Fault,
    foreign::{Chosen, harmless},
    look,
};

#[derive(Serialize)]
struct Wanted<'a> {
    sha: String,
    merge_method: &'static str,
    commit_title: &'a str,
}

#[derive(Deserialize)]
struct Merged {
    sha: Oid,
}

pub(super) async fn run(errand: &Errand<'_>, pull: PullNumber, head: Oid, title: &str) -> Result<Left, Fault> {
    let title = harmless(title, Chosen::default());
    let wanted = Wanted { sha: head.to_string(), merge_method: "squash", commit_title: &title };
    let address = errand.at(&format!("pulls/{}/merge", pull.0));
    let merged: octocrab::Result<Merged> = errand.client.put(address, Some(&wanted)).await;
    match merged.map_err(Fault::from) {
        Ok(merged) => landed(errand, merged.sha).await,
        Err(fault) => read_back(errand, pull, fault).await,
    }
}

async fn landed(errand: &Errand<'_>, commit: Oid) -> Result<Left, Fault> {
    let tree = look::commit(errand, commit).await?.tree.sha;
    Ok(Left::Commit { commit, tree })
}

async fn read_back(errand: &Errand<'_>, pull: PullNumber, fault: Fault) -> Result<Left, Fault> {
    let found = look::pull(errand, pull).await?;
    match (found.state(), fault) {
        (PullState::Merged { commit }, _) => landed(errand, commit).await,
        (PullState::Closed, _) => Err(Fault::Refused(Refusal::Gone, "it is closed".to_owned())),
        (PullState::Open, Fault::Refused(Refusal::NotMergeable, answer)) if found.mergeable == Some(false) => {
            Err(Fault::Refused(Refusal::Conflict, answer))
        }
        (PullState::Open, fault) => Err(fault),
    }
}
