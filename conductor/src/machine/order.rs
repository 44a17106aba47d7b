//! What the machine orders: commands, each for one target. A target has at most one open command; the next is given once
//! the outcome of this one is there.

use bus::{
    catalogue::cmd::{DeployOrder, GithubOrder, Offer},
    commit::Oid,
    number::{IssueNumber, PullNumber, RepositoryId},
};
use serde::{Deserialize, Serialize};

use super::state::digest;

/// A command.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Order {
    /// For agents of a role and pool.
    Agent {
        /// The role.
        role: String,
        /// The pool.
        pool: String,
        /// What is put before them.
        offer: Box<Offer>,
    },
    /// For GitHub's door.
    Github {
        /// The repository.
        repository: RepositoryId,
        /// What is to be done there.
        order: Box<GithubOrder>,
    },
    /// For the probe.
    Deploy {
        /// The repository.
        repository: RepositoryId,
        /// What is to be done at its target.
        order: DeployOrder,
    },
    /// Words in a room.
    Say {
        /// The room.
        room: String,
        /// The words.
        say: String,
        /// Who is to be pushed.
        push: Vec<String>,
    },
}

/// What a command changes, so that two do not change it at once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Target {
    /// The branch of an issue, before it has a pull request.
    Branch(RepositoryId, IssueNumber),
    /// A pull request.
    Pull(RepositoryId, PullNumber),
    /// The review of a pull request at a head: another head is judged anew, whatever became of the word on this one.
    Review(RepositoryId, PullNumber, Oid),
    /// An issue that is to be filed, by its words.
    Issue(RepositoryId, u64),
    /// The comment of ours on an issue or a pull request.
    Thread(RepositoryId, u64),
    /// The answer to a comment.
    Answer(RepositoryId, u64),
    /// The check of ours on a head.
    Gate(RepositoryId, Oid),
    /// What a repository's target shows.
    Watch(RepositoryId),
    /// A try of a repository's target.
    Smoke(RepositoryId),
}

impl Order {
    /// What it changes; nothing where two may be open at once.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        match self {
            Self::Agent { .. } | Self::Say { .. } => None,
            Self::Deploy { repository, order: DeployOrder::Observe { .. } } => Some(Target::Watch(*repository)),
            Self::Deploy { repository, order: DeployOrder::Smoke { .. } } => Some(Target::Smoke(*repository)),
            Self::Github { repository, order } => Some(target_on_github(*repository, order)),
        }
    }
}

fn target_on_github(repository: RepositoryId, order: &GithubOrder) -> Target {
    match order {
        GithubOrder::File { title, body, .. } => Target::Issue(repository, digest(&[title, body])),
        GithubOrder::Open { issue, .. } => Target::Branch(repository, *issue),
        GithubOrder::Review { pull, head, .. } => Target::Review(repository, *pull, *head),
        GithubOrder::Look { pull, .. }
        | GithubOrder::Update { pull, .. }
        | GithubOrder::Close { pull, .. }
        | GithubOrder::Merge { pull, .. } => Target::Pull(repository, *pull),
        GithubOrder::Tell { thread, .. } => Target::Thread(repository, *thread),
        GithubOrder::Answer { comment, .. } => Target::Answer(repository, *comment),
        GithubOrder::Judge { head, .. } => Target::Gate(repository, *head),
    }
}
