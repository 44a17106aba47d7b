//! The pull request is for an issue that is open (F-070).

use super::{Case, Verdict};

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    if case.item.issue.open {
        return Verdict::Pass;
    }
    Verdict::Wait("its issue is closed".to_owned())
}
