//! The two files: `rig.toml`, and one that keeps keys out of git.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use crate::{exit::Failure, home::make_private};

/// The configuration.
const CONFIG: &str = "rig.toml";

/// Where the Apps' keys go.
const KEYS: &str = "keys";

/// Everything in that folder stays out of git, this file too.
const IGNORE: &str = "# Private keys of the Rig's Apps: they belong to nobody else.\n*\n";

/// What was answered.
pub(super) struct Answers {
    pub(super) repository: String,
    pub(super) operator: String,
    pub(super) checks: Vec<String>,
    pub(super) autonomy: &'static str,
}

/// Refuses where there is one already.
pub(super) fn must_be_free(folder: &Path) -> Result<(), Failure> {
    let config = folder.join(CONFIG);
    match config.exists() {
        false => Ok(()),
        true => Err(Failure::refused(format!("{} is there already, and stays as it is", config.display()))
            .advice("`rig doctor` says whether it is complete; or name another folder with --folder.")),
    }
}

/// Writes both; the configuration last, so that where it is everything is.
pub(super) fn write(folder: &Path, answers: &Answers) -> Result<[PathBuf; 2], Failure> {
    let (keys, config) = (folder.join(KEYS), folder.join(CONFIG));
    let ignore = keys.join(".gitignore");
    let unwritten = |path: &Path| {
        let what = format!("{} cannot be written", path.display());
        move |error: io::Error| Failure::failed(what).because(error)
    };
    make_private(&keys).map_err(unwritten(&keys))?;
    if !ignore.exists() {
        whole(&ignore, IGNORE).map_err(unwritten(&ignore))?;
    }
    whole(&config, &text(answers)).map_err(unwritten(&config))?;
    Ok([config, ignore])
}

/// The file is there with all of this, or not at all; one that is there stays.
fn whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new().permissions(ordinary()).tempfile_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().sync_all()?;
    beside.persist_noclobber(path)?;
    fs::File::open(folder)?.sync_all()
}

/// Nothing secret stands in them.
fn ordinary() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}

fn text(answers: &Answers) -> String {
    let mut document = DocumentMut::new();
    document.decor_mut().set_prefix("# A rig of your own. rig.example.toml shows every key.\n\n");
    let mut operator = Table::new();
    operator.insert("name", value(&answers.operator));
    document.insert("operator", Item::Table(operator));
    let mut repositories = ArrayOfTables::new();
    repositories.push(repository(answers));
    document.insert("repository", Item::ArrayOfTables(repositories));
    document.set_trailing("\n# Who works here: docs/github.md has characters with a program as their brain.\n");
    document.to_string()
}

fn repository(answers: &Answers) -> Table {
    let mut repository = Table::new();
    repository.insert("name", value(&answers.repository));
    repository.insert("autonomy", value(answers.autonomy));
    repository.insert("label", value("agent-ready"));
    repository.insert("checks", value(answers.checks.iter().collect::<Array>()));
    repository
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_answered_stands_there_whatever_it_was() {
        let answers = Answers {
            repository: "acme/hello.site".to_owned(),
            operator: "nora".to_owned(),
            checks: vec!["test".to_owned(), "unit \"quoted\" \\ #1".to_owned()],
            autonomy: "propose",
        };
        let read: DocumentMut = text(&answers).parse().unwrap();
        let repository = read["repository"].as_array_of_tables().unwrap().get(0).unwrap();
        assert_eq!(repository["checks"][1].as_str(), Some(answers.checks[1].as_str()));
        assert_eq!(read["operator"]["name"].as_str(), Some("nora"));
    }
}
