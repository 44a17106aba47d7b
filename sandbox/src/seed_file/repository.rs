//! Repositories.

use std::collections::BTreeMap;

use toml::Value;

use super::{Hook, Issue, Logins, Outside, Protection, Site, folder, name};
use crate::{
    workflow::table::{Reader, table, text, truth},
    world::Role,
};

const KEYS: &str = "private, folder, files, collaborators, site, label, hook, issue and protection";
const KEYS_OF_LABEL: &str = "name, color and description";

/// A repository to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Whose it is.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Whether only its collaborators see it.
    pub private: bool,
    /// Path and content of each file of the first commit.
    pub files: BTreeMap<String, Vec<u8>>,
    /// People with a role in it.
    pub collaborators: BTreeMap<String, Role>,
    /// The site that is made of its default branch.
    pub site: Option<Site>,
    /// Labels beside those that GitHub gives every repository.
    pub labels: Vec<Label>,
    /// Who is told of it.
    pub hooks: Vec<Hook>,
    /// Issues to begin with, from number 1 on.
    pub issues: Vec<Issue>,
    /// Branches that are protected.
    pub protections: Vec<Protection>,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Six hexadecimal digits.
    pub color: String,
    /// What it means.
    pub description: Option<String>,
}

impl Repository {
    pub(super) fn read(
        full_name: &str,
        reader: &mut Reader<'_>,
        logins: Logins<'_>,
        outside: Outside<'_>,
    ) -> Option<Self> {
        let named = name::repository(full_name).and_then(|(owner, name)| Ok((logins.account(owner)?, name)));
        let named = named.map_err(|sentence| reader.fault(None, sentence)).ok();
        let private = reader.optional("private", truth).unwrap_or_default();
        let from_folder = reader.optional("folder", |value| folder::files(&outside.folder.join(text(value)?)));
        let mut files = from_folder.unwrap_or_default();
        files.extend(reader.optional("files", inline).unwrap_or_default());
        if let Err(sentence) = no_file_is_a_folder(&files) {
            reader.fault(Some("files"), sentence);
        }
        let collaborators = reader.optional("collaborators", |value| collaborators(value, logins)).unwrap_or_default();
        let site = reader.within("site").map(|mut reader| Site::read(&mut reader));
        let labels = reader.each("label", Label::read);
        let hooks = reader.each("hook", |reader| Hook::read(reader, outside));
        let issues = reader.each("issue", |reader| Issue::read(reader, logins));
        let protections = reader.each_named("protection", |branch, reader| Some(Protection::read(branch, reader)));
        if files.is_empty() && !protections.is_empty() {
            reader.fault(Some("protection"), "a repository without files has no branch to protect".into());
        }
        reader.finish(KEYS);
        let (owner, name) = named?;
        Some(Self { owner, name, private, files, collaborators, site, labels, hooks, issues, protections })
    }

    /// `owner/name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }
}

impl Label {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let name = reader.required("name", |value| match text(value)? {
            name if (1..=50).contains(&name.trim().chars().count()) => Ok(name),
            name => Err(format!("{name:?} is no name of a label; it has 1 to 50 characters")),
        });
        let color = reader.optional("color", |value| match text(value)? {
            color if color.len() == 6 && color.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(color.to_ascii_lowercase())
            }
            color => Err(format!("{color:?} is no colour; write six hexadecimal digits, as \"d73a4a\"")),
        });
        let description = reader.optional("description", text);
        reader.finish(KEYS_OF_LABEL);
        Some(Self { name: name?, color: color.unwrap_or_else(|| "ededed".to_owned()), description })
    }
}

fn inline(value: Value) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let one = |(path, value): (String, Value)| {
        folder::fits(&path)?;
        let content = text(value).map_err(|sentence| format!("{path}: {sentence}"))?;
        Ok((path, content.into_bytes()))
    };
    table(value)?.into_iter().map(one).collect()
}

fn no_file_is_a_folder(files: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let inside = |path: &str| path.match_indices('/').map(|(at, _)| path[..at].to_owned()).collect::<Vec<_>>();
    let both = files.keys().flat_map(|path| inside(path)).find(|folder| files.contains_key(folder));
    both.map_or(Ok(()), |path| Err(format!("{path:?} is a file and a folder")))
}

fn collaborators(value: Value, logins: Logins<'_>) -> Result<BTreeMap<String, Role>, String> {
    let one = |(login, role): (String, Value)| {
        let login = logins.person(login)?;
        let role = role.try_into().map_err(|error: toml::de::Error| format!("{login}: {}", error.message().trim()))?;
        Ok((login, role))
    };
    table(value)?.into_iter().map(one).collect()
}
