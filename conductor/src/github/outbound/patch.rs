//! What a pull request changes, as a digest of its lines without their places: the same as long as the change is the
//! same, whatever happened to the lines round it.

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A file that a pull request changes, as GitHub tells it.
#[derive(Deserialize)]
pub(super) struct Changed {
    filename: String,
    status: String,
    previous_filename: Option<String>,
    /// The file's content after the change.
    sha: Option<String>,
    /// The lines; nothing for what is not text, or too long.
    patch: Option<String>,
}

/// The digest.
pub(super) fn digest(files: &[Changed]) -> String {
    let mut files: Vec<&Changed> = files.iter().collect();
    files.sort_by(|a, b| a.filename.cmp(&b.filename));
    let mut hash = Sha256::new();
    for file in files {
        add(&mut hash, &file.filename);
        add(&mut hash, &file.status);
        add(&mut hash, file.previous_filename.as_deref().unwrap_or_default());
        match &file.patch {
            Some(patch) => patch.lines().filter(|line| is_change(line)).for_each(|line| add(&mut hash, line)),
            None => add(&mut hash, file.sha.as_deref().unwrap_or_default()),
        }
    }
    hex::encode(hash.finalize())
}

fn add(hash: &mut Sha256, text: &str) {
    hash.update(text.as_bytes());
    hash.update([0]);
}

fn is_change(line: &str) -> bool {
    line.starts_with(['+', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(patch: &str) -> Changed {
        let (filename, status) = ("hello.js".to_owned(), "modified".to_owned());
        Changed { filename, status, previous_filename: None, sha: None, patch: Some(patch.to_owned()) }
    }

    #[test]
    fn lines_round_a_change_do_not_matter_and_the_change_does() {
        let one = digest(&[changed("@@ -1,2 +1,2 @@\n a\n-b\n+c")]);
        assert_eq!(one, digest(&[changed("@@ -9,2 +9,2 @@ fn x\n z\n-b\n+c")]));
        assert_ne!(one, digest(&[changed("@@ -1,2 +1,2 @@\n a\n-b\n+d")]));
    }
}
