use std::{collections::HashMap, path::Path};

use bus::commit::Oid;

use super::{Door, Error, borrowing};
use crate::{
    git::{self, read},
    workspace::Tree,
};

/// The trailer's name.
pub(crate) const TRAILER: &str = "Rig-Run";

/// What a commit is, but for its id.
struct Commit {
    tree: String,
    parents: Vec<Oid>,
    author: [String; 3],
    message: String,
}

impl Door<'_> {
    /// The head with this run's trailer on it and on every commit that the repository does not have yet.
    pub(super) async fn seal(&self, mirror: &Path, tree: &Tree, head: Oid) -> Result<Oid, Error> {
        let trailer = format!("{TRAILER}: {}.{}", self.fence.run, self.fence.generation);
        let mut sealed = HashMap::new();
        for oid in self.unknown(mirror, tree, head).await? {
            let commit = self.commit(mirror, tree, oid).await?;
            let message = self.trailed(mirror, &commit.message, &trailer).await?;
            let parents: Vec<Oid> = commit.parents.iter().map(|id| *sealed.get(id).unwrap_or(id)).collect();
            let same = message.trim_end() == commit.message.trim_end() && parents == commit.parents;
            let made = if same { oid } else { self.make(mirror, tree, &commit, &parents, message).await? };
            sealed.insert(oid, made);
        }
        let head = sealed.get(&head).copied().unwrap_or(head);
        self.led(mirror, tree, head, &trailer).await
    }

    /// A branch that an earlier run left, and to which this one adds nothing, gets a commit of this run's at its head.
    async fn led(&self, mirror: &Path, tree: &Tree, head: Oid, trailer: &str) -> Result<Oid, Error> {
        let commit = self.commit(mirror, tree, head).await?;
        if head == tree.base || commit.message.lines().any(|line| line.trim() == trailer) {
            return Ok(head);
        }
        let Commit { tree: content, parents: _, author: _, message: _ } = commit;
        let author = &self.git.author;
        let author = [author.name.clone(), author.email.clone(), String::new()];
        let message = format!("Take up what an earlier run left\n\n{trailer}\n");
        let empty = Commit { tree: content, parents: vec![head], author, message: message.clone() };
        self.make(mirror, tree, &empty, &[head], message).await
    }

    async fn unknown(&self, mirror: &Path, tree: &Tree, head: Oid) -> Result<Vec<Oid>, Error> {
        let what = ["--reverse", "--topo-order", &head.to_string(), "--not", "--all"];
        let found = borrowing(self.git.at(mirror), tree).call("rev-list", what).answer().await?;
        Ok(found.lines().map(|line| read("rev-list", line)).collect::<Result<_, git::Error>>()?)
    }

    async fn commit(&self, mirror: &Path, tree: &Tree, oid: Oid) -> Result<Commit, Error> {
        let what = ["-s", "--no-show-signature", "--date=raw", "--format=%T%n%P%n%an%n%ae%n%ad%n%B", &oid.to_string()];
        let told = borrowing(self.git.at(mirror), tree).call("show", what).answer().await?;
        let mut lines = told.splitn(6, '\n');
        let mut line = || lines.next().unwrap_or_default().to_owned();
        let (content, parents, author, message) = (line(), line(), [line(), line(), line()], line());
        let parents = parents.split_whitespace().map(|id| read("show", id)).collect::<Result<_, git::Error>>()?;
        Ok(Commit { tree: content, parents, author, message })
    }

    async fn trailed(&self, mirror: &Path, message: &str, trailer: &str) -> Result<String, Error> {
        let how = ["--no-divider", "--if-exists=replace", "--if-missing=add", "--trailer", trailer];
        let said = self.git.at(mirror).call("interpret-trailers", how).input(format!("{}\n", message.trim_end()));
        Ok(said.answer().await?)
    }

    async fn make(
        &self,
        mirror: &Path,
        tree: &Tree,
        commit: &Commit,
        parents: &[Oid],
        message: String,
    ) -> Result<Oid, Error> {
        let [name, email, date] = &commit.author;
        let parents = parents.iter().flat_map(|parent| ["-p".to_owned(), parent.to_string()]);
        let mut git = borrowing(self.git.at(mirror), tree).call("commit-tree", parents);
        git = git.arguments(["-F", "-", &commit.tree]).with("GIT_AUTHOR_NAME", name).with("GIT_AUTHOR_EMAIL", email);
        if !date.is_empty() {
            git = git.with("GIT_AUTHOR_DATE", date);
        }
        Ok(read("commit-tree", &git.input(format!("{}\n", message.trim_end())).answer().await?)?)
    }
}
