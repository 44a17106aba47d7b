//! How a conductor is.

/// What a conductor does now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    /// It has not read anything yet: the channel is away, or LOG is not there.
    #[default]
    Waiting,
    /// It reads what another decides, and takes over when that one is gone.
    Following,
    /// It decides.
    Leading,
}

/// How a conductor is, and what it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// What it does.
    pub role: Role,
    /// The term: its own while it leads, otherwise the last it read of.
    pub term: u64,
    /// The last number of LOG that is decided, as far as it knows.
    pub through: u64,
    /// The first number of LOG that it read: what lies before it had from a snapshot.
    pub from: u64,
    /// The last number of LOG that it read.
    pub read: u64,
    /// Batches that it stored.
    pub batches: u64,
    /// Inputs that it decided.
    pub decided: u64,
    /// What it said to them.
    pub said: u64,
}
