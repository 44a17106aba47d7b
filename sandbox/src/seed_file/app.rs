//! Apps, and their keys.

use std::{collections::BTreeSet, fmt, fs};

use thiserror::Error;
use toml::Value;

use super::{Hook, Logins, Outside, hook};
use crate::{
    key,
    workflow::table::{Reader, text, texts},
    world::{Permissions, slug},
};

const KEYS: &str = "owner, permissions, events, hook, public_key_file and installed_on";

/// An App to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its name; the slug is made of it.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// What it may do where it is installed.
    pub permissions: Permissions,
    /// What it is told of.
    pub events: BTreeSet<String>,
    /// Where it is told.
    pub hook: Option<Hook>,
    /// What its JSON Web Tokens are signed with; none until [`super::Seed::draw_keys`].
    pub key: Option<Key>,
    /// The accounts it is installed on, for all their repositories.
    pub installed_on: Vec<String>,
}

/// An App's key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// An RSA public key as PEM.
    pub public: String,
    /// The private key as PEM, where it was drawn here.
    pub private: Option<String>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// No key could be drawn.
#[derive(Debug, Error)]
#[error("no key can be drawn for the App {app:?}")]
pub struct NoKey {
    app: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl App {
    pub(super) fn read(name: &str, reader: &mut Reader<'_>, logins: Logins<'_>, outside: Outside<'_>) -> Option<Self> {
        if slug(name).is_empty() || name.chars().count() > 34 {
            reader.fault(None, "an App's name has 1 to 34 characters, letters or digits among them".into());
        }
        let owner = reader.required("owner", |value| logins.account(text(value)?));
        let permissions = reader.optional("permissions", permissions).unwrap_or_default();
        let events = reader.optional("events", hook::events).unwrap_or_default();
        let hook = reader.within("hook").and_then(|mut reader| Hook::of_app(&mut reader, outside, &events));
        let key = reader.optional("public_key_file", |value| public_key(&text(value)?, outside));
        let installed_on = reader.optional("installed_on", |value| {
            texts(value)?.into_iter().map(|login| logins.account(login)).collect::<Result<Vec<_>, _>>()
        });
        reader.finish(KEYS);
        let installed_on = installed_on.unwrap_or_default();
        Some(Self { name: name.to_owned(), owner: owner?, permissions, events, hook, key, installed_on })
    }

    /// The name as it stands in addresses.
    #[must_use]
    pub fn slug(&self) -> String {
        slug(&self.name)
    }

    pub(super) fn draw_key(&mut self) -> Result<(), NoKey> {
        if self.key.is_none() {
            let drawn = Key::draw().map_err(|source| NoKey { app: self.name.clone(), source })?;
            self.key = Some(drawn);
        }
        Ok(())
    }
}

impl Key {
    fn draw() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let key::Pair { private, public } = key::draw()?;
        Ok(Self { public, private: Some(private) })
    }
}

fn public_key(name: &str, outside: Outside<'_>) -> Result<Key, String> {
    let path = outside.folder.join(name);
    let public = fs::read_to_string(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    match jsonwebtoken::DecodingKey::from_rsa_pem(public.as_bytes()) {
        Ok(_) if !public.contains("PRIVATE") => Ok(Key { public, private: None }),
        _ => Err(format!("{} holds no RSA public key as PEM", path.display())),
    }
}

fn permissions(value: Value) -> Result<Permissions, String> {
    value.try_into().map_err(|error: toml::de::Error| error.message().trim().to_owned())
}

/// Two Apps whose names make one slug cannot be told apart.
pub(super) fn need_own_slugs(apps: &[App], reader: &mut Reader<'_>) {
    for (n, app) in apps.iter().enumerate() {
        if let Some(other) = apps.iter().take(n).find(|other| other.slug() == app.slug()) {
            let sentence = format!("{:?} and {:?} have the same slug, {}", other.name, app.name, app.slug());
            reader.fault(Some("app"), sentence);
        }
    }
}
