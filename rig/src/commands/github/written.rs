//! What is written down of an App: its key in a file of its own, the rest in `rig.toml`, whose other lines stay as they are.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use conductor::github::{manifest::Made, principal::Principal};
use toml_edit::{DocumentMut, Item, Table, value};

use crate::exit::Failure;

/// The configuration where none is named.
const CONFIG: &str = "rig.toml";

/// Where keys go, beside the configuration.
const KEYS: &str = "keys";

/// What GitHub signs with.
const WEBHOOK: &str = "webhook_secret";

/// The configuration, and the folder it stands in.
pub(super) struct Written {
    config: PathBuf,
    folder: PathBuf,
}

impl Written {
    /// Reads the configuration once, so that one that cannot be read is said before GitHub is asked for anything.
    pub(super) fn beside(config: Option<&Path>) -> Result<Self, Failure> {
        let config = config.unwrap_or(Path::new(CONFIG)).to_path_buf();
        let folder = config.parent().filter(|folder| !folder.as_os_str().is_empty());
        let written = Self { folder: folder.unwrap_or(Path::new(".")).to_path_buf(), config };
        written.document().map_err(|failure| failure.advice("`rig init` writes one."))?;
        Ok(written)
    }

    pub(super) fn config(&self) -> &Path {
        &self.config
    }

    /// Whether this one's App stands there.
    pub(super) fn names(&self, principal: Principal) -> bool {
        let document = self.document().unwrap_or_default();
        document.get("github").and_then(|github| github.get(principal.name())).is_some_and(has_keys)
    }

    /// Where GitHub's REST API and its pages are.
    pub(super) fn addresses(&self) -> (String, String) {
        let document = self.document().unwrap_or_default();
        let at = |key: &str, usual: &str| {
            let said = document.get("github").and_then(|github| github.get(key)).and_then(Item::as_str);
            said.unwrap_or(usual).trim_end_matches('/').to_owned()
        };
        (at("api", "https://api.github.com"), at("web", "https://github.com"))
    }

    /// Whose the first repository is.
    pub(super) fn owner(&self) -> Option<String> {
        let document = self.document().ok()?;
        let name = document.get("repository")?.as_array_of_tables()?.get(0)?.get("name")?.as_str()?;
        Some(name.split_once('/')?.0.to_owned())
    }

    /// Writes an App down, and where its webhook posts, if anybody can post here; where its key stands.
    pub(super) fn app(&self, principal: Principal, made: &Made, webhook: Option<&str>) -> Result<PathBuf, Failure> {
        let slug = plain(&made.slug)?;
        let keys = self.folder.join(KEYS);
        let made_folder = fs::DirBuilder::new().recursive(true).mode(0o700).create(&keys);
        made_folder.map_err(|error| unwritten(&keys, error))?;
        let key = keys.join(format!("{slug}.pem"));
        self.place(&key, &made.pem)?;
        let mut document = self.document()?;
        let github = table(document.as_table_mut(), "github", true)?;
        if let Some(webhook) = webhook.filter(|_| principal == Principal::Conductor) {
            github.insert("webhook", value(webhook));
        }
        let app = table(github, principal.name(), false)?;
        app.insert("app", value(i64::try_from(made.id).map_err(|_| Failure::failed("the App's number is too large"))?));
        app.insert("key_file", value(format!("{KEYS}/{slug}.pem")));
        app.insert("login", value(made.login()));
        if let Some(secret) = made.webhook_secret.as_deref().filter(|_| principal == Principal::Conductor) {
            self.secret(&mut document, secret)?;
        }
        replace(&self.config, &document.to_string()).map_err(|error| unwritten(&self.config, error))?;
        Ok(key)
    }

    /// The secret that GitHub drew for the App's webhook, unless another is named already.
    fn secret(&self, document: &mut DocumentMut, secret: &str) -> Result<(), Failure> {
        let ingest = table(document.as_table_mut(), "ingest", false)?;
        if !ingest.contains_key("webhook_secret_file") {
            self.place(&self.folder.join(KEYS).join(WEBHOOK), &format!("{secret}\n"))?;
            ingest.insert("webhook_secret_file", value(format!("{KEYS}/{WEBHOOK}")));
        }
        Ok(())
    }

    /// A file that only its owner may read, with all of this or not at all; one that is there stays.
    fn place(&self, path: &Path, text: &str) -> Result<(), Failure> {
        let placed = || {
            let mut beside = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
            beside.write_all(text.as_bytes())?;
            beside.as_file().sync_all()?;
            beside.persist_noclobber(path)?;
            Ok(())
        };
        placed().map_err(|error: io::Error| unwritten(path, error))
    }

    fn document(&self) -> Result<DocumentMut, Failure> {
        let unreadable = || Failure::failed(format!("{} cannot be read", self.config.display()));
        let text = fs::read_to_string(&self.config).map_err(|error| unreadable().because(error))?;
        text.parse().map_err(|error: toml_edit::TomlError| unreadable().because(error))
    }
}

fn has_keys(item: &Item) -> bool {
    item.as_table_like().is_some_and(|table| !table.is_empty())
}

/// The table of this name, made where there is none.
fn table<'a>(within: &'a mut Table, name: &str, is_implicit: bool) -> Result<&'a mut Table, Failure> {
    let made = || {
        let mut table = Table::new();
        table.set_implicit(is_implicit);
        Item::Table(table)
    };
    let item = within.entry(name).or_insert_with(made);
    item.as_table_mut().ok_or_else(|| {
        Failure::failed(format!("`{name}` in the configuration is no table of its own"))
            .advice(format!("Write it as [{name}], as rig.example.toml does."))
    })
}

/// The slug becomes a file's name.
fn plain(slug: &str) -> Result<&str, Failure> {
    let fits = !slug.is_empty() && slug.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits.then_some(slug).ok_or_else(|| Failure::failed("GitHub told a slug that is none"))
}

/// The old file or the new one, never half of either; who may read it stays.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = fs::metadata(path)?.permissions().mode();
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
    beside.as_file().sync_all()?;
    beside.persist(path)?;
    fs::File::open(folder)?.sync_all()
}

fn unwritten(path: &Path, error: io::Error) -> Failure {
    Failure::failed(format!("{} cannot be written", path.display())).because(error)
}
