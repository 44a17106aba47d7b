//! The rules in force for a reference: those of its branch's protection and of each active ruleset that names it. Whoever
//! moves a reference, by a merge or a push, asks these and nothing else.

mod merge;
mod push;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(crate) use self::{
    merge::{Obstacle, Proposal},
    push::Declined,
};
use super::{
    id::RepositoryId,
    merge::Method,
    permission::Role,
    protection::{Protection, Pushers, RequiredCheck, RequiredChecks, RequiredReviews},
    repository::Repository,
    ruleset::{Enforcement, Mode, Rule, Ruleset},
    standing::Standing,
    state::State,
    token::Principal,
};
use crate::object::Oid;

/// Who moves a reference, and how: rules leave some alone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mover<'a> {
    Anybody,
    Pusher(&'a Principal),
    Merger(&'a Principal),
}

/// All that is demanded of a reference.
#[derive(Debug, Default)]
pub(crate) struct Rules<'a>(Vec<Demands<'a>>);

/// What one protection or ruleset demands.
#[derive(Debug)]
struct Demands<'a> {
    source: Source,
    bans: Bans,
    checks: Option<Cow<'a, RequiredChecks>>,
    /// Whether a new reference needs them too.
    checks_new: bool,
    reviews: Option<RequiredReviews>,
    /// The ways of merging that are left; all of them where none is named.
    methods: &'a [Method],
}

/// It has its own words for the same thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Source {
    Protection,
    Ruleset,
}

/// What is not to happen.
#[derive(Clone, Copy, Debug, Default)]
struct Bans {
    creation: bool,
    update: bool,
    deletion: bool,
    force: bool,
    merge_commits: bool,
    /// The one who moves it is not among those who may.
    mover: bool,
}

/// A required check that has not passed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unmet {
    context: String,
    /// None where nobody spoke of it.
    standing: Option<Standing>,
}

impl Unmet {
    /// GitHub's sentence.
    fn sentence(&self) -> String {
        let how = match self.standing {
            None => "expected",
            Some(Standing::Pending) => "pending",
            Some(Standing::Failing | Standing::Passing) => "failing",
        };
        format!("Required status check \"{}\" is {how}.", self.context)
    }
}

impl Rules<'_> {
    /// Whether a push to a pull request's head takes approvals away.
    pub(crate) fn dismiss_stale_reviews(&self) -> bool {
        self.0.iter().filter_map(|demands| demands.reviews).any(|reviews| reviews.dismiss_stale_reviews)
    }

    /// Whether it may not be deleted.
    pub(crate) fn forbid_deletion(&self) -> bool {
        self.0.iter().any(|demands| demands.bans.deletion)
    }
}

impl State {
    /// The rules in force for a reference of this whole name.
    pub(crate) fn rules<'a>(&self, at: &'a Repository, reference: &str, mover: Mover<'_>) -> Rules<'a> {
        let branch = reference.strip_prefix("refs/heads/");
        let protection = branch.and_then(|branch| at.protections.get(branch));
        let active = at.rulesets.values().filter(|ruleset| ruleset.enforcement == Enforcement::Active);
        let named = active.filter(|ruleset| ruleset.names(at, reference) && !self.bypasses(ruleset, at, mover));
        let protection = protection.map(|protection| self.of_protection(protection, at, mover));
        Rules(protection.into_iter().chain(named.map(Demands::of_ruleset)).collect())
    }

    /// Whether rules are in force for a branch.
    pub(crate) fn is_protected(&self, at: &Repository, branch: &str) -> bool {
        !self.rules(at, &format!("refs/heads/{branch}"), Mover::Anybody).0.is_empty()
    }

    /// Those who may remove a protection are left alone by it, unless it says that it holds for them too; but not even
    /// they force or delete a branch.
    fn of_protection<'a>(&self, protection: &'a Protection, at: &Repository, mover: Mover<'_>) -> Demands<'a> {
        let Protection { checks, reviews, pushers, switches } = protection;
        let who = mover.principal();
        let binds = switches.enforce_admins || !who.is_some_and(|who| administers(at, who));
        let barred = pushers.as_ref().zip(who).is_some_and(|(pushers, who)| self.bars(pushers, at, who));
        let bans = Bans {
            creation: switches.block_creations && barred,
            update: switches.lock_branch && binds,
            deletion: !switches.allow_deletions,
            force: !switches.allow_force_pushes,
            merge_commits: switches.required_linear_history && binds,
            mover: barred,
        };
        Demands {
            source: Source::Protection,
            bans,
            checks: checks.as_ref().filter(|_| binds).map(Cow::Borrowed),
            checks_new: false,
            reviews: reviews.filter(|_| binds),
            methods: &[],
        }
    }

    fn bars(&self, pushers: &Pushers, at: &Repository, who: &Principal) -> bool {
        match who {
            Principal::Person(person) => !administers(at, who) && !pushers.users.contains(person),
            Principal::Installation(grant) => {
                let installed = self.apps.installations.get(&grant.installation);
                !installed.is_some_and(|there| pushers.apps.contains(&there.app))
            }
            Principal::App(_) | Principal::Anonymous => true,
        }
    }

    fn bypasses(&self, ruleset: &Ruleset, at: &Repository, mover: Mover<'_>) -> bool {
        match (mover.principal().and_then(|who| ruleset.bypassed(self, at, who)), mover) {
            (None, _) => false,
            (Some(Mode::PullRequest), mover) => matches!(mover, Mover::Merger(_)),
            (Some(Mode::Always | Mode::Exempt), _) => true,
        }
    }

    /// The required checks that have not passed on a commit.
    fn unmet(&self, repository: RepositoryId, required: &RequiredChecks, head: Oid) -> Vec<Unmet> {
        let standing = |check: &RequiredCheck| self.check(repository, head, &check.context, check.app_id);
        let required = required.checks.iter();
        required
            .map(|check| Unmet { context: check.context.clone(), standing: standing(check) })
            .filter(|check| check.standing != Some(Standing::Passing))
            .collect()
    }
}

impl<'a> Mover<'a> {
    const fn principal(self) -> Option<&'a Principal> {
        match self {
            Self::Anybody => None,
            Self::Pusher(who) | Self::Merger(who) => Some(who),
        }
    }
}

fn administers(at: &Repository, who: &Principal) -> bool {
    matches!(who, Principal::Person(person) if at.role(*person) == Some(Role::Admin))
}

impl<'a> Demands<'a> {
    fn of_ruleset(ruleset: &'a Ruleset) -> Self {
        let none = Self {
            source: Source::Ruleset,
            bans: Bans::default(),
            checks: None,
            checks_new: false,
            reviews: None,
            methods: &[],
        };
        ruleset.rules.iter().fold(none, Self::with)
    }

    fn with(mut self, rule: &'a Rule) -> Self {
        match rule {
            Rule::Creation => self.bans.creation = true,
            Rule::Update { parameters: _ } => self.bans.update = true,
            Rule::Deletion => self.bans.deletion = true,
            Rule::NonFastForward => self.bans.force = true,
            Rule::RequiredLinearHistory => self.bans.merge_commits = true,
            Rule::PullRequest { parameters } => {
                self.methods = &parameters.allowed_merge_methods;
                self.reviews = Some(RequiredReviews {
                    dismiss_stale_reviews: parameters.dismiss_stale_reviews_on_push,
                    require_code_owner_reviews: parameters.require_code_owner_review,
                    required_approving_review_count: parameters.required_approving_review_count,
                    require_last_push_approval: parameters.require_last_push_approval,
                });
            }
            Rule::RequiredStatusChecks { parameters } => {
                self.checks_new = !parameters.do_not_enforce_on_create;
                let required = parameters.required_status_checks.iter();
                let checks = required
                    .map(|check| RequiredCheck { context: check.context.clone(), app_id: check.integration_id })
                    .collect();
                let strict = parameters.strict_required_status_checks_policy;
                self.checks = Some(Cow::Owned(RequiredChecks { strict, checks }));
            }
        }
        self
    }
}
