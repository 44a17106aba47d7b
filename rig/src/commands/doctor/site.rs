//! The site, as the probe sees it: only one that tells its commit can be said to be live.

use std::time::Duration;

use conductor::probe;

use super::finding::Findings;
use crate::{config::Repository, exit::Failure};

/// As long as the probe waits for a page.
const WITHIN: Duration = Duration::from_secs(10);

/// What a site has to do.
const TELLS: &str = "have it answer with the header X-Commit, or at /.well-known/commit with {\"commit\": \"…\"}: the \
                     commit it was built from, as docs/github.md shows under Live";

pub(super) async fn look(findings: &mut Findings, repository: &Repository) -> Result<(), Failure> {
    let name = &repository.name;
    let Some(site) = &repository.site else {
        return findings.unsure(
            name,
            "no site is named, so what landed is not looked at, and nothing is said to be live",
            &format!("in rig.toml, [[repository]] {name}: site = \"https://…\""),
        );
    };
    match probe::told(site, WITHIN).await {
        Ok(commit) => findings.good(name, &format!("{site} tells its commit: {}", commit.short())),
        Err(why) => findings.wrong(name, &why, TELLS),
    }
}
