//! The pull request is not a draft.

use super::{Case, Verdict};

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    if case.pull.draft {
        return Verdict::Wait("it is a draft; mark it ready for review".to_owned());
    }
    Verdict::Pass
}
