//! The servers' logs: written by the servers, kept small and read by us.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::sleep;

use crate::error::{Doing, Result};

/// From this size on a log is put aside, once: so each takes at most twice this.
const LIMIT: u64 = 32 << 20;

/// How often a followed log is looked at.
const EVERY: Duration = Duration::from_millis(200);

/// A log that is followed as it grows.
///
/// It is found again when it was put aside or made anew. A log put aside between two looks may lose its last lines to
/// the follower; the file put aside has them.
#[derive(Debug)]
pub struct Follow {
    path: PathBuf,
    file: Option<File>,
    read: u64,
    partial: Vec<u8>,
}

impl Follow {
    /// Follows from the log's present end.
    #[must_use]
    pub fn from_now(path: &Path) -> Self {
        let read = length(path);
        Self { path: path.to_path_buf(), file: None, read, partial: Vec::new() }
    }

    /// The next whole line, without its end. Waits for as long as it takes; may be dropped and asked again.
    pub async fn next(&mut self) -> String {
        loop {
            if let Some(line) = self.line() {
                return line;
            }
            if self.read_on().unwrap_or(0) == 0 {
                sleep(EVERY).await;
            }
        }
    }

    fn line(&mut self) -> Option<String> {
        let end = self.partial.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.partial.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line[..end]).into_owned())
    }

    fn read_on(&mut self) -> io::Result<usize> {
        self.find_again();
        let file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        let file = self.file.insert(file);
        file.seek(SeekFrom::Start(self.read))?;
        let mut chunk = [0; 16 << 10];
        let count = file.read(&mut chunk)?;
        self.partial.extend_from_slice(&chunk[..count]);
        self.read += count as u64;
        Ok(count)
    }

    fn find_again(&mut self) {
        let Ok(now) = self.path.metadata() else {
            return;
        };
        let same = self.file.as_ref().and_then(|file| file.metadata().ok()).is_none_or(|open| open.ino() == now.ino());
        if !same || now.len() < self.read {
            (self.file, self.read) = (None, 0);
            self.partial.clear();
        }
    }
}

/// Opens a log for a server to append to.
pub(crate) fn open(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).doing("making", folder)?;
    }
    put_aside_if_long(path).doing("putting aside", path)?;
    OpenOptions::new().append(true).create(true).mode(0o640).open(path).doing("opening", path)
}

/// Copies a log that has grown long and empties it. The server appends, so it goes on at the new end; a line written in
/// between is lost.
pub(crate) fn put_aside_if_long(path: &Path) -> io::Result<()> {
    if length(path) < LIMIT {
        return Ok(());
    }
    let mut aside = path.as_os_str().to_owned();
    aside.push(".1");
    fs::copy(path, aside)?;
    OpenOptions::new().write(true).open(path)?.set_len(0)
}

pub(crate) fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |found| found.len())
}

/// The last lines written since the log had this length.
pub(crate) fn tail(path: &Path, since: u64) -> String {
    const LINES: usize = 12;
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let from = since.max(length(path).saturating_sub(8 << 10));
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let text = String::from_utf8_lossy(&read().unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tokio::time::timeout;

    use super::*;

    const WITHIN: Duration = Duration::from_secs(10);

    fn append(path: &Path, text: &str) {
        open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    async fn next(follow: &mut Follow) -> String {
        timeout(WITHIN, follow.next()).await.unwrap()
    }

    #[tokio::test]
    async fn new_whole_lines_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        append(&log, "old\n");
        let mut follow = Follow::from_now(&log);
        append(&log, "one\ntw");
        assert_eq!(next(&mut follow).await, "one");
        assert!(timeout(EVERY * 2, follow.next()).await.is_err());
        append(&log, "o\n");
        assert_eq!(next(&mut follow).await, "two");
    }

    #[tokio::test]
    async fn a_log_that_comes_later_or_anew_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut follow = Follow::from_now(&log);
        append(&log, "one\n");
        assert_eq!(next(&mut follow).await, "one");
        fs::remove_file(&log).unwrap();
        append(&log, "two\n");
        assert_eq!(next(&mut follow).await, "two");
        fs::write(&log, "3\n").unwrap();
        assert_eq!(next(&mut follow).await, "3");
    }

    #[test]
    fn a_long_log_is_put_aside_and_a_short_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (log, aside) = (folder.path().join("log"), folder.path().join("log.1"));
        let mut server = open(&log).unwrap();
        server.write_all(b"short\n").unwrap();
        put_aside_if_long(&log).unwrap();
        assert!(!aside.exists());
        server.set_len(LIMIT).unwrap();
        put_aside_if_long(&log).unwrap();
        assert_eq!(length(&aside), LIMIT);
        server.write_all(b"on\n").unwrap();
        assert_eq!(fs::read_to_string(&log).unwrap(), "on\n");
    }

    #[test]
    fn the_tail_is_of_this_start_alone() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        append(&log, "before\n");
        let since = length(&log);
        append(&log, &(1..=20).map(|n| format!("{n}\n")).collect::<String>());
        assert_eq!(tail(&log, since).lines().next(), Some("9"));
        assert_eq!(tail(&log, length(&log)), "");
    }
}
