//! How much the files of a disk may take together.
//!
//! What has no name takes nothing, even while a program has it open; and what was flushed and is being overwritten takes
//! no second place, as on a disk that writes in place.

use nix::errno::Errno;

use super::{Body, Ino, Tree};

impl Tree {
    pub(crate) const fn room(&self) -> u64 {
        self.room
    }

    pub(crate) const fn set_room(&mut self, bytes: u64) {
        self.room = bytes;
    }

    /// How much the files take now.
    pub(crate) fn taken(&self) -> u64 {
        let named = self.nodes.values().filter(|node| node.links > 0);
        named.map(|node| if let Body::File(content) = &node.body { content.takes() } else { 0 }).sum()
    }

    /// How much more they may take.
    pub(crate) fn free(&self) -> u64 {
        self.room.saturating_sub(self.taken())
    }

    /// Writes as many of the bytes as there is room for, and says how many: a disk that fills up breaks a record off in
    /// its middle.
    pub(crate) fn write(&mut self, ino: Ino, offset: u64, bytes: &[u8]) -> Result<usize, Errno> {
        let all = self.content(ino)?.fitting(offset, bytes.len(), 0) == bytes.len();
        let more = if all { 0 } else { self.free() };
        let content = self.content(ino)?;
        let fitting = content.fitting(offset, bytes.len(), more);
        if fitting == 0 && !bytes.is_empty() {
            return Err(Errno::ENOSPC);
        }
        content.write(offset, &bytes[..fitting]);
        Ok(fitting)
    }

    /// Nothing new is made on a disk that has not a page left.
    pub(super) fn must_have_room(&self) -> Result<(), Errno> {
        let full = self.room < u64::MAX && self.free() < crate::content::PAGE;
        if full { Err(Errno::ENOSPC) } else { Ok(()) }
    }
}
