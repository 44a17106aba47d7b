//! A node as `stat` shows it.

use fuser::{FileAttr, FileType, INodeNo};
use nix::sys::stat::SFlag;

use crate::tree::{Body, Ino, Node};

const BLOCK: u64 = 512;

pub(crate) fn of(ino: Ino, node: &Node) -> FileAttr {
    let size = match &node.body {
        Body::File(content) => content.size(),
        Body::Folder(_) => 0,
        Body::Link(to) => to.as_os_str().len() as u64,
    };
    FileAttr {
        ino: INodeNo(ino),
        size,
        blocks: size.div_ceil(BLOCK),
        atime: node.changed,
        mtime: node.changed,
        ctime: node.changed,
        crtime: node.changed,
        kind: kind(node),
        perm: node.mode,
        // A folder has at least its own name and the dot in it; nothing is decided by more.
        nlink: if matches!(node.body, Body::Folder(_)) { 2 } else { node.links },
        uid: node.uid,
        gid: node.gid,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

pub(crate) const fn kind(node: &Node) -> FileType {
    match node.body {
        Body::File(_) => FileType::RegularFile,
        Body::Folder(_) => FileType::Directory,
        Body::Link(_) => FileType::Symlink,
    }
}

/// The permission bits of a mode, of which there are twelve.
pub(crate) const fn permissions(mode: u32) -> u16 {
    (mode & 0o7777) as u16
}

pub(crate) const fn is_file(mode: u32) -> bool {
    let kind = mode & SFlag::S_IFMT.bits();
    kind == 0 || kind == SFlag::S_IFREG.bits()
}
