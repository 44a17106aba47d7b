//! One answer of GitHub's, and where its list goes on.

use std::sync::Arc;

use http::{HeaderMap, header::LINK};
use serde_json::value::RawValue;

use crate::github::json::Json;

/// One answer.
#[derive(Clone, Debug)]
pub struct Page {
    body: Arc<RawValue>,
    next: Option<String>,
}

impl Page {
    /// The answer to a question at this path.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn read(path: &str, headers: &HeaderMap, body: String) -> Result<Self, serde_json::Error> {
        Ok(Self { body: RawValue::from_string(body)?.into(), next: next(headers, path) })
    }

    /// The path of the next page, if there is one.
    pub(in crate::github) fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// The whole answer.
    pub(in crate::github) fn json(&self) -> Json<'_> {
        Json::of(&self.body)
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
    use http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(link: &'static str, expected: Option<&str>) {
        let headers = HeaderMap::from_iter([(LINK, HeaderValue::from_static(link))]);
        let page = Page::read("/repos/a/b/issues?state=open", &headers, "[]".to_owned()).unwrap();
        assert_eq!(page.next(), expected);
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
