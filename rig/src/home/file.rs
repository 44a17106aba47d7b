use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::Path,
};

use super::Error;

/// Writes a file that only its owner may read: whole and on the disk, or not at all.
///
/// # Errors
/// When the system refuses.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    replace(path, text).map_err(Error::io("writing", path))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    // Made 0600 by the crate, and removed again when the rename does not come about.
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().sync_all()?;
    beside.persist(path)?;
    File::open(folder)?.sync_all()
}

/// Makes a folder that only its owner may enter.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}
