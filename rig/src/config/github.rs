//! `[github]`: where GitHub is, and who we are there.

use std::{path::PathBuf, time::Duration};

use agents::character::duration;

use super::{
    fault::Faults,
    reader::Reader,
    value::{address, key, login, number},
};

/// `[github]`: where GitHub is, and who we are there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Github {
    /// Its REST API.
    pub(crate) api: String,
    /// Its pages and git's side.
    pub(crate) web: String,
    /// Where GitHub posts to us: our public address. Without one its list of deliveries is read instead.
    pub(crate) webhook: Option<String>,
    /// How often it is looked whether something was missed.
    pub(crate) look_every: Duration,
    /// How often GitHub's list of deliveries is read; left out, more often where deliveries come by nothing else.
    pub(crate) list_every: Option<Duration>,
    /// Our Apps; none where nothing is done on GitHub.
    pub(crate) apps: Option<Apps>,
}

/// One App a role, since nobody may judge a change of their own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Apps {
    /// Makes changes.
    pub(crate) implementer: App,
    /// Judges them.
    pub(crate) reviewer: App,
    /// Lands them, and tells people how it stands.
    pub(crate) conductor: App,
}

/// A GitHub App.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct App {
    /// Its numeric id.
    pub(crate) id: u64,
    /// The file with its private key.
    pub(crate) key_file: PathBuf,
    /// The login it speaks under, as `dev-e[bot]`.
    pub(crate) login: String,
}

const LOOK_EVERY: Duration = Duration::from_secs(300);

/// The keys of an App: its id, its private key, its login.
type Keys = [&'static str; 3];

const IMPLEMENTER: Keys = ["github.implementer.app", "github.implementer.key_file", "github.implementer.login"];
const REVIEWER: Keys = ["github.reviewer.app", "github.reviewer.key_file", "github.reviewer.login"];
const CONDUCTOR: Keys = ["github.conductor.app", "github.conductor.key_file", "github.conductor.login"];

impl Github {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let api = reader.or("github.api", "https://api.github.com".to_owned(), address);
        let web = reader.or("github.web", "https://github.com".to_owned(), address);
        let webhook = reader.optional("github.webhook", address);
        let look_every = reader.or("github.look_every", LOOK_EVERY, duration);
        let list_every = reader.optional("github.list_every", duration);
        // Every App is read, so that what is wrong with the last one is told with the rest.
        let (implementer, reviewer, conductor) =
            (app(reader, IMPLEMENTER), app(reader, REVIEWER), app(reader, CONDUCTOR));
        let apps = match (implementer, reviewer, conductor) {
            (Some(implementer), Some(reviewer), Some(conductor)) => Some(Apps { implementer, reviewer, conductor }),
            (None, None, None) => None,
            _ => {
                let what = "all three Apps are needed, each with app, key_file and login: \
                            implementer, reviewer, conductor";
                reader.fault("github", what);
                None
            }
        };
        Self { api, web, webhook, look_every, list_every, apps }
    }
}

impl Apps {
    /// Each with the name of its role.
    pub(crate) const fn each(&self) -> [(&'static str, &App); 3] {
        [("implementer", &self.implementer), ("reviewer", &self.reviewer), ("conductor", &self.conductor)]
    }

    /// Two roles with one identity could approve what they wrote.
    pub(super) fn check(&self, faults: &mut Faults) {
        let all = self.each();
        for (n, (role, app)) in all.iter().enumerate() {
            for (other, known) in &all[..n] {
                if app.id == known.id || app.login.eq_ignore_ascii_case(&known.login) {
                    let what = format!(
                        "it is the {other}'s App too: who wrote a change may not judge it, so each role needs its own"
                    );
                    faults.add(format!("github.{role}"), what);
                }
            }
        }
    }
}

fn app(reader: &mut Reader, [id, key_file, name]: Keys) -> Option<App> {
    let id = reader.optional(id, number);
    let key_file = reader.optional_path(key_file, key);
    let login = reader.optional(name, login);
    Some(App { id: id?, key_file: key_file?, login: login? })
}
