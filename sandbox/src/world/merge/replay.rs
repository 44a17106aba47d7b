//! Doing commits again on top of another, one by one, as a rebase does.

use crate::{
    object::{Commit, Object, Oid, Signature},
    world::{
        id::{AccountId, RepositoryId},
        question::{Merged, Question},
        state::State,
    },
};

/// How far commits can be done again by what git has said.
pub(crate) struct Replay {
    /// Each commit with the tree that it leads to; a commit that changes nothing any more is left out, and so is a merge.
    again: Vec<(Oid, Oid)>,
    /// The commits that git is asked to go on from. They are dated as the originals, so that the questions stay the same
    /// whenever they are asked.
    steps: Vec<Commit>,
    end: End,
}

enum End {
    Done,
    Conflict,
    Unknown(Question),
}

impl State {
    /// Does commits again as far as it is known what comes of it.
    pub(crate) fn replay(&self, repository: RepositoryId, onto: Oid, commits: &[Oid]) -> Replay {
        let mut replay = Replay { again: Vec::new(), steps: Vec::new(), end: End::Done };
        let (mut onto, mut tree) = (onto, self.tree_of(onto));
        for oid in commits {
            let Some(original) = self.objects.commit(*oid).filter(|commit| commit.parents.len() < 2) else { continue };
            let next = match self.pick(repository, *oid, onto) {
                Ok(tree) => tree,
                Err(end) => return Replay { end, ..replay },
            };
            if next == tree {
                continue;
            }
            let step = Commit { tree: next, parents: vec![onto], ..Commit::clone(original) };
            onto = Object::from(step.clone()).id();
            tree = next;
            replay.steps.push(step);
            replay.again.push((*oid, next));
        }
        replay
    }

    fn pick(&self, repository: RepositoryId, commit: Oid, onto: Oid) -> Result<Oid, End> {
        if let Some(original) = self.objects.commit(commit).filter(|original| original.parents == [onto]) {
            return Ok(original.tree);
        }
        let question = Question::Pick { repository, commit, onto };
        match self.known.get(&question) {
            Some(Merged::Tree(tree)) => Ok(*tree),
            Some(Merged::Conflict(_)) => Err(End::Conflict),
            None => Err(End::Unknown(question)),
        }
    }

    fn tree_of(&self, commit: Oid) -> Oid {
        self.objects.commit(commit).map_or(Oid::EMPTY_TREE, |commit| commit.tree)
    }

    /// Keeps the commits that git is to go on from. `None` is a conflict.
    pub(super) fn keep(&mut self, replay: Replay) -> Result<Option<Vec<(Oid, Oid)>>, Question> {
        for step in replay.steps {
            self.objects.insert(step);
        }
        match replay.end {
            End::Done => Ok(Some(replay.again)),
            End::Conflict => Ok(None),
            End::Unknown(question) => Err(question),
        }
    }

    /// Makes the commits, signed by whoever merges.
    pub(super) fn commit_again(&mut self, onto: Oid, again: &[(Oid, Oid)], by: AccountId) -> Oid {
        let committer: Signature = self.signature(by);
        again.iter().fold(onto, |onto, (original, tree)| {
            let Some(original) = self.objects.commit(*original) else { return onto };
            let commit = Commit {
                tree: *tree,
                parents: vec![onto],
                committer: committer.clone(),
                // A signature would not be true of another commit.
                extra: bytes::Bytes::new(),
                ..Commit::clone(original)
            };
            self.objects.insert(commit)
        })
    }
}
