//! The power: while it is on requests are done, when it goes they stand still, and then they all fail.
//!
//! Standing still is what makes the cut one moment: from the moment the disk stops until its users are dead none of
//! them hears anything of it, neither a success nor an error that it might take for one.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nix::errno::Errno;

use crate::tree::{Ino, Tree};

#[derive(Debug)]
enum Power {
    On(Tree),
    Going,
    Off,
}

/// A tree, and the power without which it cannot be reached.
#[derive(Debug)]
pub(crate) struct Supply {
    power: Mutex<Power>,
    gone: Condvar,
    /// A disk does one flush at a time.
    flushes: Mutex<()>,
    flush_takes: Duration,
}

/// The power is going; with the end of this it is off.
#[derive(Debug)]
pub(crate) struct Going<'a>(&'a Supply);

impl Supply {
    pub(crate) const fn on(tree: Tree, flush_takes: Duration) -> Self {
        Self { power: Mutex::new(Power::On(tree)), gone: Condvar::new(), flushes: Mutex::new(()), flush_takes }
    }

    /// Does something with the tree, or never returns while the power is going, or fails because it is gone.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Tree) -> Result<T, Errno>) -> Result<T, Errno> {
        let mut power = self.lock();
        loop {
            match &mut *power {
                Power::On(tree) => return act(tree),
                Power::Off => return Err(Errno::EIO),
                Power::Going => power = self.gone.wait(power).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Makes durable what the file or folder holds as this begins; it is so when this returns, and not before.
    pub(crate) fn flush(&self, ino: Ino) -> Result<(), Errno> {
        let _turn = self.flushes.lock().unwrap_or_else(PoisonError::into_inner);
        let flush = self.with(|tree| tree.begin_flush(ino))?;
        self.take_time();
        self.with(|tree| tree.end_flush(flush))
    }

    /// Stops the disk. Nothing when the power was off already.
    pub(crate) fn go(&self) -> Option<(Tree, Going<'_>)> {
        let mut power = self.lock();
        match std::mem::replace(&mut *power, Power::Going) {
            Power::On(tree) => Some((tree, Going(self))),
            before @ (Power::Going | Power::Off) => {
                *power = before;
                None
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "no condition is waited for: a disk takes this long")]
    fn take_time(&self) {
        std::thread::sleep(self.flush_takes);
    }

    fn lock(&self) -> MutexGuard<'_, Power> {
        self.power.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Going<'_> {
    fn drop(&mut self) {
        *self.0.lock() = Power::Off;
        self.0.gone.notify_all();
    }
}
