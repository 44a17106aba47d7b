//! An act's outcome as the kernel is told it.

use std::time::Duration;

use fuser::{Errno, FileAttr, Generation, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry};
use nix::errno::Errno as Failure;

/// How long the kernel may believe an answer: nobody changes anything behind its back.
pub(crate) const FOR_GOOD: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn told(failure: Failure) -> Errno {
    Errno::from_i32(failure as i32)
}

pub(crate) fn entry(found: Result<FileAttr, Failure>, reply: ReplyEntry) {
    match found {
        Ok(attr) => reply.entry(&FOR_GOOD, &attr, Generation(0)),
        Err(failure) => reply.error(told(failure)),
    }
}

pub(crate) fn attr(found: Result<FileAttr, Failure>, reply: ReplyAttr) {
    match found {
        Ok(attr) => reply.attr(&FOR_GOOD, &attr),
        Err(failure) => reply.error(told(failure)),
    }
}

pub(crate) fn data(read: Result<Vec<u8>, Failure>, reply: ReplyData) {
    match read {
        Ok(bytes) => reply.data(&bytes),
        Err(failure) => reply.error(told(failure)),
    }
}

pub(crate) fn done(result: Result<(), Failure>, reply: ReplyEmpty) {
    match result {
        Ok(()) => reply.ok(),
        Err(failure) => reply.error(told(failure)),
    }
}
