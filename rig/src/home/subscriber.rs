//! Subscribers: a folder each, which the rig that is up finds and admits to the channel.
//!
//! `rig subscriber add` makes the folder; the rig draws the password, tells nats-server, and writes `nats_url` last.
//! Whoever sees that file can connect with it. It is written anew at each start, since a port may have changed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bus::{
    filter::Filter,
    roles::{Name, Role},
};
use servers::Secret;

use super::{Error, Home, file::make_private, secret::Secrets, write_private};

/// What it listens to; the file makes the folder a subscriber's.
const FILTERS: &str = "filters.json";

/// A subscriber's folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Subscriber {
    /// Its name, which is also its user's.
    pub(crate) name: Name,
    folder: PathBuf,
}

impl Home {
    /// The subscriber of this name, which may not exist yet.
    pub(crate) fn subscriber(&self, name: Name) -> Subscriber {
        Subscriber { folder: self.subscribers_folder().join(name.as_str()), name }
    }

    /// Every subscriber, in the order of their names.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn subscribers(&self) -> Result<Vec<Subscriber>, Error> {
        let folder = self.subscribers_folder();
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::io("reading", &folder))?,
        };
        let names = entries.flatten().filter_map(|entry| Name::of(entry.file_name().to_str()?).ok());
        let mut found: Vec<_> = names.map(|name| self.subscriber(name)).filter(Subscriber::exists).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    fn subscribers_folder(&self) -> PathBuf {
        self.path().join("subscribers")
    }
}

impl Subscriber {
    /// Whether it was added.
    pub(crate) fn exists(&self) -> bool {
        self.folder.join(FILTERS).is_file()
    }

    /// Adds it, or changes what it listens to. The rig that is up admits it within a second, and then writes
    /// [`Subscriber::nats_url_file`].
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn add(&self, filters: &[Filter]) -> Result<(), Error> {
        make_private(&self.folder).map_err(Error::io("making", &self.folder))?;
        let path = self.folder.join(FILTERS);
        let texts: Vec<_> = filters.iter().map(ToString::to_string).collect();
        let text = serde_json::to_string(&texts).map_err(|error| Error::io("writing", &path)(error.into()))?;
        write_private(&path, &text)
    }

    /// Removes it: the rig that is up puts it out within a second. What else is in its folder stays.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        // What makes it a subscriber goes first: without it, nobody draws a new password meanwhile.
        for path in [self.folder.join(FILTERS), self.nats_url_file(), self.folder.join("password")] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("removing", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What it listens to.
    ///
    /// # Errors
    /// When its file cannot be read or holds no filters.
    pub(crate) fn filters(&self) -> Result<Vec<Filter>, Error> {
        let path = self.folder.join(FILTERS);
        let read = || -> io::Result<Vec<Filter>> {
            let texts: Vec<String> = serde_json::from_str(&fs::read_to_string(&path)?)?;
            texts.iter().map(|text| text.parse().map_err(io::Error::other)).collect()
        };
        read().map_err(Error::io("reading", &path))
    }

    /// Its role in the channel.
    ///
    /// # Errors
    /// As [`Subscriber::filters`].
    pub(crate) fn role(&self) -> Result<Role, Error> {
        Ok(Role::Subscriber { filters: self.filters()? })
    }

    /// Its folder, for its program and whatever else it needs.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its address of the channel: there once it may connect.
    pub(crate) fn nats_url_file(&self) -> PathBuf {
        self.folder.join("nats_url")
    }

    /// Whether it was let in since it was added.
    pub(crate) fn has_address(&self) -> bool {
        self.nats_url_file().is_file()
    }

    /// Its password, made the first time.
    ///
    /// # Errors
    /// When it can be neither read nor written.
    pub(crate) fn password(&self) -> Result<Secret, Error> {
        Secrets::at(self.folder.clone()).kept("password")
    }
}
