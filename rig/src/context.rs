//! What every command is given: where the rig's home is, and which configuration.

use std::path::PathBuf;

use crate::exit::Failure;

/// What every command is given.
pub(crate) struct Context {
    /// The home named by `--home` or `RIG_HOME`, if any.
    pub(crate) home: Option<PathBuf>,
    /// The configuration named by `--config` or `RIG_CONFIG`, if any.
    pub(crate) config: Option<PathBuf>,
}

impl Context {
    /// What is needed until the rest has landed.
    pub(crate) fn running(&self) -> Result<(), Failure> {
        Err(
            Failure::unreachable(format!("no rig is up in {:?} {:?}", self.home, self.config))
                .advice("rig up"),
        )
    }
}
