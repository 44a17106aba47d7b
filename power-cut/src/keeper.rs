use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::error::{Doing, Result};

/// Waits for the end of its input, which is the end of the process that mounted; then takes the mount away.
const KEEPER: &str = r#"
trap '' HUP INT TERM
cat >/dev/null
umount -l "$POWER_CUT_DISK" || fusermount3 -u -z "$POWER_CUT_DISK"
"#;

/// A small shell that outlives a killed process, so that its mount does not.
#[derive(Debug)]
pub(crate) struct Keeper(Child);

impl Keeper {
    pub(crate) fn watch(at: &Path) -> Result<Self> {
        Command::new("sh")
            .args(["-c", KEEPER, "power-cut-keeper"])
            // Not an argument: whoever owns the folder may end what names it there.
            .env("POWER_CUT_DISK", at)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map(Self)
            .doing("keeping", at)
    }
}

impl Drop for Keeper {
    /// The mount is gone by now, so it finds nothing to do.
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
