//! Where a run works, taken from an offer: what is made part of an address or a ref is checked before.

use bus::{catalogue::cmd::Offer, number::PullNumber};

/// Where our branches begin.
const OURS: &str = "rig/";

/// Where a run works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// As `acme/hello.site`.
    pub(crate) repository: String,
    /// The branch it is done on.
    pub(crate) branch: String,
    /// The branch it is for.
    pub(crate) base: String,
    /// The pull request, once there is one.
    pub(crate) pull: Option<PullNumber>,
}

/// What of an offer cannot be a place.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the offer's {what} `{}` cannot be used", .text.escape_debug())]
pub(crate) struct NoPlace {
    what: &'static str,
    text: String,
}

impl Place {
    pub(crate) fn of(offer: &Offer) -> Result<Self, NoPlace> {
        let Offer { say: _, fence: _, item, task: _, attempt: _, branch, base, pull } = offer;
        let no = |what, text: &str| NoPlace { what, text: text.chars().take(120).collect() };
        let repository = &item.repository;
        let parts: Vec<&str> = repository.split('/').collect();
        if parts.len() != 2 || !parts.iter().all(|part| is_name(part)) {
            return Err(no("repository", repository));
        }
        if !branch.starts_with(OURS) || !is_branch(branch) {
            return Err(no("branch", branch));
        }
        if !is_branch(base) {
            return Err(no("base", base));
        }
        Ok(Self { repository: repository.clone(), branch: branch.clone(), base: base.clone(), pull: *pull })
    }
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && !matches!(text, "." | "..") && text.chars().all(fits)
}

/// Narrower than git's own rules, which are about what a ref may be; this is about what is never read as anything else.
fn is_branch(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+' | '#' | '@');
    let part = |part: &str| !part.is_empty() && !part.starts_with(['.', '-']) && !part.ends_with('.');
    let part = |text: &str| part(text) && !text.ends_with(".lock");
    text.len() <= 200
        && text.chars().all(fits)
        && !text.contains("..")
        && !text.contains("@{")
        && text.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_223_nothing_but_a_name_is_a_branch() {
        for good in ["main", "rig/1-Greet-the-visitor", "release/1.x", "größer"] {
            assert!(is_branch(good), "{good}");
        }
        for bad in
            ["", "-f", "a b", "a\nb", "$(x)", "`x`", "a'b", "a\"b", "a..b", "a:b", "/a", "a/", ".a", "a.lock", "a/-b"]
        {
            assert!(!is_branch(bad), "{bad}");
        }
        assert!(is_name("hello.site") && !is_name("..") && !is_name("a b") && !is_name(""));
    }
}
