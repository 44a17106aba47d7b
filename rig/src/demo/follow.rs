//! The demo listens as any program does.

use bus::{
    Sequenced,
    connect::Connection,
    read::{Reader, Start},
};

use crate::exit::Failure;

/// Everything that LOG stores from now on, in order.
pub(super) struct Follow(Reader);

impl Follow {
    /// Begins with the first record.
    ///
    /// # Errors
    /// When LOG cannot be read.
    pub(super) async fn begin(operator: &Connection) -> Result<Self, Failure> {
        Ok(Self(Reader::open(operator, Start::Sequence(1), &[]).await?))
    }

    /// The next record.
    ///
    /// # Errors
    /// When LOG cannot be read on.
    pub(super) async fn next(&mut self) -> Result<Sequenced, Failure> {
        Ok(self.0.next().await?)
    }
}
