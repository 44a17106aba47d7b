//! The kernel's requests, each translated into one act on the tree.
//!
//! What is not answered here (extended attributes, `fallocate`, `copy_file_range`) the kernel refuses for us or does in
//! another way. Writes are not cached by the kernel: each arrives here before it returns.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use fuser::{
    BsdFileFlags, Errno, FileHandle, Filesystem, FopenFlags, Generation, INodeNo, LockOwner, OpenFlags, RenameFlags,
    ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite,
    Request, TimeOrNow, WriteFlags,
};
use nix::errno::Errno as Failure;

use crate::{
    answer::{FOR_GOOD, attr, data, done, entry, told},
    attributes::{self, kind},
    content::{Content, PAGE},
    supply::Supply,
    tree::{Body, Folder, Ino, Node, Place},
};

/// A folder's names as they were when it was opened: those removed meanwhile must not shift the others.
type Listing = Vec<(Ino, fuser::FileType, OsString)>;

#[derive(Debug)]
pub(crate) struct Fuse {
    supply: Arc<Supply>,
    listings: Mutex<HashMap<u64, Listing>>,
    opened: AtomicU64,
}

impl Fuse {
    pub(crate) fn new(supply: Arc<Supply>) -> Self {
        Self { supply, listings: Mutex::default(), opened: AtomicU64::new(1) }
    }

    fn make(&self, request: &Request, place: Place<'_>, mode: u32, body: Body) -> Result<fuser::FileAttr, Failure> {
        let (uid, gid) = (request.uid(), request.gid());
        let node = Node { mode: attributes::permissions(mode), uid, gid, changed: now(), links: 0, body };
        self.supply.with(|tree| {
            let ino = tree.make(place, node)?;
            tree.node(ino).map(|node| attributes::of(ino, node))
        })
    }

    fn list(&self, ino: Ino) -> Result<Listing, Failure> {
        self.supply.with(|tree| {
            let dots = [".", ".."].map(|dot| (ino, fuser::FileType::Directory, OsString::from(dot)));
            let names =
                tree.folder(ino)?.now.iter().map(|(name, ino)| Ok((*ino, kind(tree.node(*ino)?), name.clone())));
            dots.into_iter().map(Ok).chain(names).collect()
        })
    }

    fn listings(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Listing>> {
        self.listings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Filesystem for Fuse {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let found = self.supply.with(|tree| {
            let ino = tree.find(Place::new(parent.0, name))?;
            tree.node(ino).map(|node| attributes::of(ino, node))
        });
        entry(found, reply);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        attr(self.supply.with(|tree| tree.node(ino.0).map(|node| attributes::of(ino.0, node))), reply);
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        changed: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let set = self.supply.with(|tree| {
            if let Some(size) = size {
                tree.content(ino.0)?.resize(size);
            }
            let node = tree.node_mut(ino.0)?;
            node.mode = mode.map_or(node.mode, attributes::permissions);
            node.uid = uid.unwrap_or(node.uid);
            node.gid = gid.unwrap_or(node.gid);
            node.changed = match changed {
                Some(TimeOrNow::SpecificTime(time)) => time,
                Some(TimeOrNow::Now) | None => now(),
            };
            Ok(attributes::of(ino.0, node))
        });
        attr(set, reply);
    }

    fn mknod(&self, request: &Request, parent: INodeNo, name: &OsStr, mode: u32, _: u32, _: u32, reply: ReplyEntry) {
        if !attributes::is_file(mode) {
            return reply.error(Errno::EPERM);
        }
        entry(self.make(request, Place::new(parent.0, name), mode, Body::File(Content::default())), reply);
    }

    fn create(&self, request: &Request, parent: INodeNo, name: &OsStr, mode: u32, _: u32, _: i32, reply: ReplyCreate) {
        match self.make(request, Place::new(parent.0, name), mode, Body::File(Content::default())) {
            Ok(attr) => reply.created(&FOR_GOOD, &attr, Generation(0), FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE),
            Err(failure) => reply.error(told(failure)),
        }
    }

    fn mkdir(&self, request: &Request, parent: INodeNo, name: &OsStr, mode: u32, _: u32, reply: ReplyEntry) {
        entry(self.make(request, Place::new(parent.0, name), mode, Body::Folder(Folder::default())), reply);
    }

    fn symlink(&self, request: &Request, parent: INodeNo, name: &OsStr, to: &Path, reply: ReplyEntry) {
        entry(self.make(request, Place::new(parent.0, name), 0o777, Body::Link(to.to_path_buf())), reply);
    }

    fn readlink(&self, _: &Request, ino: INodeNo, reply: ReplyData) {
        let to = self.supply.with(|tree| match &tree.node(ino.0)?.body {
            Body::Link(to) => Ok(to.as_os_str().as_encoded_bytes().to_vec()),
            Body::File(_) | Body::Folder(_) => Err(Failure::EINVAL),
        });
        data(to, reply);
    }

    fn link(&self, _: &Request, ino: INodeNo, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let linked = self.supply.with(|tree| {
            tree.link(ino.0, Place::new(parent.0, name))?;
            tree.node(ino.0).map(|node| attributes::of(ino.0, node))
        });
        entry(linked, reply);
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        done(self.supply.with(|tree| tree.remove(Place::new(parent.0, name))), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        done(self.supply.with(|tree| tree.remove(Place::new(parent.0, name))), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        to: INodeNo,
        new: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let (from, to) = (Place::new(parent.0, name), Place::new(to.0, new));
        let keep = flags == RenameFlags::RENAME_NOREPLACE;
        if !keep && !flags.is_empty() {
            return reply.error(Errno::EINVAL);
        }
        let renamed = self.supply.with(|tree| {
            if keep && tree.find(to).is_ok() {
                return Err(Failure::EEXIST);
            }
            tree.rename(from, to)
        });
        done(renamed, reply);
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        data(self.supply.with(|tree| Ok(tree.content(ino.0)?.read(offset, u64::from(size)))), reply);
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        bytes: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written = self.supply.with(|tree| {
            let written = tree.write(ino.0, offset, bytes)?;
            tree.node_mut(ino.0)?.changed = now();
            Ok(written)
        });
        match written {
            Ok(written) => reply.written(u32::try_from(written).unwrap_or(u32::MAX)),
            Err(failure) => reply.error(told(failure)),
        }
    }

    /// Of a write to a file opened with `O_SYNC` or `O_DSYNC` too: the kernel asks for it before the write returns.
    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        done(self.supply.flush(ino.0), reply);
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        done(self.supply.flush(ino.0), reply);
    }

    fn opendir(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.list(ino.0) {
            Ok(listing) => {
                let handle = self.opened.fetch_add(1, Ordering::Relaxed);
                self.listings().insert(handle, listing);
                reply.opened(FileHandle(handle), FopenFlags::empty());
            }
            Err(failure) => reply.error(told(failure)),
        }
    }

    fn readdir(&self, _: &Request, _: INodeNo, handle: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let listings = self.listings();
        let listing = listings.get(&handle.0).map_or(&[][..], Vec::as_slice);
        for ((ino, kind, name), next) in listing.iter().zip(1..).skip(usize::try_from(offset).unwrap_or(usize::MAX)) {
            if reply.add(INodeNo(*ino), next, *kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn releasedir(&self, _: &Request, _: INodeNo, handle: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.listings().remove(&handle.0);
        reply.ok();
    }

    /// Where no room was named, enough that nobody plans for less.
    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        const ENOUGH: u64 = 64 << 30;
        let blocks = |bytes: u64| bytes.min(ENOUGH) / PAGE;
        match self.supply.with(|tree| Ok((blocks(tree.room()), blocks(tree.free())))) {
            Ok((all, free)) => reply.statfs(all, free, free, 1 << 20, 1 << 20, 4096, 255, 4096),
            Err(failure) => reply.error(told(failure)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a file system tells when a file was changed; nothing is decided by it")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
