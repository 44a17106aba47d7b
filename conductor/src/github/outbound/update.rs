//! The base branch, brought into a head. The head guards it; a head that has the old one for its first parent is what an
//! earlier try left.

use std::time::Duration;

use bus::{
    catalogue::outcome::{Left, Refusal},
    commit::Oid,
    number::PullNumber,
};
use serde::{Deserialize, Serialize};

use super::{Errand, Fault, look};

/// GitHub does it after it has answered: so often it is looked at, and after so long.
const LOOKED: u32 = 40;
const BETWEEN: Duration = Duration::from_millis(250);

#[derive(Serialize)]
struct Wanted {
    expected_head_sha: String,
}

#[derive(Deserialize)]
struct Accepted {}

pub(super) async fn run(errand: &Errand<'_>, pull: PullNumber, head: Oid) -> Result<Left, Fault> {
    if let Some(left) = updated(errand, pull, head).await? {
        return Ok(left);
    }
    let wanted = Wanted { expected_head_sha: head.to_string() };
    let address = errand.at(&format!("pulls/{}/update-branch", pull.0));
    let accepted: octocrab::Result<Accepted> = errand.client.put(address, Some(&wanted)).await;
    accepted.map_err(|error| refused(error.into()))?;
    for _ in 0..LOOKED {
        if let Some(left) = updated(errand, pull, head).await? {
            return Ok(left);
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Err(Fault::Later("GitHub took the update and did not show it".to_owned()))
}

/// What the update left; nothing while the head is still the old one.
async fn updated(errand: &Errand<'_>, pull: PullNumber, head: Oid) -> Result<Option<Left>, Fault> {
    let commit = look::pull(errand, pull).await?.head.sha;
    if commit == head {
        return Ok(None);
    }
    let raw = look::commit(errand, commit).await?;
    let is_ours = raw.parents.len() == 2 && raw.parents.first().is_some_and(|first| first.sha == head);
    if !is_ours {
        return Err(Fault::Refused(Refusal::HeadMoved, format!("the head is {commit} by now")));
    }
    Ok(Some(Left::Commit { commit, tree: raw.tree.sha }))
}

/// GitHub says 422 for a conflict and for another head alike; only its words tell them apart.
fn refused(fault: Fault) -> Fault {
    match fault {
        Fault::Refused(Refusal::Invalid, answer) if answer.contains("expected") => {
            Fault::Refused(Refusal::HeadMoved, answer)
        }
        Fault::Refused(Refusal::Invalid, answer) => Fault::Refused(Refusal::Conflict, answer),
        fault => fault,
    }
}
