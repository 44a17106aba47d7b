//! The rig's own log: for whoever looks for a cause. People at the screen get the sentences; this gets everything.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Mutex,
};

use tracing_subscriber::EnvFilter;

use crate::exit::Failure;

/// From this size on the log is put aside, once: it takes at most twice this.
const LIMIT: u64 = 32 << 20;

/// From now on everything that is traced goes to this file.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn start(path: PathBuf, filter: &str) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let log =
        Log::open(path).map_err(|error| Failure::failed(format!("the log {shown} cannot be opened")).because(error))?;
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(false)
        .with_writer(Mutex::new(log))
        .try_init()
        .map_err(|error| Failure::failed("the log cannot be started").because(error))
}

struct Log {
    path: PathBuf,
    file: File,
    written: u64,
}

impl Log {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = append(&path)?;
        let written = file.metadata()?.len();
        Ok(Self { path, file, written })
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let mut aside = self.path.as_os_str().to_owned();
        aside.push(".1");
        fs::rename(&self.path, aside)?;
        (self.file, self.written) = (append(&self.path)?, 0);
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written >= LIMIT {
            self.put_aside()?;
        }
        let count = self.file.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_is_put_aside_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rig.log");
        let mut log = Log::open(path.clone()).unwrap();
        for text in ["first", "second", "third"] {
            log.written = LIMIT;
            log.write_all(text.as_bytes()).unwrap();
        }
        let aside = folder.path().join("rig.log.1");
        assert_eq!(fs::read_to_string(path).unwrap(), "third");
        assert_eq!(fs::read_to_string(aside).unwrap(), "second");
    }
}
