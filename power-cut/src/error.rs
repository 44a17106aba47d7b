use std::{io, path::PathBuf};

/// Why there is no disk.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine has no FUSE.
    #[error(
        "a power cut is played on a FUSE file system, and there is no /dev/fuse here. On Linux load the module \
         (`modprobe fuse`), or give the container the device (`--device /dev/fuse --cap-add SYS_ADMIN`)"
    )]
    NoFuse,
    /// The system does not let us mount.
    #[error(
        "a power cut is played on a FUSE file system, and mounting one over {} failed. Root needs the capability \
         SYS_ADMIN for it (a container: `--cap-add SYS_ADMIN`, and no AppArmor profile that denies mount); another user \
         needs fusermount3 (`apt-get install fuse3`) and a /dev/fuse that is open to all (mode 666)",
        .at.display()
    )]
    Refused {
        /// Where it should have been mounted.
        at: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused something else.
    #[error("{doing} {}", .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What a function here returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names what was being done, and to what, when the system refuses.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T> {
        self.map_err(|source| Error::Io { doing, path: path.into(), source })
    }
}
