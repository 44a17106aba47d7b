//! How the machine's orders are shown in a scenario.

use bus::catalogue::cmd::{DeployOrder, GithubOrder};
use conductor::machine::Order;

use super::stage::Stage;

impl Stage {
    pub(crate) fn line(&self, order: &Order) -> Option<String> {
        match order {
            Order::Agent { role, pool, offer } => Some(format!("{role} of {pool}: {} on {}", offer.say, offer.branch)),
            Order::Say { room, say, push } if push.is_empty() => Some(format!("in {room}: {say}")),
            Order::Say { room, say, push } => Some(format!("in {room}, {} is pushed: {say}", push.join(", "))),
            Order::Deploy { order: DeployOrder::Observe { commit, .. }, .. } => {
                Some(format!("probe: observe {}", commit.short()))
            }
            Order::Deploy { order: DeployOrder::Smoke { commit }, .. } => {
                Some(format!("probe: smoke {}", commit.short()))
            }
            Order::Github { order, .. } => self.github_line(order),
        }
    }

    fn github_line(&self, order: &GithubOrder) -> Option<String> {
        let words = match order {
            GithubOrder::File { title, labels, .. } => format!("file \"{title}\" [{}]", labels.join(", ")),
            GithubOrder::Open { branch, title, .. } => format!("open \"{title}\" from {branch}"),
            GithubOrder::Review { pull, head, verdict, .. } => {
                format!("review {pull} at {}: {verdict:?}", head.short())
            }
            GithubOrder::Look { .. } if !self.is_silent("look") => return None,
            GithubOrder::Look { pull, .. } => format!("look {pull}"),
            GithubOrder::Update { pull, head } => format!("update {pull} at {}", head.short()),
            GithubOrder::Merge { pull, head, .. } => format!("merge {pull} at {}", head.short()),
            GithubOrder::Close { pull, by } => format!("close {pull} for {by}"),
            GithubOrder::Tell { .. } if !self.shows_comments => return None,
            GithubOrder::Judge { .. } if !self.shows_gates => return None,
            GithubOrder::Tell { thread, text, .. } => format!("tell {thread}: {text}"),
            GithubOrder::Answer { thread, text, .. } => format!("answer under {thread}: {text}"),
            GithubOrder::Judge { head, open, landed, summary } => {
                let word = match (open, landed) {
                    (true, _) => "open",
                    (false, true) => "over",
                    (false, false) => "shut",
                };
                format!("gate {word} at {}\n{summary}", head.short())
            }
        };
        Some(format!("github: {words}"))
    }
}
