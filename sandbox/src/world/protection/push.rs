//! Why a protected branch does not move by a push.

use super::{Protection, spares};
use crate::{
    object::Oid,
    world::{id::RepositoryId, state::State, token::Principal},
};

impl State {
    /// Why a reference may not be moved so by a push, or by a request that moves it: GitHub's words; none if it may.
    pub(crate) fn push_refusal(
        &self,
        repository: RepositoryId,
        reference: &str,
        before: Option<Oid>,
        after: Option<Oid>,
        who: &Principal,
    ) -> Option<String> {
        let branch = reference.strip_prefix("refs/heads/")?;
        let protection = self.protection(repository, branch)?;
        let spared = spares(protection, self.repositories.get(repository)?, who);
        let mut reasons = match (before, after) {
            (_, None) => deleted(protection),
            (None, Some(_)) => made(protection, spared),
            (Some(before), Some(after)) => self.forced(protection, before, after),
        };
        if let (Some(before), Some(after), false) = (before, after, spared) {
            reasons.extend(self.unlawful(repository, protection, before, after));
        }
        let sentences: Vec<String> = reasons.iter().map(|reason| format!("- {reason}")).collect();
        let head = format!("GH006: Protected branch update failed for {reference}.");
        (!sentences.is_empty()).then(|| format!("{head}\n\n{}", sentences.join("\n")))
    }

    /// Not even an administrator forces a protected branch, or deletes it.
    fn forced(&self, protection: &Protection, before: Oid, after: Oid) -> Vec<String> {
        let forced = !self.objects.is_ancestor(before, after);
        refused(forced && !protection.switches.allow_force_pushes, "Cannot force-push to this branch")
    }

    fn unlawful(&self, repository: RepositoryId, protection: &Protection, before: Oid, after: Oid) -> Vec<String> {
        let switches = protection.switches;
        let merges = || {
            let new = self.objects.between(before, after);
            new.iter().any(|oid| self.objects.commit(*oid).is_some_and(|commit| commit.parents.len() > 1))
        };
        let mut reasons = refused(switches.lock_branch, "Cannot change this locked branch");
        reasons.extend(refused(protection.reviews.is_some(), "Changes must be made through a pull request."));
        reasons.extend(refused(
            switches.required_linear_history && merges(),
            "This branch must not contain merge commits.",
        ));
        reasons.extend(self.unmet(repository, protection, after).iter().map(super::Unmet::sentence));
        reasons
    }
}

fn deleted(protection: &Protection) -> Vec<String> {
    refused(!protection.switches.allow_deletions, "Cannot delete this branch")
}

fn made(protection: &Protection, spared: bool) -> Vec<String> {
    refused(protection.switches.block_creations && !spared, "Cannot create this branch")
}

fn refused(is_refused: bool, reason: &str) -> Vec<String> {
    is_refused.then(|| reason.to_owned()).into_iter().collect()
}
