//! What was lost and what was doubled: counted, not believed.

use std::collections::BTreeSet;

use bus::{
    RecordId,
    connect::Connection,
    read::{Batch, Reader, Start},
    stream,
};

use super::town::Town;
use crate::exit::Failure;

/// How many records are taken at once.
const AT_ONCE: Batch = Batch { records: 1000, bytes: 16 << 20 };

/// What is missing, and what is there twice.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Balance {
    /// Deliveries of GitHub's that are no record, a line each.
    pub(super) lost: Vec<String>,
    /// What is there more than once, a line each.
    pub(super) doubled: Vec<String>,
}

impl Balance {
    /// Counts: each delivery that GitHub lists is a record, no record is there twice, each issue has one pull request,
    /// and each of both one comment of ours.
    ///
    /// # Errors
    /// When LOG or GitHub do not answer.
    pub(super) async fn of(operator: &Connection, town: &Town, issues: &[u64]) -> Result<Self, Failure> {
        let mut balance = Self::default();
        let mut ids = BTreeSet::new();
        for id in ids_of(operator).await? {
            if !ids.insert(id) {
                balance.doubled.push(format!("record {id}"));
            }
        }
        let missing = town.delivered().await?.into_iter().filter(|id| !ids.contains(id));
        balance.lost.extend(missing.map(|id| format!("delivery {id}")));
        let pulls = town.pull_requests().await?;
        if pulls.len() > issues.len() {
            balance.doubled.push(format!("{} pull requests for {} issues", pulls.len(), issues.len()));
        }
        for thread in issues.iter().chain(&pulls) {
            match town.comments(*thread).await? {
                0 | 1 => {}
                count => balance.doubled.push(format!("{count} comments on #{thread}")),
            }
        }
        Ok(balance)
    }
}

async fn ids_of(operator: &Connection) -> Result<Vec<RecordId>, Failure> {
    let log = stream::log_state(&operator.jetstream()).await?;
    let mut reader = Reader::open(operator, Start::Sequence(1), &[]).await?;
    let (mut ids, mut read) = (Vec::new(), 0);
    while read < log.messages {
        let records = reader.next_batch(AT_ONCE).await?;
        read += records.len() as u64;
        ids.extend(records.iter().filter_map(|record| record.decode().ok()).map(|(_, envelope)| envelope.id));
    }
    Ok(ids)
}
