//! Neither the issue nor the pull request has a label that keeps it from landing.

use super::{Case, Verdict};

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let has = |label: &&String| case.item.issue.has(label) || case.pull.labels.contains(&label.to_lowercase());
    match case.wanted.blocking.iter().find(has) {
        Some(label) => Verdict::Human(format!("the label `{label}` keeps it from landing; take it off")),
        None => Verdict::Pass,
    }
}
