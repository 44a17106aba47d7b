//! A repository's site, and what of it was deployed.

use maud::{Markup, html};

use super::at::At;
use crate::{site::WORD, world::Live};

/// Where the site is, which commit GitHub takes it to serve, and where it says itself which.
pub(super) fn facts(at: At<'_>) -> Markup {
    let Some(pages) = &at.repository.pages else { return html! {} };
    html! {
        dt { "Site" }
        dd {
            a href=(pages.url) { (pages.url) }
            @match at.state.live(at.repository.id) {
                Some(Live { commit, .. }) => {
                    ", deployed from " a.sha href=(at.path(&["commit", &commit.to_string()])) { (commit.short()) }
                }
                None => { ", not deployed yet" }
            }
            " (" a href=(format!("{}{WORD}", pages.url.trim_end_matches('/'))) { "what it says itself" } ")"
        }
    }
}
