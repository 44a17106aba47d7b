//! What is told to the machine: by GitHub, by agents, by the probe.

use bus::{
    catalogue::{
        agent::{Outcome, Verdict},
        cmd::Offer,
        outcome::PullState,
        work::Task,
    },
    commit::Oid,
    number::ItemKey,
};
use conductor::machine::{
    Fact,
    fact::{Check, Claim, Conclusion, Issue, Place, Pull, Review, Says, Smoke},
};
use time::OffsetDateTime;

use super::town::Slot;

pub fn place(key: ItemKey) -> Place {
    let id = key.repository;
    Place { id, name: format!("acme/site-{}", id.0), default_branch: "main".to_owned() }
}

pub fn oid(n: u64, salt: u8) -> Oid {
    let mut bytes = [salt; 20];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    Oid::of(bytes)
}

pub fn issue(slot: Slot, now: OffsetDateTime) -> Issue {
    Issue {
        number: slot.key.issue,
        title: format!("Greet visitor {} by name", slot.key.issue.0),
        body: "The page says Hello, and the name.".to_owned(),
        author: "ada".to_owned(),
        labels: vec!["agent-ready".to_owned()],
        open: true,
        updated_at: now,
        by: Some("ada".to_owned()),
    }
}

pub fn pull(slot: Slot, now: OffsetDateTime) -> Pull {
    Pull {
        number: slot.pull(),
        title: format!("Greet visitor {} by name", slot.key.issue.0),
        author: "dev-e[bot]".to_owned(),
        member: true,
        branch: Some(format!("rig/{}-greet", slot.key.issue.0)),
        head: slot.head(),
        base: "main".to_owned(),
        closes: vec![slot.key.issue],
        labels: Vec::new(),
        draft: false,
        state: PullState::Open,
        mergeable: None,
        updated_at: now,
        by: Some("dev-e[bot]".to_owned()),
    }
}

/// A check that begins, or is cancelled.
pub fn check(slot: Slot, n: usize) -> Check {
    let conclusion = n.is_multiple_of(3).then_some(Conclusion::Cancelled);
    Check { run: n as u64, ..ran(slot, conclusion) }
}

/// The last run of its check.
pub fn ran(slot: Slot, conclusion: Option<Conclusion>) -> Check {
    let (url, summary) = (String::new(), String::new());
    Check { name: "build".to_owned(), head: slot.head(), run: u64::MAX, conclusion, url, summary }
}

/// What a person says of it, without a judgement.
pub fn remark(slot: Slot, id: u64) -> Review {
    review(slot, id, "nora", Verdict::Commented)
}

pub fn review(slot: Slot, id: u64, who: &str, verdict: Verdict) -> Review {
    Review { id, pull: slot.pull(), reviewer: who.to_owned(), head: slot.head(), member: true, verdict: Some(verdict) }
}

/// What an agent tells of a run, from its claim to its end.
pub fn run(slot: Slot, offer: &Offer) -> [Fact; 3] {
    let (head, title) = (slot.head(), offer.item.title.clone());
    let body = "It says so now.".to_owned();
    let (agent, left) = match offer.task {
        Task::Review { head, .. } => {
            ("review-e", Outcome::Judged { head, verdict: Verdict::Approved, body, remarks: Vec::new() })
        }
        _ => ("dev-e", Outcome::Pushed { head, title, body }),
    };
    let claim = |what| Fact::Claim(Claim { agent: agent.to_owned(), fence: Some(offer.fence), what });
    [claim(Says::Claimed), claim(Says::Alive { resting_until: None }), claim(Says::Finished(left))]
}

pub fn alive() -> Claim {
    Claim { agent: "dev-e".to_owned(), fence: None, what: Says::Alive { resting_until: None } }
}

pub const fn smoke(commit: Oid) -> Smoke {
    Smoke { commit, checks: 4, failures: Vec::new() }
}
