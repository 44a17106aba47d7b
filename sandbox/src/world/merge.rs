//! Merging: what git says of it, whether it may be done, and doing it.

mod message;
mod replay;

pub(crate) use self::message::Asked;
use self::message::Message;
use super::{
    effect::Effect,
    id::{AccountId, Number, RepositoryId},
    pull::{Merge, Rebase, Whole, event},
    question::{Merged, Question},
    refusal::Stop,
    repository::Repository,
    review::Reviewed,
    rules::{Mover, Obstacle, Proposal},
    standing::Standing,
    state::State,
    token::Principal,
};
use crate::object::{Commit, Oid, Signature};

/// How a pull request is merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Method {
    #[default]
    Merge,
    Squash,
    Rebase,
}

/// What came of preparing a merge: nothing has changed yet.
pub(crate) enum Prepared {
    /// One commit of this tree.
    Tree(Oid),
    /// Each commit again, with its tree.
    Again(Vec<(Oid, Oid)>),
    /// It cannot be done.
    Conflict,
}

impl Method {
    pub(crate) const fn is_allowed(self, repository: &Repository) -> bool {
        match self {
            Self::Merge => repository.settings.allow_merge_commit,
            Self::Squash => repository.settings.allow_squash_merge,
            Self::Rebase => repository.settings.allow_rebase_merge,
        }
    }
}

/// The question whether a pull request can be merged.
pub(crate) fn question(whole: Whole<'_>) -> Question {
    Question::Merge { repository: whole.repository.id, ours: whole.base_tip(), theirs: whole.pull.head.sha }
}

impl State {
    /// Whether git can merge it; `None` while it has not said so, and for what is not open.
    pub(crate) fn mergeable(&self, whole: Whole<'_>) -> Option<bool> {
        if !whole.issue.is_open() {
            return None;
        }
        self.known.get(&question(whole)).map(|merged| matches!(merged, Merged::Tree(_)))
    }

    /// GitHub's word for what stands between a pull request and its merge.
    pub(crate) fn mergeable_state(&self, whole: Whole<'_>, mergeable: Option<bool>) -> &'static str {
        match mergeable {
            None => "unknown",
            Some(false) => "dirty",
            Some(true) if whole.pull.draft => "draft",
            Some(true) => self.protected_state(whole),
        }
    }

    fn protected_state(&self, whole: Whole<'_>) -> &'static str {
        let (at, head) = (whole.repository, whole.pull.head.sha);
        let obstacles = self.obstacles(at, self.proposal(whole, None), Mover::Anybody);
        match obstacles.as_slice() {
            [(_, Obstacle::Behind)] => "behind",
            [] if self.checks(at.id, head).values().any(|standing| *standing != Standing::Passing) => "unstable",
            [] => "clean",
            _ => "blocked",
        }
    }

    /// Why the rules for its base do not let this principal merge it so; `None` where they do.
    pub(crate) fn policy(&self, whole: Whole<'_>, method: Method, who: &Principal) -> Option<String> {
        self.merge_refusal(whole.repository, self.proposal(whole, Some(method)), who)
    }

    fn proposal<'a>(&self, whole: Whole<'a>, method: Option<Method>) -> Proposal<'a> {
        let Reviewed { approvals, changes_requested } = self.reviewed(whole);
        let (base, head) = (whole.pull.base.branch.as_str(), whole.pull.head.sha);
        Proposal { base, head, approvals, changes_requested, method }
    }

    /// Takes what git answered.
    pub(crate) fn learn(&mut self, question: Question, merged: Merged) {
        self.known.insert(question, merged);
        let (Question::Merge { repository, .. } | Question::Pick { repository, .. }) = question;
        for number in self.open_pulls.of_repository(repository) {
            let Some(whole) = self.pull(repository, number) else { continue };
            if self::question(whole) == question {
                self.try_merge(repository, number);
            } else if whole.pull.rebase == Rebase::Asked(question) {
                self.ask_rebase(repository, number);
            }
        }
    }

    /// What was known of the merge of a pull request is no longer so.
    pub(crate) fn ask_mergeability(&mut self, repository: RepositoryId, number: Number) {
        let Some(pull) = self.quiet_pull_mut(repository, number) else { return };
        (pull.trial, pull.rebase) = (None, Rebase::Unknown);
        let Some(question) = self.pull(repository, number).map(question) else { return };
        if self.known.contains_key(&question) {
            self.try_merge(repository, number);
        } else {
            self.effects.push(Effect::Ask(question));
        }
    }

    /// Makes the commit that the merge would make, which GitHub calls `refs/pull/{number}/merge`.
    fn try_merge(&mut self, repository: RepositoryId, number: Number) {
        let Some(whole) = self.pull(repository, number) else { return };
        let (base, head) = (whole.base_tip(), whole.pull.head.sha);
        let author = self.signature(whole.issue.author);
        let trial = match self.known.get(&question(whole)) {
            Some(Merged::Tree(tree)) => Some(commit(*tree, [base, head], author, &format!("Merge {head} into {base}"))),
            _ => None,
        };
        let trial = trial.map(|commit| self.objects.insert(commit));
        let Some(pull) = self.quiet_pull_mut(repository, number) else { return };
        (pull.trial, pull.rebase) = (trial, Rebase::Known(false));
        self.place_pull_reference(repository, number, "merge", trial);
        if trial.is_some() {
            self.ask_rebase(repository, number);
        }
    }

    fn ask_rebase(&mut self, repository: RepositoryId, number: Number) {
        let Some(whole) = self.pull(repository, number) else { return };
        let replay = self.replay(repository, whole.base_tip(), &self.commits_of(whole.pull));
        let rebase = match self.keep(replay) {
            Ok(again) => Rebase::Known(again.is_some()),
            Err(question) => {
                self.effects.push(Effect::Ask(question));
                Rebase::Asked(question)
            }
        };
        if let Some(pull) = self.quiet_pull_mut(repository, number) {
            pull.rebase = rebase;
        }
    }

    /// Learns all that the merge needs.
    pub(crate) fn prepare_merge(
        &mut self,
        repository: RepositoryId,
        number: Number,
        method: Method,
    ) -> Result<Prepared, Stop> {
        let Some(whole) = self.pull(repository, number) else { return Ok(Prepared::Conflict) };
        let Merged::Tree(tree) = *self.merged(question(whole))? else { return Ok(Prepared::Conflict) };
        if method != Method::Rebase {
            return Ok(Prepared::Tree(tree));
        }
        let replay = self.replay(repository, whole.base_tip(), &self.commits_of(whole.pull));
        match self.keep(replay) {
            Ok(Some(again)) => Ok(Prepared::Again(again)),
            Ok(None) => Ok(Prepared::Conflict),
            Err(question) => Err(Stop::Unknown(question)),
        }
    }

    /// Merges a pull request, and does what follows from it. Returns the base's new commit.
    pub(crate) fn merge(
        &mut self,
        repository: RepositoryId,
        number: Number,
        by: AccountId,
        prepared: &Prepared,
        asked: Asked,
    ) -> Option<Oid> {
        let whole = self.pull(repository, number)?;
        let (base, head) = (whole.base_tip(), whole.pull.head.sha);
        let reference = format!("refs/heads/{}", whole.pull.base.branch);
        let tip = match prepared {
            Prepared::Conflict => return None,
            Prepared::Again(again) => self.commit_again(base, again, by),
            Prepared::Tree(tree) => {
                let Message { text, parents, author } = self.message(whole, base, head, by, asked);
                let now = self.now.seconds();
                self.objects.insert(Commit { committer: web_flow(now), ..commit(*tree, parents, author, &text) })
            }
        };
        let merge = Merge { at: self.now, by, commit: tip };
        self.pull_mut(repository, number)?.0.merge = Some(merge);
        self.change_reference(repository, &reference, Some(tip), by);
        self.mark_merged(repository, number, by, tip);
        self.clean_up(repository, number, by);
        Some(tip)
    }

    /// Merges the base into the head, on the head's branch. `None` is a conflict.
    pub(crate) fn update_branch(
        &mut self,
        repository: RepositoryId,
        number: Number,
        by: AccountId,
    ) -> Result<Option<Oid>, Stop> {
        let Some(whole) = self.pull(repository, number) else { return Ok(None) };
        let (base, head) = (whole.base_tip(), whole.pull.head.clone());
        let question = Question::Merge { repository, ours: head.sha, theirs: base };
        let Merged::Tree(tree) = *self.merged(question)? else { return Ok(None) };
        let text = format!("Merge branch '{}' into {}", whole.pull.base.branch, head.branch);
        let (author, committer) = (self.signature(by), web_flow(self.now.seconds()));
        let merge = self.objects.insert(Commit { committer, ..commit(tree, [head.sha, base], author, &text) });
        self.change_reference(head.repository, &format!("refs/heads/{}", head.branch), Some(merge), by);
        Ok(Some(merge))
    }

    /// Deletes the branch that was merged, where the repository is set so; what was to be merged into it goes where it
    /// went.
    fn clean_up(&mut self, repository: RepositoryId, number: Number, by: AccountId) {
        let Some(Whole { repository: at, pull, .. }) = self.pull(repository, number) else { return };
        let (head, base) = (pull.head.clone(), pull.base.clone());
        if !at.settings.delete_branch_on_merge || head.repository != repository || head.branch == at.default_branch {
            return;
        }
        let reference = format!("refs/heads/{}", head.branch);
        if self.rules(at, &reference, Mover::Anybody).forbid_deletion() {
            return;
        }
        for stacked in self.open_pulls.of_base(repository, &head.branch) {
            self.aim_and_tell(repository, stacked, base.clone(), by);
        }
        self.change_reference(repository, &reference, None, by);
    }

    /// Aims a pull request at another branch and tells what it was aimed at.
    pub(crate) fn aim_and_tell(
        &mut self,
        repository: RepositoryId,
        number: Number,
        base: super::pull::Base,
        by: AccountId,
    ) {
        let Some(before) = self.aim_pull(repository, number, base) else { return };
        self.tell_pull(event("edited", repository, by), number, |_, payload| {
            payload.field("changes", &super::render::pull::Changes::base(&before));
        });
    }
}

/// How GitHub signs what it commits itself.
pub(crate) fn web_flow(seconds: i64) -> Signature {
    Signature { name: "GitHub".to_owned(), email: "noreply@github.com".to_owned(), seconds, offset_minutes: 0 }
}

fn commit(tree: Oid, parents: impl Into<Vec<Oid>>, author: Signature, message: &str) -> Commit {
    Commit {
        tree,
        parents: parents.into(),
        committer: author.clone(),
        author,
        message: message.to_owned(),
        extra: bytes::Bytes::new(),
    }
}
