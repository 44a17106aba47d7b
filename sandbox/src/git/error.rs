//! What goes wrong between the world and its mirror.

use std::{io, path::PathBuf, time::Duration};

use thiserror::Error;

use crate::object::{self, Oid};

/// Why the mirror did not do what it was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// The disk failed: look at the path.
    #[error("cannot {doing} {}: see that the mirror's folder can be written and is not full", path.display())]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Git did not start: install it, or name it in the settings.
    #[error("cannot start '{}': install git 2.38 or later, or name its program in the settings", program.display())]
    Start {
        /// The program as configured.
        program: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Git refused what it was asked.
    #[error("git {command} failed: {said}")]
    Failed {
        /// Git's subcommand.
        command: &'static str,
        /// Its last words.
        said: String,
    },
    /// Git was stopped because it took too long.
    #[error("git {command} took longer than {limit:?} and was stopped")]
    TooLong {
        /// Git's subcommand.
        command: &'static str,
        /// The time it had.
        limit: Duration,
    },
    /// The objects are larger than the settings allow.
    #[error("the objects unpack to more than {limit} bytes, which is the most that the settings allow")]
    TooMuch {
        /// The limit.
        limit: u64,
    },
    /// An object's file or git's answer about it cannot be read.
    #[error("object {oid} cannot be read: {fault}")]
    Unreadable {
        /// The object, as far as it is known.
        oid: String,
        /// What is wrong.
        fault: &'static str,
    },
    /// Git holds the object, the world cannot: refuse it.
    #[error("object {oid} is of a form that this server does not keep")]
    Strange {
        /// The object.
        oid: Oid,
        /// What is strange.
        source: object::Error,
    },
    /// The process goes down.
    #[error("the work was stopped because the process goes down")]
    Stopped,
    /// A name that git does not take for a ref.
    #[error("'{name}' is no name of a ref: it begins with refs/ and follows git check-ref-format")]
    Reference {
        /// The name.
        name: String,
    },
}

impl Error {
    pub(super) fn disk(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Disk { doing, path, source }
    }
}
