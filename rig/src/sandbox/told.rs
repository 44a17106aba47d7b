//! Telling that the sandbox is ready, where everything is, and what to type.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use ::sandbox::{
    seed_file::{Residents, Seed},
    world::Addresses,
};
use serde::Serialize;

use super::folder::Folder;
use crate::{
    exit::Failure,
    screen::{self, FAINT, GOOD, NAME},
    up::quoted,
};

/// What a program is told. No secret is in it: files hold them.
#[derive(Serialize)]
pub(super) struct Told {
    version: u32,
    pid: u32,
    /// No real GitHub is behind this.
    played: bool,
    api: String,
    html: String,
    /// The files of tokens, by login.
    tokens: BTreeMap<String, PathBuf>,
    repositories: Vec<Repository>,
    apps: Vec<App>,
    folder: PathBuf,
}

#[derive(Serialize)]
struct Repository {
    name: String,
    private: bool,
    clone_url: String,
    /// Where its site is, if it has one.
    site: Option<String>,
}

#[derive(Serialize)]
struct App {
    id: u64,
    slug: String,
    /// Where its private key was drawn here.
    key_file: Option<PathBuf>,
    /// By account.
    installations: BTreeMap<String, u64>,
}

impl Told {
    /// Writes the files, and says where they are.
    pub(super) fn new(
        seed: &Seed,
        addresses: &Addresses,
        residents: &Residents,
        folder: &Folder,
    ) -> Result<Self, Failure> {
        folder.keep(residents)?;
        let repositories = seed.repositories.iter().map(|repository| {
            let name = repository.full_name();
            let clone_url = format!("{}/{name}.git", addresses.html);
            let site = residents.sites.get(&name).cloned();
            Repository { name, private: repository.private, clone_url, site }
        });
        let apps = residents.apps.iter().map(|app| App {
            id: app.id.0,
            slug: app.slug.clone(),
            key_file: app.private_key.as_ref().map(|_| folder.key(&app.slug)),
            installations: app.installations.iter().map(|(login, id)| (login.clone(), id.0)).collect(),
        });
        Ok(Self {
            version: 1,
            pid: std::process::id(),
            played: true,
            api: addresses.api.clone(),
            html: addresses.html.clone(),
            tokens: residents.tokens.keys().map(|login| (login.clone(), folder.token(login))).collect(),
            repositories: repositories.collect(),
            apps: apps.collect(),
            folder: folder.path().to_owned(),
        })
    }

    /// It as one line.
    pub(super) fn json(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|error| Failure::failed("a path is not UTF-8").because(error))
    }

    /// The table, then what to type.
    pub(super) fn tell(&self, took: Duration) {
        screen::say(&format!("{NAME}rig sandbox{NAME:#} · a GitHub, played on this machine: nothing leaves it\n"));
        row("API", &self.api, "REST, as on a GitHub of one's own");
        row("git", &self.html, &format!("{:.1} s", took.as_secs_f32()));
        screen::say("");
        for repository in &self.repositories {
            let private = if repository.private { ", private" } else { "" };
            screen::say(&format!("  {:<19} {}{private}", repository.name, repository.clone_url));
            if let Some(site) = &repository.site {
                screen::say(&format!("  {:<19} {site}", "its site"));
            }
        }
        for (login, file) in &self.tokens {
            screen::say(&format!("  {login:<19} token in {}", file.display()));
        }
        for App { id, slug, key_file, .. } in &self.apps {
            let key = key_file.as_ref().map(|file| format!(", key in {}", file.display()));
            screen::say(&format!("  {slug:<19} App {id}{}", key.unwrap_or_default()));
        }
        self.advise();
    }

    fn advise(&self) {
        if let Some((_, file)) = self.tokens.first_key_value() {
            let header = format!("-H \"Authorization: Bearer $(cat {})\"", quoted(file));
            screen::say(&format!("\n  Try     curl {header} {}/user", self.api));
        }
        screen::say(&format!("  {FAINT}What it plays and what not: docs/sandbox.md{FAINT:#}"));
        screen::say("\n  Ctrl-C here stops it; nothing that happened in it is kept.");
    }
}

fn row(name: &str, address: &str, what: &str) {
    screen::say(&format!("  {name:<19} {GOOD}ready{GOOD:#}  {address:<30} {what}"));
}
