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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{fs, sync::Arc, time::Duration};

    use super::*;
    use crate::{Entries, mount, supply::Supply, tree::Tree};

    #[test]
    fn a_mount_that_its_process_left_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let at = mount::folder(&folder.path().join("disk")).unwrap();
        let keeper = Keeper::watch(&at).unwrap();
        let supply = Supply::on(Tree::new(mount::root(), Entries::default(), u64::MAX), Duration::ZERO);
        let mount = mount::Mount::new(&at, Arc::new(supply)).unwrap();
        let mounted = || fs::read_to_string("/proc/self/mountinfo").unwrap().contains(at.to_str().unwrap());
        assert!(mounted());
        // What is left of a killed process is the end of the pipe.
        drop(keeper);
        assert!(!mounted());
        drop(mount);
    }
}
