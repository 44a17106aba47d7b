//! Who an App is at GitHub, and whose.

use std::collections::BTreeSet;

use serde::Deserialize;

/// Who an App is at GitHub.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Known {
    /// Its name in addresses: it speaks as `<slug>[bot]`.
    pub slug: String,
    /// Its page.
    pub html_url: String,
    /// What it is told of.
    #[serde(default)]
    pub events: BTreeSet<String>,
    /// Whose it is.
    #[serde(default)]
    pub owner: Owner,
}

/// Whose an App is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Owner {
    /// Its login.
    pub login: String,
    /// `User` or `Organization`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Known {
    /// Where its owner changes it, at this GitHub's pages.
    #[must_use]
    pub fn settings(&self, web: &str) -> String {
        match &self.owner {
            Owner { login, kind } if kind == "Organization" => {
                format!("{web}/organizations/{login}/settings/apps/{}", self.slug)
            }
            _ => format!("{web}/settings/apps/{}", self.slug),
        }
    }
}
