//! The person who is asked when nobody else is named: whether GitHub knows them, and whether their approval counts there.

use conductor::github::examine::Unseen;

use super::{Ours, finding::Findings};
use crate::{config::Repository, exit::Failure};

pub(super) async fn look(
    findings: &mut Findings,
    person: &str,
    repository: &Repository,
    conductor: &Ours,
) -> Result<(), Failure> {
    let name = &repository.name;
    match conductor.client.permission(name, person).await {
        Ok(may) if matches!(may.as_str(), "admin" | "maintain" | "write") => {
            findings.good(name, &format!("{person} is asked here, and may push there, so their approval counts"))
        }
        Ok(may) => findings.wrong(
            name,
            &format!("{person} is asked here, and may only {may} there, so their approval does not count"),
            &format!("let {person} write, under Settings, Collaborators of {name}; or name another: [operator] name"),
        ),
        Err(Unseen::Absent(_)) => findings.wrong(
            name,
            &format!("{person} is asked here, and GitHub knows nobody of that login"),
            "in rig.toml, [operator]: name = \"…\", your login on GitHub",
        ),
        Err(unseen) => findings.unsure(name, &format!("{person}: {unseen}"), "rig doctor, once more later"),
    }
}
