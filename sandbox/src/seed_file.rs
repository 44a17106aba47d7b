//! What a world begins with, as a file says it: people and organisations, repositories with all that is in them, Apps.
//! `sandbox.example.toml` shows every key.
//!
//! All faults are said at once, each with its place. A secret is named by its file or variable, never written here.

mod app;
mod begin;
mod folder;
mod hook;
mod issue;
mod limits;
mod name;
mod protection;
mod repository;
mod residents;
mod secret;
mod site;

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use rsa::rand_core::{OsRng, RngCore as _};
use thiserror::Error;

pub use self::{
    app::{App, Key, NoKey},
    begin::{Begun, Unbegun},
    hook::Hook,
    issue::{Comment, Issue},
    protection::Protection,
    repository::{Label, Repository},
    residents::{Installed, Residents, Unsettled},
    secret::Secret,
    site::Site,
};
use crate::{
    faults::{self, Rule},
    people::{self, Act},
    workflow::{
        Fault,
        table::{self, Reader},
    },
    world::Limits,
};

const KEYS: &str = "people, organisations, repository, app, script, fault and limits";
const LARGEST: usize = 1 << 20;

/// What a world begins with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seed {
    /// Logins of persons.
    pub people: Vec<String>,
    /// Logins of organisations.
    pub organisations: Vec<String>,
    /// Repositories, by owner and name.
    pub repositories: Vec<Repository>,
    /// Apps, by name.
    pub apps: Vec<App>,
    /// What people do, and when after the beginning.
    pub script: Vec<Act>,
    /// Trouble on demand.
    pub faults: Vec<Rule>,
    /// How much may be asked, once the world has begun.
    pub limits: Limits,
}

/// What a seed file may name outside itself.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The folder of the seed file: paths stand relative to it.
    pub folder: &'a Path,
    /// The value of a variable of the environment.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

/// A seed file that is not used: everything that is wrong with it.
#[derive(Debug, Error, PartialEq, Eq)]
pub struct Faults {
    /// Which file.
    pub file: PathBuf,
    /// Each with its place.
    pub faults: Vec<Fault>,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be used:", self.file.display())?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl Seed {
    /// Reads a seed file, and the files and variables that it names.
    ///
    /// # Errors
    ///
    /// All faults at once.
    pub fn read(file: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let folder = file.parent().unwrap_or_else(|| Path::new(""));
        let faulty = |faults| Faults { file: file.to_owned(), faults };
        let text = std::fs::read_to_string(file).map_err(|error| {
            let sentence = format!("it cannot be read: {error}");
            faulty(vec![Fault { place: "the file".into(), sentence }])
        })?;
        Self::parse(&text, Outside { folder, variable }).map_err(faulty)
    }

    /// A small world for whoever names no file: `acme/hello.site`, which ada administers, nora may push to, and sam sees.
    ///
    /// # Errors
    ///
    /// None, as its test shows.
    pub fn small() -> Result<Self, Faults> {
        let outside = Outside { folder: Path::new(""), variable: &|_| None };
        Self::parse(include_str!("seed_file/small.toml"), outside)
            .map_err(|faults| Faults { file: "small.toml".into(), faults })
    }

    /// Reads the text of a seed file.
    ///
    /// # Errors
    ///
    /// All faults at once; of a text that is not TOML the first.
    pub fn parse(text: &str, outside: Outside<'_>) -> Result<Self, Vec<Fault>> {
        if text.len() > LARGEST {
            let sentence =
                format!("it has {} bytes, and may have {LARGEST}; name folders instead of files", text.len());
            return Err(vec![Fault { place: "the file".into(), sentence }]);
        }
        let mut faults = Vec::new();
        let document = table::document(text).map_err(|fault| vec![fault])?;
        let mut reader = Reader::new(String::new(), document, &mut faults);
        let seed = Self::of(&mut reader, outside);
        reader.finish(KEYS);
        if faults.is_empty() { Ok(seed) } else { Err(faults) }
    }

    fn of(reader: &mut Reader<'_>, outside: Outside<'_>) -> Self {
        let persons = reader.optional("people", name::logins).unwrap_or_default();
        let organisations = reader.optional("organisations", name::logins).unwrap_or_default();
        for twice in persons.iter().filter(|person| has(&organisations, person)) {
            reader.fault(Some("organisations"), format!("{twice} is a person already; each login is one account"));
        }
        let logins = Logins { people: &persons, organisations: &organisations };
        let repositories =
            reader.each_named("repository", |name, reader| Repository::read(name, reader, logins, outside));
        let apps = reader.each_named("app", |name, reader| App::read(name, reader, logins, outside));
        app::need_own_slugs(&apps, reader);
        let names: Vec<String> = repositories.iter().map(Repository::full_name).collect();
        let script = people::acts(reader, |login| logins.person(login), &names);
        let faults = reader.optional("fault", faults::listed).unwrap_or_default();
        let limits = limits::read(reader);
        Self { people: persons, organisations, repositories, apps, script, faults, limits }
    }

    /// Draws a key pair for each App that has no key.
    ///
    /// # Errors
    ///
    /// If the system has no randomness to give.
    pub fn draw_keys(&mut self) -> Result<(), NoKey> {
        self.apps.iter_mut().try_for_each(App::draw_key)
    }
}

/// A number from which a world is drawn, that nobody can guess: whoever knows it knows each token.
///
/// # Errors
///
/// If the system has no randomness to give.
pub fn unguessable() -> Result<u64, rsa::rand_core::Error> {
    let mut bytes = [0; 8];
    OsRng.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
}

/// The accounts that a seed file declares.
#[derive(Clone, Copy)]
struct Logins<'a> {
    people: &'a [String],
    organisations: &'a [String],
}

impl Logins<'_> {
    /// A declared person.
    fn person(self, login: String) -> Result<String, String> {
        if has(self.people, &login) { Ok(login) } else { Err(format!("{login:?} is nobody; people has no such login")) }
    }

    /// A declared person or organisation.
    fn account(self, login: String) -> Result<String, String> {
        match has(self.people, &login) || has(self.organisations, &login) {
            true => Ok(login),
            false => Err(format!("{login:?} is nobody; neither people nor organisations has such a login")),
        }
    }
}

fn has(logins: &[String], login: &str) -> bool {
    logins.iter().any(|known| known.eq_ignore_ascii_case(login))
}

/// A list of names without repetition, as a set.
fn set(names: Vec<String>) -> BTreeSet<String> {
    names.into_iter().collect()
}
