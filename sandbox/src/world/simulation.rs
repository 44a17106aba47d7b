//! The world without git: questions of merge are answered by path.

use super::{
    World,
    question::{Merged, Question},
};
use crate::object::{Objects, Oid};

impl World {
    /// What a merge by path says: two changes of one file are a conflict, even where git could join their lines.
    /// For simulations without a disk.
    pub fn merge_by_path(&mut self, question: Question) -> Merged {
        let objects = &mut self.state.objects;
        let trees = match question {
            Question::Merge { ours, theirs, .. } => {
                let base = objects.merge_base(ours, theirs).and_then(|base| tree(objects, base));
                (base, tree(objects, ours), tree(objects, theirs))
            }
            Question::Pick { commit, onto, .. } => {
                let parent = objects.commit(commit).and_then(|commit| commit.parents.first().copied());
                (parent.and_then(|parent| tree(objects, parent)), tree(objects, onto), tree(objects, commit))
            }
        };
        let empty = objects.insert(crate::object::Tree::default());
        let [base, ours, theirs] = [trees.0, trees.1, trees.2].map(|tree| tree.unwrap_or(empty));
        objects.merge(base, ours, theirs).map_or_else(Merged::Conflict, Merged::Tree)
    }
}

fn tree(objects: &Objects, commit: Oid) -> Option<Oid> {
    objects.commit(commit).map(|commit| commit.tree)
}
