//! Why a reference does not move by a push.

use super::{Demands, Mover, Source, Unmet};
use crate::{
    object::Oid,
    world::{id::RepositoryId, repository::Repository, state::State, token::Principal},
};

pub(super) const BARRED: &str = "You're not authorized to push to this branch.";
pub(super) const MERGE_COMMITS: &str = "This branch must not contain merge commits.";

/// Why it does not move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Declined {
    source: Source,
    reference: String,
    sentences: Vec<String>,
    /// Where people read the rules.
    rules: String,
}

impl Declined {
    /// On one line, for git.
    pub(crate) const fn reason(&self) -> &'static str {
        match self.source {
            Source::Protection => "protected branch hook declined",
            Source::Ruleset => "push declined due to repository rule violations",
        }
    }

    /// At more length, for the one who pushes.
    pub(crate) fn lines(&self) -> Vec<String> {
        let Self { source, reference, sentences, rules } = self;
        let head = match source {
            Source::Protection => vec![format!("error: GH006: Protected branch update failed for {reference}.")],
            Source::Ruleset => vec![
                format!("error: GH013: Repository rule violations found for {reference}."),
                format!("Review all repository rules at {rules}"),
            ],
        };
        let sentences = sentences.iter().map(|sentence| format!("- {sentence}"));
        head.into_iter().chain([String::new()]).chain(sentences).collect()
    }

    /// In an answer to a request.
    pub(crate) fn message(&self) -> String {
        match self.source {
            Source::Protection => self.sentences.first().cloned().unwrap_or_default(),
            Source::Ruleset => violations(&self.sentences),
        }
    }

    pub(crate) fn is_by_ruleset(&self) -> bool {
        self.source == Source::Ruleset
    }
}

/// How GitHub tells a client of rules in rulesets.
pub(super) fn violations(sentences: &[String]) -> String {
    let told: String = sentences.iter().map(|sentence| format!("{sentence}\n\n")).collect();
    format!("Repository rule violations found\n\n{told}")
}

impl State {
    /// Why a reference may not be moved so by a push, or by a request that moves it; none if it may.
    pub(crate) fn push_refusal(
        &self,
        repository: RepositoryId,
        reference: &str,
        before: Option<Oid>,
        after: Option<Oid>,
        who: &Principal,
    ) -> Option<Declined> {
        let at = self.repositories.get(repository)?;
        let (mut source, mut sentences) = (Source::Protection, Vec::new());
        for demands in self.rules(at, reference, Mover::Pusher(who)).0 {
            let mut new = match (before, after) {
                (_, None) => demands.deletion(),
                (None, Some(after)) => self.creation(at, &demands, after),
                (Some(before), Some(after)) => self.update(at, &demands, before, after),
            };
            new.retain(|sentence| !sentences.contains(sentence));
            source = if new.is_empty() { source } else { source.max(demands.source) };
            sentences.extend(new);
        }
        let rules = || {
            let name = percent_encoding::utf8_percent_encode(reference, percent_encoding::NON_ALPHANUMERIC);
            format!("{}/{}/rules?ref={name}", self.addresses.html, self.full_name(at))
        };
        let declined =
            || Declined { source, reference: reference.to_owned(), sentences: sentences.clone(), rules: rules() };
        (!sentences.is_empty()).then(declined)
    }

    fn creation(&self, at: &Repository, demands: &Demands<'_>, after: Oid) -> Vec<String> {
        let mut reasons = refused(demands.bans.creation, demands.source.uncreatable());
        let checks = demands.checks.as_ref().filter(|_| demands.checks_new);
        reasons.extend(checks.iter().flat_map(|checks| self.unmet(at.id, checks, after)).map(|it| it.sentence()));
        reasons
    }

    fn update(&self, at: &Repository, demands: &Demands<'_>, before: Oid, after: Oid) -> Vec<String> {
        let Demands { source, bans, checks, reviews, .. } = demands;
        let forced = || !self.objects.is_ancestor(before, after);
        let merges = || {
            let new = self.objects.between(before, after);
            new.iter().any(|oid| self.objects.commit(*oid).is_some_and(|commit| commit.parents.len() > 1))
        };
        let unmet = checks.iter().flat_map(|checks| self.unmet(at.id, checks, after));
        let reasons = [
            refused(bans.force && forced(), "Cannot force-push to this branch"),
            refused(bans.mover, BARRED),
            refused(bans.update, source.locked()),
            refused(reviews.is_some(), "Changes must be made through a pull request."),
            refused(bans.merge_commits && merges(), MERGE_COMMITS),
            unmet.map(|unmet: Unmet| unmet.sentence()).collect(),
        ];
        reasons.concat()
    }
}

impl Demands<'_> {
    fn deletion(&self) -> Vec<String> {
        let mut reasons = refused(self.bans.deletion, "Cannot delete this branch");
        reasons.extend(refused(self.bans.mover, BARRED));
        reasons
    }
}

impl Source {
    pub(super) const fn locked(self) -> &'static str {
        match self {
            Self::Protection => "Cannot change this locked branch",
            Self::Ruleset => "Cannot update this protected ref.",
        }
    }

    const fn uncreatable(self) -> &'static str {
        match self {
            Self::Protection => "Cannot create this branch",
            Self::Ruleset => "Cannot create ref due to creations being restricted.",
        }
    }
}

fn refused(is_refused: bool, reason: &str) -> Vec<String> {
    is_refused.then(|| reason.to_owned()).into_iter().collect()
}
