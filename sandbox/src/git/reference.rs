//! Refs on disk. All of a repository's refs are in the one file `packed-refs`, which is replaced as a whole: several
//! refs move at once or not at all, `a` and `a/b` need not be a file and a folder, and a deleted ref leaves nothing.

use std::{collections::BTreeMap, fmt::Write as _, fs, io, path::Path};

use super::Error;
use crate::object::Oid;

/// Refs by name.
pub(super) type Refs = BTreeMap<String, Oid>;

const FILE: &str = "packed-refs";
/// Git would also take the tags' targets from here, were they announced; so it looks for itself.
const HEADER: &str = "# pack-refs with: sorted \n";

/// Whether git takes this for the name of a ref.
pub(super) fn is_name(name: &str) -> bool {
    let levels = name.strip_prefix("refs/").is_some_and(|rest| rest.contains('/'));
    levels && gix_validate::reference::name(name.into()).is_ok()
}

/// Whether another of these refs stands where this one would need a folder, or the other way round. Our file would hold
/// both; whoever clones could not.
pub(super) fn clashes(refs: &Refs, name: &str) -> bool {
    let above = name.match_indices('/').filter_map(|(at, _)| name.get(..at));
    let below = format!("{name}/");
    let first_below = refs.range(below.clone()..).next();
    first_below.is_some_and(|(other, _)| other.starts_with(&below))
        || above.into_iter().any(|above| refs.contains_key(above))
}

/// All refs of this repository.
pub(super) fn read(repository: &Path) -> Result<Refs, Error> {
    let path = repository.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(absent) if absent.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(Error::disk("read", path)(source)),
    };
    let refs = text.lines().filter_map(|line| line.split_once(' '));
    Ok(refs.filter_map(|(oid, name)| Some((name.to_owned(), oid.parse().ok()?))).collect())
}

/// Replaces all refs of this repository.
pub(super) fn write(repository: &Path, refs: &Refs) -> Result<(), Error> {
    let mut text = HEADER.to_owned();
    for (name, oid) in refs {
        // Writing to a string cannot fail.
        writeln!(text, "{oid} {name}").ok();
    }
    replace(repository, FILE, &text)
}

/// Makes this branch the one that a clone checks out. It need not exist.
pub(super) fn set_head(repository: &Path, branch: &str) -> Result<(), Error> {
    let name = format!("refs/heads/{branch}");
    if !is_name(&name) {
        return Err(Error::Reference { name });
    }
    replace(repository, "HEAD", &format!("ref: {name}\n"))
}

fn replace(repository: &Path, name: &str, text: &str) -> Result<(), Error> {
    let path = repository.join(name);
    let written = tempfile::NamedTempFile::new_in(repository).and_then(|file| {
        fs::write(file.path(), text)?;
        file.persist(&path).map_err(|failed| failed.error)?;
        Ok(())
    });
    written.map_err(Error::disk("write", path))
}
