//! Questions to GitHub, page by page. What did not change since it was last asked costs nothing of the limits.

use std::collections::HashMap;

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ETAG, IF_NONE_MATCH},
};
use octocrab::{Octocrab, map_github_error};

use super::Page;
use crate::github::fault::Fault;

/// An answer is kept for so many rounds: every question is asked again within them.
const KEPT_ROUNDS: u64 = 13;

/// Answers to what was asked lately.
#[derive(Debug, Default)]
pub(in crate::github) struct Shelf {
    pages: HashMap<String, Kept>,
    round: u64,
}

#[derive(Debug)]
struct Kept {
    mark: HeaderValue,
    page: Page,
    round: u64,
}

/// Asks as one App in one place.
#[derive(Debug)]
pub(in crate::github) struct Asker<'a> {
    client: Octocrab,
    shelf: &'a mut Shelf,
}

impl Shelf {
    /// Ends a round, and forgets what was not asked for in the latest ones.
    pub(in crate::github) fn turn(&mut self) {
        self.round += 1;
        let oldest = self.round.saturating_sub(KEPT_ROUNDS);
        self.pages.retain(|_, kept| kept.round >= oldest);
    }
}

impl<'a> Asker<'a> {
    pub(in crate::github) const fn new(client: Octocrab, shelf: &'a mut Shelf) -> Self {
        Self { client, shelf }
    }

    /// What stands at this path.
    pub(in crate::github) async fn page(&mut self, path: &str) -> Result<Page, Fault> {
        let mark = self.shelf.pages.get(path).map(|kept| kept.mark.clone());
        let headers = mark.map(|mark| HeaderMap::from_iter([(IF_NONE_MATCH, mark)]));
        let answer = self.client._get_with_headers(path, headers).await?;
        let round = self.shelf.round;
        if answer.status() == StatusCode::NOT_MODIFIED
            && let Some(kept) = self.shelf.pages.get_mut(path)
        {
            kept.round = round;
            return Ok(kept.page.clone());
        }
        let answer = map_github_error(answer).await?;
        let headers = answer.headers().clone();
        let page = Page::read(path, &headers, self.client.body_to_string(answer).await?);
        let page = page.map_err(|error| Fault::Later(format!("GitHub's answer is not JSON: {error}")))?;
        if let Some(mark) = headers.get(ETAG).cloned() {
            self.shelf.pages.insert(path.to_owned(), Kept { mark, page: page.clone(), round });
        }
        Ok(page)
    }
}
