//! Opening and closing, and which open pull requests a branch matters to.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{Base, Head, Pull, Rebase, Size, event};
use crate::{
    object::Oid,
    world::{
        effect::Effect,
        history::What,
        id::{AccountId, AppId, Number, RepositoryId},
        issue::{Issue, Reason, Standing},
        state::State,
    },
};

/// Open pull requests by the branches they concern, so that a push finds them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Open {
    by_head: BTreeMap<Branch, BTreeSet<(RepositoryId, Number)>>,
    by_base: BTreeMap<Branch, BTreeSet<Number>>,
}

impl Open {
    /// Those whose head is this branch, with the repository they are in.
    pub(crate) fn of_head(&self, repository: RepositoryId, branch: &str) -> Vec<(RepositoryId, Number)> {
        let found = self.by_head.get(&(repository, branch.to_owned()));
        found.into_iter().flatten().copied().collect()
    }

    /// Those whose base is this branch.
    pub(crate) fn of_base(&self, repository: RepositoryId, branch: &str) -> Vec<Number> {
        let found = self.by_base.get(&(repository, branch.to_owned()));
        found.into_iter().flatten().copied().collect()
    }

    /// Those whose head is in this repository, with the repository they are in.
    fn of_heads_in(&self, repository: RepositoryId) -> Vec<(RepositoryId, Number)> {
        let branches = self.by_head.range((repository, String::new())..);
        branches.take_while(|((there, _), _)| *there == repository).flat_map(|(_, found)| found).copied().collect()
    }

    /// All of a repository.
    pub(crate) fn of_repository(&self, repository: RepositoryId) -> Vec<Number> {
        let branches = self.by_base.range((repository, String::new())..);
        branches.take_while(|((there, _), _)| *there == repository).flat_map(|(_, found)| found).copied().collect()
    }

    fn add(&mut self, repository: RepositoryId, pull: &Pull) {
        let (head, base) = keys(repository, pull);
        self.by_head.entry(head).or_default().insert((repository, pull.number));
        self.by_base.entry(base).or_default().insert(pull.number);
    }

    fn remove(&mut self, repository: RepositoryId, pull: &Pull) {
        let (head, base) = keys(repository, pull);
        take(&mut self.by_head, head, &(repository, pull.number));
        take(&mut self.by_base, base, &pull.number);
    }
}

type Branch = (RepositoryId, String);

fn take<T: Ord>(map: &mut BTreeMap<Branch, BTreeSet<T>>, branch: Branch, gone: &T) {
    if let Entry::Occupied(mut found) = map.entry(branch) {
        found.get_mut().remove(gone);
        if found.get().is_empty() {
            found.remove();
        }
    }
}

fn keys(repository: RepositoryId, pull: &Pull) -> (Branch, Branch) {
    ((pull.head.repository, pull.head.branch.clone()), (repository, pull.base.branch.clone()))
}

/// A pull request that is about to be opened: all that could be wrong with it has been looked at.
pub(crate) struct Opening {
    pub(crate) repository: RepositoryId,
    pub(crate) author: AccountId,
    pub(crate) app: Option<AppId>,
    pub(crate) head: Head,
    pub(crate) base: Base,
    pub(crate) words: Words,
    pub(crate) draft: bool,
    pub(crate) maintainer_can_modify: bool,
}

/// What its conversation begins with.
pub(crate) enum Words {
    New {
        title: String,
        body: Option<String>,
    },
    /// Those of an issue, which becomes a pull request.
    Issue(Number),
}

impl State {
    pub(crate) fn open_pull(&mut self, opening: Opening) -> Option<Number> {
        let Opening { repository, author, app, head, base, words, draft, maintainer_can_modify } = opening;
        let number = self.issue_of(repository, author, app, words)?;
        let pull = Pull {
            id: self.draw.id(),
            number,
            head,
            base,
            draft,
            maintainer_can_modify,
            size: Size::default(),
            trial: None,
            rebase: Rebase::Unknown,
            merge: None,
            requested: BTreeSet::new(),
            reviews: BTreeSet::new(),
            comments: BTreeSet::new(),
        };
        self.open_pulls.add(repository, &pull);
        self.repositories.get_mut(repository)?.pulls.pulls.insert(number, pull);
        self.head_moved(repository, number);
        self.tell_pull(event("opened", repository, author), number, |_, _| {});
        self.runs_follow_pull(repository, number, author);
        Some(number)
    }

    fn issue_of(
        &mut self,
        repository: RepositoryId,
        author: AccountId,
        app: Option<AppId>,
        words: Words,
    ) -> Option<Number> {
        let (id, now) = (self.draw.id(), self.now);
        let repository = self.repositories.get_mut(repository)?;
        repository.touch(now);
        let (title, body) = match words {
            Words::New { title, body } => (title, body),
            Words::Issue(number) => {
                repository.issues.issues.get_mut(&number)?.is_pull_request = true;
                return Some(number);
            }
        };
        let number = repository.next_number();
        let issue = Issue {
            id,
            number,
            title,
            body,
            author,
            app,
            standing: Standing::Open { reopened: false },
            labels: BTreeSet::new(),
            assignees: BTreeSet::new(),
            milestone: None,
            locked: false,
            comments: 0,
            created_at: now,
            updated_at: now,
            is_pull_request: true,
        };
        repository.issues.issues.insert(number, issue);
        Some(number)
    }

    /// The head is another, or the base: its size and what git says of a merge are others, too.
    pub(crate) fn head_moved(&mut self, repository: RepositoryId, number: Number) {
        let Some(whole) = self.pull(repository, number) else { return };
        let (head, base) = (whole.pull.head.sha, whole.base_tip());
        let pull = Pull { base: Base { sha: base, ..whole.pull.base.clone() }, ..whole.pull.clone() };
        let files = self.files_of(&pull);
        let size = Size {
            commits: self.commits_of(&pull).len(),
            files: files.len(),
            additions: files.iter().map(|file| file.additions).sum(),
            deletions: files.iter().map(|file| file.deletions).sum(),
        };
        let Some((pull, _)) = self.pull_mut(repository, number) else { return };
        (pull.size, pull.base.sha) = (size, base);
        self.place_pull_reference(repository, number, "head", Some(head));
        self.ask_mergeability(repository, number);
    }

    /// What `refs/pull/{number}/…` names: a fork's commits are kept by it, and stay when the branch goes.
    pub(crate) fn place_pull_reference(
        &mut self,
        id: RepositoryId,
        number: Number,
        name: &'static str,
        after: Option<Oid>,
    ) {
        after.into_iter().for_each(|oid| self.hold(id, oid));
        let Some(repository) = self.repositories.get_mut(id) else { return };
        let reference = format!("refs/pull/{number}/{name}");
        let before = match after {
            Some(oid) => repository.references.insert(reference.clone(), oid),
            None => repository.references.remove(&reference),
        };
        if before != after {
            self.effects.push(Effect::Move { repository: id, references: vec![(reference, after)] });
        }
    }

    /// Closes it, merged or not, and tells so.
    pub(crate) fn close_pull(&mut self, repository: RepositoryId, number: Number, by: AccountId) {
        let at = self.now;
        let Some((pull, issue)) = self.pull_mut(repository, number).filter(|(_, issue)| issue.is_open()) else {
            return;
        };
        issue.standing = Standing::Closed { at, by, reason: Reason::Completed };
        let pull = pull.clone();
        self.open_pulls.remove(repository, &pull);
        self.touch(repository);
        self.place_pull_reference(repository, number, "merge", None);
        self.note((repository, number), by, None, What::Closed(None));
        self.tell_pull(event("closed", repository, by), number, |_, _| {});
    }

    /// A repository is about to go: what was to be merged from it elsewhere is closed, and its own goes with it.
    pub(crate) fn pulls_lose(&mut self, gone: RepositoryId, by: AccountId) {
        for (repository, number) in self.open_pulls.of_heads_in(gone) {
            if repository != gone {
                self.close_pull(repository, number, by);
            }
        }
        let own = self.repositories.get(gone).map(|there| &there.pulls.pulls);
        own.into_iter().flat_map(BTreeMap::values).for_each(|pull| self.open_pulls.remove(gone, pull));
    }

    /// Opens it again. Its head may have moved meanwhile.
    pub(crate) fn reopen_pull(&mut self, repository: RepositoryId, number: Number, by: AccountId, head: Oid) {
        let Some((pull, issue)) = self.pull_mut(repository, number).filter(|(_, issue)| !issue.is_open()) else {
            return;
        };
        issue.standing = Standing::Open { reopened: true };
        pull.head.sha = head;
        let pull = pull.clone();
        self.open_pulls.add(repository, &pull);
        self.touch(repository);
        self.head_moved(repository, number);
        self.note((repository, number), by, None, What::Reopened);
        self.tell_pull(event("reopened", repository, by), number, |_, _| {});
        self.runs_follow_pull(repository, number, by);
    }

    /// Aims it at another branch.
    pub(crate) fn aim_pull(&mut self, repository: RepositoryId, number: Number, base: Base) -> Option<Base> {
        let (pull, _) = self.pull_mut(repository, number)?;
        let before = pull.clone();
        pull.base = base;
        let after = pull.clone();
        if self.pull(repository, number)?.issue.is_open() {
            self.open_pulls.remove(repository, &before);
            self.open_pulls.add(repository, &after);
        }
        self.head_moved(repository, number);
        Some(before.base)
    }

    fn touch(&mut self, repository: RepositoryId) {
        let now = self.now;
        if let Some(repository) = self.repositories.get_mut(repository) {
            repository.touch(now);
        }
    }
}
