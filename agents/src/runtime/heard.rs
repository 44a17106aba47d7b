//! What people say to a run while it works: it comes with the word to go on, is kept for the next turn, and stands in a
//! file for a program that wants to know at once.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use bus::{RecordId, service::run::Word};

/// What was heard so far, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    words: Vec<Word>,
    file: Option<PathBuf>,
}

impl Heard {
    /// The last words that were heard.
    pub(crate) fn last(&self) -> Option<RecordId> {
        self.inner().words.last().map(|word| word.id)
    }

    pub(crate) fn all(&self) -> Vec<Word> {
        self.inner().words.clone()
    }

    /// Takes in what was said; two who ask at once may be told the same.
    pub(crate) fn take(&self, said: Vec<Word>) {
        let mut inner = self.inner();
        let new = said.into_iter().filter(|word| inner.words.iter().all(|known| known.id != word.id));
        let new: Vec<Word> = new.collect();
        if let Some(file) = &inner.file {
            append(file, &new);
        }
        inner.words.extend(new);
    }

    /// From now on it stands in this file as well.
    pub(crate) fn stand_in(&self, file: PathBuf) {
        let mut inner = self.inner();
        append(&file, &inner.words);
        inner.file = Some(file);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line of JSON for each. The next turn is told the same, so a disk that fails stops nobody.
fn append(file: &Path, words: &[Word]) {
    let line = |word: &Word| serde_json::json!({ "who": word.who, "say": word.say }).to_string() + "\n";
    let lines: String = words.iter().map(line).collect();
    let written =
        OpenOptions::new().create(true).append(true).open(file).and_then(|mut to| to.write_all(lines.as_bytes()));
    if let Err(error) = written {
        tracing::warn!(%error, file = %file.display(), "what was said to a run could not be written down");
    }
}
