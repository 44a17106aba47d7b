//! The head has all of the base branch, so that what was tested is what lands (I-07); read back, never assumed.

use bus::catalogue::{cmd::GithubOrder, work::Task};

use super::{Case, Verdict};

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let (pull, head) = (case.number, case.pull.head);
    let Some(look) = case.pull.looked().filter(|look| case.repository.base_head().is_none_or(|base| base == look.base))
    else {
        return Verdict::Ask("GitHub is being asked how it is now".to_owned(), GithubOrder::Look { pull, head });
    };
    match (look.mergeable, look.behind) {
        (Some(false), _) => {
            Verdict::Work(format!("it contradicts {} as that is now", case.pull.base), Task::Rebase { head })
        }
        (Some(true), 0) => Verdict::Pass,
        (None, _) => {
            Verdict::Ask("GitHub is working out whether it merges".to_owned(), GithubOrder::Look { pull, head })
        }
        (Some(true), behind) => Verdict::Ask(
            format!("it is {behind} commit{} behind {}", if behind == 1 { "" } else { "s" }, case.pull.base),
            GithubOrder::Update { pull, head },
        ),
    }
}
