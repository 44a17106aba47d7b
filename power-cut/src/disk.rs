use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::{
    Forgotten, Tear,
    error::Result,
    keeper::Keeper,
    mount::{self, Mount},
    names::Entries,
    supply::Supply,
    tree::Tree,
};

/// What kind of disk it is.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// When a name becomes durable.
    pub entries: Entries,
    /// How long a flush takes at least. What a program says too early, it says within this time.
    pub flush_takes: Duration,
    /// How many bytes all files may take together; as much as they like where it is not said.
    pub room: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { entries: Entries::default(), flush_takes: Duration::from_micros(500), room: None }
    }
}

/// A disk with a file system on it that forgets, when the power is cut, what was not flushed.
///
/// Dropped, it is unmounted, and whoever still uses it is told that the disk is broken.
#[derive(Debug)]
pub struct Disk {
    at: PathBuf,
    options: Options,
    supply: Arc<Supply>,
    // Before the keeper, which looks for it once more.
    mount: Option<Mount>,
    _keeper: Keeper,
}

impl Disk {
    /// Mounts an empty disk over an empty folder, which is made if need be.
    ///
    /// # Errors
    /// When the machine has no FUSE or does not let us use it: with what to install or to allow.
    pub fn mount(at: &Path, options: Options) -> Result<Self> {
        mount::clear_dead();
        let at = mount::folder(at)?;
        let tree = Tree::new(mount::root(), options.entries, options.room.unwrap_or(u64::MAX));
        let supply = Arc::new(Supply::on(tree, options.flush_takes));
        let keeper = Keeper::watch(&at)?;
        let mount = Mount::new(&at, Arc::clone(&supply))?;
        Ok(Self { at, options, supply, mount: Some(mount), _keeper: keeper })
    }

    /// The folder it is mounted over.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// From now on all files may take this many bytes together. What is beyond it is refused with "no space left on
    /// device": what is there stays there, and a write that has room for its beginning is done so far.
    pub fn room(&self, bytes: u64) {
        // Without power nobody writes.
        let _ = self.supply.with(|tree| {
            tree.set_room(bytes);
            Ok(())
        });
    }

    /// How many bytes all files take together now.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.supply.with(|tree| Ok(tree.taken())).unwrap_or(0)
    }

    /// Makes durable all that was written so far, as a quiet hour does, or `sync` and `syncfs`, of which the kernel tells a
    /// FUSE file system nothing.
    pub fn settle(&self) {
        // Without power there is nothing that could become durable.
        let _ = self.supply.with(|tree| {
            tree.settle();
            Ok(())
        });
    }

    /// Cuts the power: the disk stops, `kill` kills whoever uses it, and it comes back with what was durable when it
    /// stopped and whatever `tear` lets survive of the rest.
    ///
    /// `kill` sends its signals and does not wait: who waits for the disk does not end before this does.
    ///
    /// # Errors
    /// When the disk cannot be mounted again.
    pub fn cut(&mut self, tear: &mut Tear, kill: impl FnOnce()) -> Result<Forgotten> {
        let Some((tree, going)) = self.supply.go() else { return Ok(Forgotten::default()) };
        kill();
        drop(going);
        let (tree, forgotten) = tree.after_cut(tear);
        drop(self.mount.take());
        self.supply = Arc::new(Supply::on(tree, self.options.flush_takes));
        self.mount = Some(Mount::new(&self.at, Arc::clone(&self.supply))?);
        Ok(forgotten)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.supply.go());
        drop(self.mount.take());
    }
}
