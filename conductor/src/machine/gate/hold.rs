//! Nobody holds the item.

use super::{Case, Verdict};

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    match &case.item.course.hold {
        Some(hold) => Verdict::Human(format!("{} holds it; `release` lets it go on", hold.by)),
        None => Verdict::Pass,
    }
}
