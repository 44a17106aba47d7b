//! Lock files that a killed git left in a mirror: whoever comes after would be refused for ever.

use std::{fs, path::Path, time::Duration};

/// Removes the lock files that are older than any git of ours may become.
pub(crate) fn unlock(folder: &Path, oldest: Duration) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(about) = entry.metadata() else { continue };
        if about.is_dir() && entry.file_name() != "objects" {
            unlock(&path, oldest);
        } else if path.extension().is_some_and(|end| end == "lock") {
            let age = about.modified().ok().and_then(|at| at.elapsed().ok()).unwrap_or_default();
            if age > oldest && fs::remove_file(&path).is_ok() {
                tracing::warn!(path = %path.display(), "a lock that a killed git left was removed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, time::SystemTime};

    use super::*;

    #[test]
    fn only_what_is_too_old_to_be_held_is_removed() {
        let mirror = tempfile::tempdir().unwrap();
        fs::create_dir_all(mirror.path().join("refs/heads/rig")).unwrap();
        let [old, fresh, none] =
            ["packed-refs.lock", "refs/heads/main.lock", "refs/heads/rig/1-lock"].map(|name| mirror.path().join(name));
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        File::create(&old).unwrap().set_modified(long_ago).unwrap();
        File::create(&fresh).unwrap();
        File::create(&none).unwrap().set_modified(long_ago).unwrap();
        unlock(mirror.path(), Duration::from_secs(60));
        assert_eq!([old.exists(), fresh.exists(), none.exists()], [false, true, true]);
    }
}
