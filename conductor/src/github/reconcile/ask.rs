//! Questions to GitHub, page by page. What did not change since it was last asked costs nothing of the limits.

use std::{collections::HashMap, sync::Arc};

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ETAG, IF_NONE_MATCH, LINK},
};
use octocrab::{Octocrab, map_github_error};

use crate::github::{fault::Fault, json::Json};

/// A list of more pages than this is not read to its end.
const MOST_PAGES: u32 = 1000;

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

/// One answer.
#[derive(Clone, Debug)]
pub(in crate::github) struct Page {
    body: Arc<str>,
    next: Option<String>,
}

/// Asks as one App in one place.
#[derive(Debug)]
pub(in crate::github) struct Asker<'a> {
    client: Octocrab,
    shelf: &'a mut Shelf,
}

/// The pages of one list, as far as they were not asked for yet.
#[derive(Debug)]
pub(in crate::github) struct Pages {
    next: Option<String>,
    left: u32,
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
        let (mark, next) = (answer.headers().get(ETAG).cloned(), next(answer.headers(), path));
        let page = Page { body: self.client.body_to_string(answer).await?.into(), next };
        page.json()?;
        if let Some(mark) = mark {
            self.shelf.pages.insert(path.to_owned(), Kept { mark, page: page.clone(), round });
        }
        Ok(page)
    }
}

impl Page {
    /// The whole answer.
    pub(in crate::github) fn json(&self) -> Result<Json<'_>, Fault> {
        Json::parse(&self.body).map_err(|error| Fault::Later(format!("GitHub's answer is not JSON: {error}")))
    }
}

impl Pages {
    /// A list from its beginning.
    pub(in crate::github) const fn of(path: String) -> Self {
        Self { next: Some(path), left: MOST_PAGES }
    }

    /// The next page, if there is one.
    pub(in crate::github) async fn next(&mut self, asker: &mut Asker<'_>) -> Result<Option<Page>, Fault> {
        let Some(path) = self.next.take().filter(|_| self.left > 0) else {
            return Ok(None);
        };
        self.left -= 1;
        let page = asker.page(&path).await?;
        self.next.clone_from(&page.next);
        Ok(Some(page))
    }
}

/// The way to the next page: our own path with the query that GitHub names. Nothing is sent to an address that came in an
/// answer.
fn next(headers: &HeaderMap, path: &str) -> Option<String> {
    let links = headers.get(LINK)?.to_str().ok()?;
    let link = links.split(',').find(|link| link.contains("rel=\"next\""))?;
    let (_, query) = link.split_once('<')?.1.split_once('>')?.0.split_once('?')?;
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    Some(format!("{path}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(link: &'static str, expected: Option<&str>) {
        let headers = HeaderMap::from_iter([(LINK, HeaderValue::from_static(link))]);
        assert_eq!(next(&headers, "/repos/a/b/issues?state=open").as_deref(), expected);
    }

    #[test]
    fn the_next_page_is_asked_for_where_the_first_was() {
        check(
            r#"<https://elsewhere.example/x?page=1>; rel="prev", <https://elsewhere.example/x?state=open&page=3>; rel="next""#,
            Some("/repos/a/b/issues?state=open&page=3"),
        );
        check(r#"<https://api.github.com/x?page=9>; rel="last""#, None);
        check("", None);
    }
}
