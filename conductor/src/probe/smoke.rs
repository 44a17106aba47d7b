//! The smoke test: pages that are named, and what they have to say.

use serde::Deserialize;

use super::site::{Page, Site};

/// One page that is tried.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What people call it.
    pub name: String,
    /// The page, from the slash on.
    pub path: String,
    /// What has to stand in it; nothing where it is enough that it answers.
    #[serde(default)]
    pub says: Option<String>,
}

impl Check {
    /// The first page answers.
    pub(super) fn home() -> Self {
        Self { name: "home".to_owned(), path: "/".to_owned(), says: None }
    }

    fn judge(&self, page: &Page) -> Result<(), String> {
        let Self { name, path, says } = self;
        if !(200..300).contains(&page.status) {
            return Err(format!("{name}: {path} answers {}", page.status));
        }
        match says {
            Some(says) if !page.text.contains(says.as_str()) => Err(format!("{name}: {path} does not say \"{says}\"")),
            _ => Ok(()),
        }
    }
}

/// What went wrong, a line a check.
pub(super) async fn failures(site: &Site<'_>, checks: &[Check]) -> Vec<String> {
    let mut failures = Vec::new();
    for check in checks {
        let judged = match site.page(&check.path).await {
            Ok(page) => check.judge(&page),
            Err(why) => Err(format!("{}: {why}", check.name)),
        };
        failures.extend(judged.err());
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_to_answer_and_to_say_what_is_wanted() {
        let check = Check { name: "hello".to_owned(), path: "/".to_owned(), says: Some("Hello".to_owned()) };
        let page = |status, text: &str| Page { status, text: text.to_owned() };
        assert_eq!(check.judge(&page(200, "<h1>Hello!</h1>")), Ok(()));
        assert_eq!(check.judge(&page(200, "no")), Err("hello: / does not say \"Hello\"".to_owned()));
        assert_eq!(check.judge(&page(503, "Hello")), Err("hello: / answers 503".to_owned()));
    }
}
