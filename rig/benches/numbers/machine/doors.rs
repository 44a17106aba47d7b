//! What the doors answer to the machine's orders.

use bus::{
    catalogue::{
        agent::Verdict,
        cmd::GithubOrder,
        outcome::{End, Left, Look, PullState},
    },
    commit::Oid,
    number::{IssueNumber, PullNumber},
};
use conductor::machine::{
    Fact,
    fact::{Branch, Conclusion, Issue, Pull, Tip},
};
use time::OffsetDateTime;

use super::{
    tells::{self, place},
    town::Slot,
};

/// What comes of an order.
pub struct Answer {
    pub end: End,
    /// What GitHub tells of it afterwards.
    pub later: Vec<Fact>,
    /// The base branch's head after it.
    pub base: Oid,
    /// Whether there is a pull request now.
    pub opens: bool,
}

/// The issue that an order is about.
pub const fn number_of(order: &GithubOrder) -> Option<IssueNumber> {
    match order {
        GithubOrder::Open { issue, .. } => Some(*issue),
        GithubOrder::Review { pull, .. } | GithubOrder::Look { pull, .. } | GithubOrder::Merge { pull, .. } => {
            Some(issue_of(*pull))
        }
        _ => None,
    }
}

const fn issue_of(pull: PullNumber) -> IssueNumber {
    IssueNumber(pull.0 - 10_000_000)
}

pub fn done() -> End {
    End::Done { left: Left::Nothing }
}

pub fn github(slot: Option<Slot>, base: Oid, now: OffsetDateTime, order: &GithubOrder) -> Answer {
    let plain = Answer { end: done(), later: Vec::new(), base, opens: false };
    let Some(slot) = slot else {
        return plain;
    };
    let at = || place(slot.key);
    match order {
        GithubOrder::Look { .. } => {
            let left = Left::Look(Box::new(look(slot, base, now)));
            Answer { end: End::Done { left }, ..plain }
        }
        GithubOrder::Open { .. } => {
            let checks = [None, Some(Conclusion::Success)].map(|end| Fact::Check(at(), tells::ran(slot, end)));
            let later = std::iter::once(Fact::Pull(at(), tells::pull(slot, now))).chain(checks).collect();
            Answer { end: End::Done { left: Left::Pull { pull: slot.pull() } }, later, opens: true, ..plain }
        }
        GithubOrder::Review { .. } => {
            let approved = tells::review(slot, u64::MAX, "review-e[bot]", Verdict::Approved);
            let green = tells::ran(slot, Some(Conclusion::Success));
            Answer { later: vec![Fact::Review(at(), approved), Fact::Check(at(), green)], ..plain }
        }
        GithubOrder::Merge { .. } => merged(slot, base, now),
        _ => plain,
    }
}

fn merged(slot: Slot, base: Oid, now: OffsetDateTime) -> Answer {
    let (commit, tree) = (tells::oid(slot.key.issue.0, 4), slot.tree());
    let tip = Tip { commit, before: Some(base), tree, run: None, reverts: Vec::new() };
    let by = Some("conductor-e[bot]".to_owned());
    let pull = Pull { state: PullState::Merged { commit }, by: by.clone(), ..tells::pull(slot, now) };
    let issue = Issue { open: false, by, ..tells::issue(slot, now) };
    let at = || place(slot.key);
    let later = vec![
        Fact::Branch(at(), Branch { name: "main".to_owned(), head: Some(tip) }),
        Fact::Pull(at(), pull),
        Fact::Issue(at(), issue),
    ];
    Answer { end: End::Done { left: Left::Commit { commit, tree } }, later, base: commit, opens: false }
}

fn look(slot: Slot, base: Oid, now: OffsetDateTime) -> Look {
    Look {
        pull: slot.pull(),
        head: slot.head(),
        tree: slot.tree(),
        run: None,
        base,
        behind: 0,
        state: PullState::Open,
        draft: false,
        mergeable: Some(true),
        patch: format!("{:064x}", slot.key.issue.0),
        authors: vec!["dev-e[bot]".to_owned()],
        more_authors: false,
        updated_at: now,
    }
}
