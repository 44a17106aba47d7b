//! Loose objects: a file an object, written and read here because a process for each would cost more than the work.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

use super::{Error, Raw, quarantine::Budget};
use crate::object::Oid;

/// Writes one object into this object directory, unless it is there.
pub(super) fn write(objects: &Path, raw: &Raw) -> Result<(), Error> {
    let path = path(objects, raw.oid);
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(objects);
    fs::create_dir_all(folder).map_err(Error::disk("make the folder", folder))?;
    place(folder, &path, raw).map_err(Error::disk("write the object", path.clone()))
}

/// Reads every loose object of this object directory.
pub(super) fn all(objects: &Path, budget: &mut Budget) -> Result<Vec<Raw>, Error> {
    let mut found = Vec::new();
    for (oid, path) in files(objects)? {
        found.push(read(&path, &oid, budget)?);
    }
    Ok(found)
}

/// The loose objects of this object directory: id and file.
pub(super) fn files(objects: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut found = Vec::new();
    for folder in entries(objects)? {
        let Some(start) = name(&folder, 2) else { continue };
        for file in entries(&folder)? {
            if let Some(rest) = name(&file, 38) {
                found.push((format!("{start}{rest}"), file));
            }
        }
    }
    Ok(found)
}

/// Where this object's file is, or would be.
pub(super) fn path(objects: &Path, oid: Oid) -> PathBuf {
    let name = oid.to_string();
    let (folder, file) = name.split_at(2);
    objects.join(folder).join(file)
}

/// Under another name first, so that no reader ever sees half a file. Not flushed to the disk: after a power cut the
/// mirror is made anew from the world.
fn place(folder: &Path, path: &Path, raw: &Raw) -> io::Result<()> {
    let file = tempfile::Builder::new().prefix("tmp_obj_").tempfile_in(folder)?;
    let mut out = ZlibEncoder::new(&file, Compression::fast());
    write!(out, "{} {}\0", raw.kind, raw.bytes.len())?;
    out.write_all(&raw.bytes)?;
    out.finish()?;
    file.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

fn read(path: &Path, oid: &str, budget: &mut Budget) -> Result<Raw, Error> {
    let unreadable = |fault| Error::Unreadable { oid: oid.to_owned(), fault };
    let file = fs::File::open(path).map_err(Error::disk("open the object", path))?;
    let mut content = Vec::new();
    let most = budget.left().saturating_add(32);
    ZlibDecoder::new(file).take(most).read_to_end(&mut content).map_err(Error::disk("read the object", path))?;
    let (kind, size, start) = Raw::header(&content).ok_or_else(|| unreadable("it has no header of git's"))?;
    budget.take(size)?;
    let bytes = Bytes::from(content).slice(start..);
    if u64::try_from(bytes.len()) != Ok(size) {
        return Err(unreadable("it is not as long as its header says"));
    }
    let oid = oid.parse().map_err(|_| unreadable("its name is no object id"))?;
    Ok(Raw { oid, kind, bytes })
}

/// What is in this folder.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let list = fs::read_dir(folder).map_err(Error::disk("list", folder))?;
    list.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>().map_err(Error::disk("list", folder))
}

fn name(path: &Path, digits: usize) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    (name.len() == digits && name.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(name)
}
