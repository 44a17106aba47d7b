//! The program that a subscriber begins with, in its language: the very files in `docs/recipes/`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use crate::{exit::Failure, home::Subscriber};

/// A language a program is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Language {
    /// Python, with nats-py
    Python,
    /// JavaScript for Node, with @nats-io
    #[value(alias = "javascript")]
    Js,
    /// A shell, with `rig tail`
    #[value(alias = "sh")]
    Shell,
}

impl Language {
    const fn file(self) -> &'static str {
        match self {
            Self::Python => "subscriber.py",
            Self::Js => "subscriber.mjs",
            Self::Shell => "subscriber.sh",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Python => include_str!("../../../../docs/recipes/subscriber.py"),
            Self::Js => include_str!("../../../../docs/recipes/subscriber.mjs"),
            Self::Shell => include_str!("../../../../docs/recipes/subscriber.sh"),
        }
    }

    /// What a person types to run it, in its folder.
    pub(super) const fn run(self) -> &'static str {
        match self {
            Self::Python => "python3 -m venv venv && venv/bin/pip install -q nats-py && venv/bin/python3 subscriber.py",
            Self::Js => "npm install @nats-io/transport-node @nats-io/jetstream && node subscriber.mjs",
            Self::Shell => "sh subscriber.sh",
        }
    }
}

/// Where a program was written, or was already.
pub(super) struct Written {
    /// Its folder.
    pub(super) folder: PathBuf,
    /// Its name.
    pub(super) file: &'static str,
    /// Whether it was there before, and was left as it is.
    pub(super) was_there: bool,
}

/// Writes the program beside the credential; in another folder, with a link to the credential.
///
/// # Errors
/// When the system refuses.
pub(super) fn write(subscriber: &Subscriber, lang: Language, dir: Option<&Path>) -> Result<Written, Failure> {
    let folder = dir.unwrap_or_else(|| subscriber.folder()).to_path_buf();
    let written = try_write(subscriber, lang, &folder, dir.is_some());
    let was_there = written.map_err(|error| {
        Failure::failed(format!("the program cannot be written to {}", folder.display())).because(error)
    })?;
    Ok(Written { folder, file: lang.file(), was_there })
}

fn try_write(subscriber: &Subscriber, lang: Language, folder: &Path, linked: bool) -> io::Result<bool> {
    fs::create_dir_all(folder)?;
    if linked {
        link(&subscriber.nats_url_file(), &folder.join("nats_url"))?;
    }
    match fs::File::create_new(folder.join(lang.file())) {
        Ok(mut file) => io::Write::write_all(&mut file, lang.text().as_bytes()).map(|()| false),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(true),
        Err(error) => Err(error),
    }
}

/// A link, since the address may change from start to start. What else stands there is left, and is an error.
fn link(credential: &Path, place: &Path) -> io::Result<()> {
    let credential = fs::canonicalize(credential)?;
    if fs::read_link(place).is_ok_and(|there| there == credential) {
        return Ok(());
    }
    std::os::unix::fs::symlink(credential, place)
}
