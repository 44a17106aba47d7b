//! What protects a branch, in the words that people use of it.

use serde::Serialize;

use crate::workflow::table::{Reader, number, texts, truth};

const KEYS: &str = "checks, strict, approvals, dismiss_stale, conversations, linear and admins";

/// The protection of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The branch.
    pub branch: String,
    /// Checks that must have passed.
    pub checks: Vec<String>,
    /// Whether the branch must hold the newest commit of its target.
    pub strict: bool,
    /// How many approvals a pull request needs; 0 asks for a pull request alone, none not even for that.
    pub approvals: Option<u64>,
    /// Whether a push takes approvals away.
    pub dismiss_stale: bool,
    /// Whether every conversation must be resolved.
    pub conversations: bool,
    /// Whether merge commits are refused.
    pub linear: bool,
    /// Whether administrators are bound too.
    pub admins: bool,
}

impl Protection {
    pub(super) fn read(branch: &str, reader: &mut Reader<'_>) -> Self {
        let mut truth = |key| reader.optional(key, truth).unwrap_or_default();
        let [strict, dismiss_stale, conversations, linear, admins] =
            ["strict", "dismiss_stale", "conversations", "linear", "admins"].map(&mut truth);
        let checks = reader.optional("checks", texts).unwrap_or_default();
        let approvals = reader.optional("approvals", |value| match number(value)? {
            number @ 0..=6 => Ok(number),
            more => Err(format!("{more} approvals are more than the 6 that GitHub asks for at most")),
        });
        if dismiss_stale && approvals.is_none() {
            reader.fault(Some("dismiss_stale"), "this is about approvals; say how many approvals are needed".into());
        }
        if strict && checks.is_empty() {
            reader.fault(Some("strict"), "this is about checks; name the checks".into());
        }
        reader.finish(KEYS);
        let branch = branch.to_owned();
        Self { branch, checks, strict, approvals, dismiss_stale, conversations, linear, admins }
    }

    /// The body of GitHub's request for it.
    pub(super) fn body(&self) -> impl Serialize {
        Body {
            required_status_checks: (!self.checks.is_empty())
                .then(|| Checks { strict: self.strict, contexts: self.checks.clone() }),
            enforce_admins: self.admins,
            required_pull_request_reviews: self.approvals.map(|required_approving_review_count| Reviews {
                dismiss_stale_reviews: self.dismiss_stale,
                required_approving_review_count,
            }),
            restrictions: None,
            required_linear_history: self.linear,
            required_conversation_resolution: self.conversations,
        }
    }
}

#[derive(Serialize)]
struct Body {
    required_status_checks: Option<Checks>,
    enforce_admins: bool,
    required_pull_request_reviews: Option<Reviews>,
    restrictions: Option<()>,
    required_linear_history: bool,
    required_conversation_resolution: bool,
}

#[derive(Serialize)]
struct Checks {
    strict: bool,
    contexts: Vec<String>,
}

#[derive(Serialize)]
struct Reviews {
    dismiss_stale_reviews: bool,
    required_approving_review_count: u64,
}
