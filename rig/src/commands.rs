//! The operators' commands: a file each, with its arguments and what it does.

pub(crate) mod bus;
mod channel;
pub(crate) mod chat;
mod conductor;
pub(crate) mod dead;
pub(crate) mod doctor;
pub(crate) mod file;
pub(crate) mod github;
pub(crate) mod inbox;
pub(crate) mod init;
pub(crate) mod restore;
pub(crate) mod say;
pub(crate) mod status;
pub(crate) mod subjects;
pub(crate) mod subscriber;
pub(crate) mod tail;
pub(crate) mod views;
pub(crate) mod why;
