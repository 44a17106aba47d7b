//! The servers' programs, while no rig is up that could be asked: whether the next start finds them.

use std::{future::Future, path::PathBuf};

use servers::{
    Cache,
    program::{nats_server_at, postgres_bin_at},
};

use super::finding::Findings;
use crate::{
    config::{self, Config},
    exit::{Failure, sentence},
};

pub(super) async fn look(findings: &mut Findings, config: &Config) -> Result<(), Failure> {
    let config::Servers { nats_server, postgres_bin, .. } = &config.servers;
    let [has_nats, has_postgres] = Cache::holds();
    let named = nats_server.as_ref().map(|program| nats_server_at(program));
    one(findings, "nats-server", "nats_server", named, has_nats).await?;
    let named = postgres_bin.as_ref().map(|folder| postgres_bin_at(folder));
    one(findings, "postgresql", "postgres_bin", named, has_postgres).await
}

/// The one that is named, else the pinned one.
async fn one(
    findings: &mut Findings,
    what: &str,
    key: &str,
    named: Option<impl Future<Output = servers::Result<PathBuf>>>,
    is_there: bool,
) -> Result<(), Failure> {
    match named {
        Some(named) => match named.await {
            Ok(path) => findings.good(what, &format!("{} is new enough; no rig is up that uses it", path.display())),
            Err(error) => {
                let advice = format!("in rig.toml, take {key} out of [servers]: the pinned one is used then");
                findings.wrong(what, &sentence(&error), &advice)
            }
        },
        None if is_there => findings.good(what, "the pinned one is installed; no rig is up that uses it"),
        None => findings.unsure(what, "is not installed yet; the first start does that, with pip", "rig up"),
    }
}
