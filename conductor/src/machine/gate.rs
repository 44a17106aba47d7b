//! The gates: what must hold of a pull request before it lands. One file a rule, each a pure function from facts to open
//! or shut, and a sentence.

mod approval;
mod base;
mod checks;
mod draft;
mod hold;
mod issue;
mod labels;

use bus::{
    catalogue::{
        cmd::GithubOrder,
        outcome::PullState,
        work::{Reason, Task},
    },
    number::{ItemKey, PullNumber},
};

use super::{
    rules::{self, Autonomy, Rules},
    state::{Commit, Item, KnownPull, KnownRepository, State},
};

/// All that a gate may look at.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The rules of the installation.
    pub rules: &'a Rules,
    /// The rules of the repository.
    pub wanted: &'a rules::Repository,
    /// The repository.
    pub repository: &'a KnownRepository,
    /// The item.
    pub item: &'a Item,
    /// The pull request's number.
    pub number: PullNumber,
    /// The pull request.
    pub pull: &'a KnownPull,
    /// What is known of its head.
    pub head: Option<&'a Commit>,
}

/// What a gate says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Open.
    Pass,
    /// Open by a person's word, and by nothing else: whose, and why.
    Waived(String),
    /// Shut until something is told.
    Wait(String),
    /// Shut until something is read back or done on GitHub.
    Ask(String, GithubOrder),
    /// Shut until an agent has worked.
    Work(String, Task),
    /// Shut until a person says otherwise.
    Human(String),
}

/// A gate.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Its name, as people read it.
    pub name: &'static str,
    /// What it says of a case.
    pub judge: fn(&Case<'_>) -> Verdict,
}

/// Every gate, in the order in which people are told. Work is given by the first that wants some.
pub const GATES: [Gate; 7] = [
    Gate { name: "linked issue", judge: issue::judge },
    Gate { name: "not a draft", judge: draft::judge },
    Gate { name: "no hold", judge: hold::judge },
    Gate { name: "labels", judge: labels::judge },
    Gate { name: "checks", judge: checks::judge },
    Gate { name: "base", judge: base::judge },
    Gate { name: "approval", judge: approval::judge },
];

/// What all gates say of a case.
#[must_use]
pub fn judge(case: &Case<'_>) -> Vec<(&'static str, Verdict)> {
    GATES.iter().map(|gate| (gate.name, (gate.judge)(case))).collect()
}

impl Verdict {
    /// Whether it lets the head land.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Pass | Self::Waived(_))
    }
}

/// The gates that were shut when somebody merged it all the same. What the merge itself changes says nothing of that: it
/// closes the issue, and moves the base branch.
#[must_use]
pub fn passed_by(case: &Case<'_>) -> Vec<Reason> {
    let is_of_before = case.pull.look.as_ref().is_none_or(|look| look.state == PullState::Open);
    let known = |(name, verdict): &(&str, Verdict)| match *name {
        "linked issue" => false,
        "base" => is_of_before && !matches!(verdict, Verdict::Ask(_, GithubOrder::Look { .. })),
        _ => !matches!(verdict, Verdict::Ask(_, GithubOrder::Look { .. })),
    };
    let verdicts = judge(case).into_iter().filter(known);
    verdicts.filter_map(|(name, verdict)| reason(name, &verdict)).collect()
}

/// Whether every gate is open for a case.
#[must_use]
pub fn is_open(case: &Case<'_>) -> bool {
    GATES.iter().all(|gate| (gate.judge)(case).is_open())
}

/// Why a gate is shut; nothing where it is open.
#[must_use]
pub fn reason(name: &str, verdict: &Verdict) -> Option<Reason> {
    let say = match verdict {
        Verdict::Pass | Verdict::Waived(_) => return None,
        Verdict::Wait(say) | Verdict::Ask(say, _) | Verdict::Work(say, _) | Verdict::Human(say) => say.clone(),
    };
    Some(Reason { gate: name.to_owned(), say })
}

/// How many gates are open, and by whose word the others do not count.
pub(super) fn count(verdicts: &[(&'static str, Verdict)]) -> String {
    let pass = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Pass).count();
    let waived = verdicts.iter().filter_map(|(name, verdict)| match verdict {
        Verdict::Waived(word) => Some(format!(", {name} {word}")),
        _ => None,
    });
    format!("Gates {pass} of {}{}", verdicts.len(), waived.collect::<String>())
}

impl Case<'_> {
    /// Whether nobody has to be asked before the head lands: because of the rules, or of a word that was given for it.
    #[must_use]
    pub fn is_permitted(&self) -> bool {
        let has_a_word = self.item.course.permit.as_ref().is_some_and(|permit| permit.head == self.pull.head);
        self.wanted.autonomy == Autonomy::Land || has_a_word
    }
}

impl<'a> Case<'a> {
    /// The case of an item that has a pull request.
    #[must_use]
    pub fn of(state: &'a State, rules: &'a Rules, key: ItemKey) -> Option<Self> {
        let item = state.items.get(&key)?;
        let repository = state.repositories.get(&key.repository)?;
        let number = item.course.pull?;
        let pull = state.pull_of(key)?;
        let wanted = rules.repository(&repository.name)?;
        Some(Self { rules, wanted, repository, item, number, pull, head: repository.commits.get(pull.head) })
    }
}
