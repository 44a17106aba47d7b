//! A place for objects that are not part of a repository yet.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::{Buf, Bytes};
use memchr::memchr;
use tempfile::TempDir;
use tokio::{process::Command, task::spawn_blocking};

use super::{Error, Raw, Settings, command, loose, loose::entries, packed::Packed};

/// An object directory of its own, in front of the repository's: git reads from both and writes here. Dropped, it is
/// gone with all it holds.
#[derive(Debug)]
pub(super) struct Quarantine {
    folder: TempDir,
    repository: PathBuf,
    objects: PathBuf,
    packed: Arc<Packed>,
}

const PREFIX: &str = "incoming-";

/// How many bytes may still be unpacked.
#[derive(Debug)]
pub(super) struct Budget {
    limit: u64,
    left: u64,
}

impl Quarantine {
    /// Beside the repository's objects, so that keeping is renaming.
    pub(super) fn new(repository: PathBuf, objects: PathBuf, packed: Arc<Packed>) -> Result<Self, Error> {
        let beside = objects.parent().unwrap_or(&objects);
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(beside)
            .map_err(Error::disk("make a folder in", beside))?;
        Ok(Self { folder, repository, objects, packed })
    }

    /// Git with this quarantine in front of the repository.
    pub(super) fn git(&self, settings: &Settings) -> Command {
        let mut git = self.alone(settings);
        git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&self.objects));
        git
    }

    pub(super) fn write(&self, raw: &Raw) -> Result<(), Error> {
        loose::write(self.folder.path(), raw)
    }

    /// Every object in here, and none of the repository's.
    pub(super) async fn objects(&self, settings: &Settings) -> Result<Vec<Raw>, Error> {
        let (folder, mut budget) = (self.folder.path().to_owned(), Budget::new(settings.unpacked));
        // Inflating megabytes is no work for the thread that serves others meanwhile.
        let read = spawn_blocking(move || loose::all(&folder, &mut budget).map(|objects| (objects, budget)));
        let (mut objects, mut budget) = read.await.map_err(|_| Error::Stopped)??;
        if self.folder.path().join("pack").exists() {
            objects.extend(self.packed(settings, &mut budget).await?);
        }
        Ok(objects)
    }

    /// Makes what is in here the repository's. `objects` are those that are in here.
    pub(super) fn keep(&self, objects: &[Raw]) -> Result<(), Error> {
        for (oid, file) in loose::files(self.folder.path())? {
            let (folder, name) = oid.split_at(2);
            adopt(&file, &self.objects.join(folder), name)?;
        }
        let packs = self.packs()?;
        let any = !packs.is_empty();
        for file in packs {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            adopt(&file, &self.objects.join("pack"), &name)?;
        }
        if any {
            self.packed.add(&self.objects, objects.iter().map(|raw| raw.oid));
        }
        Ok(())
    }

    /// Index-pack has completed a thin pack, so that the pack's objects can be read without the repository's, and
    /// "all objects" are these.
    async fn packed(&self, settings: &Settings, budget: &mut Budget) -> Result<Vec<Raw>, Error> {
        let mut check = self.alone(settings);
        check.args(["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectsize)"]);
        let sizes = command::ask("cat-file", check, b"", settings).await?;
        for size in sizes.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok()) {
            budget.take(size.parse().unwrap_or(0))?;
        }
        let mut git = self.alone(settings);
        git.args(["cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch"]);
        batch(command::ask("cat-file", git, b"", settings).await?.into())
    }

    /// An index makes its pack known, so it moves last.
    fn packs(&self) -> Result<Vec<PathBuf>, Error> {
        let folder = self.folder.path().join("pack");
        let mut files = if folder.exists() { entries(&folder)? } else { Vec::new() };
        files.retain(|file| file.extension().is_some_and(|kind| kind == "pack" || kind == "rev" || kind == "idx"));
        files.sort_by_key(|file| file.extension().is_some_and(|kind| kind == "idx"));
        Ok(files)
    }

    fn alone(&self, settings: &Settings) -> Command {
        let mut git = command::git(settings, &self.repository);
        git.env("GIT_OBJECT_DIRECTORY", self.folder.path());
        git
    }
}

impl Budget {
    pub(super) const fn new(limit: u64) -> Self {
        Self { limit, left: limit }
    }

    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    pub(super) fn take(&mut self, bytes: u64) -> Result<(), Error> {
        self.left = self.left.checked_sub(bytes).ok_or(Error::TooMuch { limit: self.limit })?;
        Ok(())
    }
}

/// Removes what a process left that was killed. `networks` is where the networks are.
pub(super) fn sweep(networks: &Path) -> Result<(), Error> {
    for network in entries(networks)? {
        for folder in entries(&network)? {
            if folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX)) {
                fs::remove_dir_all(&folder).map_err(Error::disk("remove", folder))?;
            }
        }
    }
    Ok(())
}

/// The answer of `git cat-file --batch`: a line `<id> <kind> <size>`, the bytes, a line feed; and again.
fn batch(mut answer: Bytes) -> Result<Vec<Raw>, Error> {
    let mut objects = Vec::new();
    while answer.has_remaining() {
        objects.push(next(&mut answer).ok_or_else(|| Error::Unreadable {
            oid: format!("{} of the pack", objects.len()),
            fault: "git cat-file answered in a form it should not",
        })?);
    }
    Ok(objects)
}

fn next(answer: &mut Bytes) -> Option<Raw> {
    let line = answer.split_to(memchr(b'\n', answer)?);
    let mut words = std::str::from_utf8(&line).ok()?.split(' ');
    let (oid, kind, size) = (words.next()?, words.next()?, words.next()?.parse().ok()?);
    answer.advance(1);
    if answer.len() <= size {
        return None;
    }
    let bytes = answer.split_to(size);
    answer.advance(1);
    // A slice would keep the whole answer alive as long as the world holds one small object of it.
    Some(Raw { oid: oid.parse().ok()?, kind: Raw::kind(kind)?, bytes: Bytes::copy_from_slice(&bytes) })
}

fn adopt(file: &Path, folder: &Path, name: &str) -> Result<(), Error> {
    let place = folder.join(name);
    if place.exists() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(Error::disk("make the folder", folder))?;
    fs::rename(file, &place).map_err(Error::disk("move an object to", place))
}

/// Git takes the list apart at each colon, unless a path is quoted.
fn quoted(path: &Path) -> OsString {
    let mut text = OsString::from("\"");
    text.push(path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\""));
    text.push("\"");
    text
}
