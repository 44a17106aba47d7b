//! The one comment of ours on an issue or a pull request, edited in place. Found again by its marker, among what we said.

use bus::catalogue::outcome::Left;
use serde::{Deserialize, Serialize};

use super::{
    Errand, Fault,
    foreign::{Chosen, harmless},
};

/// What people do not see of it.
const MARKER: &str = "<!-- rig -->";

/// How many comments of a thread are looked through, a page each.
const PAGES: u32 = 10;
const PAGE: usize = 100;

#[derive(Deserialize)]
pub(super) struct Comment {
    id: u64,
    body: Option<String>,
    user: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

#[derive(Serialize)]
pub(super) struct Words {
    pub(super) body: String,
}

pub(super) async fn run(errand: &Errand<'_>, thread: u64, text: &str, mention: Option<&str>) -> Result<Left, Fault> {
    let text = harmless(text, Chosen { mention, ..Chosen::default() });
    let words = Words { body: format!("{text}\n\n{MARKER}") };
    let _: Comment = match find(errand, thread, MARKER).await? {
        Some(ours) if ours.body.as_ref() == Some(&words.body) => ours,
        Some(ours) => {
            let address = errand.at(&format!("issues/comments/{}", ours.id));
            errand.client.patch(address, Some(&words)).await?
        }
        None => errand.client.post(errand.at(&format!("issues/{thread}/comments")), Some(&words)).await?,
    };
    Ok(Left::Nothing)
}

/// What we said in a thread with this marker.
pub(super) async fn find(errand: &Errand<'_>, thread: u64, marker: &str) -> Result<Option<Comment>, Fault> {
    for page in 1..=PAGES {
        let comments: Vec<Comment> =
            errand.get(&format!("issues/{thread}/comments?per_page={PAGE}&page={page}")).await?;
        let last = comments.len() < PAGE;
        if let Some(ours) = comments.into_iter().find(|comment| is_ours(errand, comment, marker)) {
            return Ok(Some(ours));
        }
        if last {
            break;
        }
    }
    Ok(None)
}

/// Anybody can write the marker.
fn is_ours(errand: &Errand<'_>, comment: &Comment, marker: &str) -> bool {
    let said_by_us = comment.user.as_ref().is_some_and(|user| user.login.eq_ignore_ascii_case(errand.login));
    said_by_us && comment.body.as_deref().is_some_and(|body| body.contains(marker))
}
