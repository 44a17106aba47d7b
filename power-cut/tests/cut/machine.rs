use std::path::{Path, PathBuf};

use power_cut::{Disk, Entries, Forgotten, Options, Tear};
use servers::testing::{self, Home};

/// A machine whose power can be cut: servers keep their data on its disk, and their logs beside it.
pub(crate) struct Machine {
    disk: Disk,
    home: Home,
}

impl Machine {
    pub(crate) fn new(entries: Entries) -> Self {
        let home = testing::home();
        let disk = Disk::mount(&home.path().join("disk"), Options { entries, ..Options::default() });
        Self { disk: disk.unwrap_or_else(|error| panic!("{error} ({error:?})")), home }
    }

    pub(crate) fn disk(&self) -> &Path {
        self.disk.path()
    }

    /// A file that no cut takes away.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// So many bytes more, and the disk is full.
    pub(crate) fn fill_up_after(&self, bytes: u64) {
        self.disk.room(self.disk.taken() + bytes);
    }

    /// All that was written until now was written long ago.
    pub(crate) fn settle(&self) {
        self.disk.settle();
    }

    /// The power goes; `kill` kills what ran.
    pub(crate) fn cut(&mut self, tear: &mut Tear, kill: impl FnOnce()) -> Forgotten {
        self.disk.cut(tear, kill).unwrap()
    }
}
