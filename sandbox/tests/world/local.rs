//! A clone on somebody's machine: commits are made in it and pushed from it, as git would.

use sandbox::{
    object::{Commit, Mode, Object, Objects, Oid, Signature, Tree},
    world::{Command, Input, Push, RepositoryId},
};

use crate::stage::Stage;

pub struct Local {
    pub objects: Objects,
    repository: RepositoryId,
    known: usize,
    /// What the last push was told behind `remote: `.
    pub messages: Vec<String>,
}

impl Local {
    /// A clone of `acme/hello.site`.
    pub fn of(stage: &Stage) -> Self {
        Self::at(stage, stage.site)
    }

    pub fn at(stage: &Stage, repository: RepositoryId) -> Self {
        let objects = stage.world.objects().clone();
        let known = objects.len();
        Self { objects, repository, known, messages: Vec::new() }
    }

    /// A commit that writes these files, and removes those without content, on top of its parents.
    pub fn commit(&mut self, parents: &[Oid], message: &str, files: &[(&str, Option<&str>)]) -> Oid {
        let tree = match parents {
            [] => self.objects.insert(Tree::default()),
            [first, ..] => self.objects.commit(*first).unwrap().tree,
        };
        let mut changes = Vec::new();
        for (path, content) in files {
            let blob = |content: &str| self.objects.insert(Object::Blob(content.to_owned().into()));
            changes.push((*path, content.map(blob).map(|blob| (Mode::FILE, blob))));
        }
        let tree = self.objects.edit(tree, &changes).unwrap();
        let newest = parents.iter().filter_map(|parent| self.objects.commit(*parent)).map(|it| it.committer.seconds);
        let seconds = newest.max().map_or(0, |newest| newest + 60).max(1_795_348_800);
        let who = Signature { name: "Nora".into(), email: "nora@example.com".into(), seconds, offset_minutes: 120 };
        let message = format!("{message}\n");
        let (author, committer) = (who.clone(), who);
        let parents = parents.to_vec();
        self.objects.insert(Commit { tree, parents, author, committer, message, extra: bytes::Bytes::new() })
    }

    /// What became of pushing this reference.
    pub fn push(
        &mut self,
        stage: &mut Stage,
        token: &str,
        at: &str,
        before: Option<Oid>,
        after: Option<Oid>,
    ) -> String {
        let command = Command { reference: at.to_owned(), before, after };
        self.push_all(stage, token, vec![command], false).remove(0)
    }

    pub fn push_all(&mut self, stage: &mut Stage, token: &str, commands: Vec<Command>, atomic: bool) -> Vec<String> {
        for (_, kind, bytes) in self.objects.since(self.known) {
            stage.world.insert(kind, bytes).unwrap();
        }
        self.known = self.objects.len();
        let authorization = (!token.is_empty()).then(|| format!("Bearer {token}"));
        let push = Push { repository: self.repository, authorization, commands, atomic };
        let pushed = stage.step(&Input::Push(push)).pushed.expect("a push is decided");
        self.messages = pushed.messages;
        pushed.references.into_iter().map(|verdict| verdict.err().unwrap_or_else(|| "ok".to_owned())).collect()
    }
}

impl Stage {
    /// Where a branch of `acme/hello.site` stands.
    pub fn branch(&self, name: &str) -> Option<Oid> {
        self.world.references(self.site)?.get(&format!("refs/heads/{name}")).copied()
    }
}
