//! A disk that forgets, when the power is cut, what was not flushed: to prove that nothing acknowledged is lost.
//!
//! Killing a server proves less: what it wrote lives on in the system's page cache. Here every write goes to a file
//! system of our own ([`Disk`], by FUSE), which keeps two versions of each file: as it is, and as it was when it was
//! last flushed (`fsync`, `fdatasync`, `msync`, or a write with `O_SYNC` or `O_DSYNC`). [`Disk::cut`] stops the disk
//! between two requests, has its users killed, and brings it back with what was flushed; or, since a real disk may
//! write anything of its own accord before the power goes, with a [`Tear`]: a seed's part of the rest as well.
//!
//! It is for tests, and holds everything in memory. What it plays strictly, and where a real file system promises
//! more, is said at [`Entries`]. It forgets neither permissions, owners nor times.

mod answer;
mod attributes;
mod content;
mod disk;
mod error;
mod fuse;
mod keeper;
mod mount;
mod names;
mod supply;
mod tear;
mod tree;

pub use disk::{Disk, Options};
pub use error::{Error, Result};
pub use names::Entries;
pub use tear::Tear;
pub use tree::Forgotten;
