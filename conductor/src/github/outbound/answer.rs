//! An answer, under the comment that asked. Found again by the comment that it answers, among what we said.

use bus::catalogue::outcome::Left;

use super::{
    Errand, Fault,
    foreign::{Chosen, harmless},
    tell::{Comment, Words, find},
};

/// The answer to a comment. It has one, so that its number is the marker, whichever order brought it.
pub(super) async fn run(errand: &Errand<'_>, thread: u64, comment: u64, text: &str) -> Result<Left, Fault> {
    let marker = format!("<!-- rig answers {comment} -->");
    if find(errand, thread, &marker).await?.is_none() {
        let words = Words { body: format!("{}\n\n{marker}", harmless(text, Chosen::default())) };
        let _: Comment = errand.client.post(errand.at(&format!("issues/{thread}/comments")), Some(&words)).await?;
    }
    Ok(Left::Nothing)
}
