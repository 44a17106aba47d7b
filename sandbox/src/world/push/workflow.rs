//! Workflow files: an App needs a permission of its own to write them.

use crate::{
    object::{Objects, Oid},
    world::{
        permission::{Access, Permission},
        repository::Repository,
        state::State,
        token::Principal,
    },
};

/// Where workflow files are.
const FOLDER: &str = ".github/workflows";

impl State {
    /// Why an App may not bring this commit into a repository: it, or another that is new there, writes a workflow.
    pub(crate) fn workflow_refusal(&self, who: &Principal, repository: &Repository, after: Oid) -> Option<String> {
        let Principal::Installation(_) = who else { return None };
        if self.may(who, repository, Permission::Workflows, Access::Write) {
            return None;
        }
        let known: Vec<Oid> = repository.references.values().filter_map(|oid| self.objects.peel(*oid)).collect();
        let new = self.objects.log(self.objects.peel(after)?, &known);
        let path = new.into_iter().find_map(|commit| written(&self.objects, commit))?;
        Some(format!(
            "refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission"
        ))
    }
}

/// A workflow that this commit has otherwise than each of its parents.
fn written(objects: &Objects, commit: Oid) -> Option<String> {
    let commit = objects.commit(commit)?;
    let here = folder(objects, commit.tree);
    let mut parents = commit.parents.iter().filter_map(|parent| objects.commit(*parent)).map(|parent| parent.tree);
    let first = parents.next().map_or(Oid::EMPTY_TREE, |tree| folder(objects, tree));
    let others: Vec<Oid> = parents.map(|tree| folder(objects, tree)).collect();
    let changed = objects.changed_paths(first, here).into_iter().find(|changed| {
        let same = |other: &Oid| objects.entry(*other, &changed.path) == changed.new;
        !others.iter().any(same)
    })?;
    Some(format!("{FOLDER}/{}", changed.path))
}

fn folder(objects: &Objects, tree: Oid) -> Oid {
    objects.entry(tree, FOLDER).filter(|entry| entry.mode.is_directory()).map_or(Oid::EMPTY_TREE, |entry| entry.oid)
}
