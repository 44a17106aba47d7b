//! An agent: it works.

use std::{ffi::OsString, path::PathBuf, sync::Arc};

use agents::{
    Character,
    character::Role,
    git::{self, Identity},
    git_door::{Credential, Secret, Wanted},
    runtime::{self, Agent, Github, Pace},
    workspace::Workspace,
};
use bus::publish::{Options, Publisher};
use conductor::github::client::Client;
use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::{Error, Line, client, connect};
use crate::config::{self, App};

/// The longest that one git may take.
const GIT: std::time::Duration = std::time::Duration::from_secs(120);

/// What an agent needs to know.
pub(crate) struct Settings {
    /// The file with its address of the channel.
    pub(crate) nats_url: PathBuf,
    /// Who it is.
    pub(crate) character: Character,
    /// A folder of its own.
    pub(crate) folder: PathBuf,
    /// Where programs are sought.
    pub(crate) path: OsString,
    /// Where GitHub is, and who it is there.
    pub(crate) github: config::Github,
    /// A repository of those that it works on: there GitHub tells it who it is.
    pub(crate) repository: String,
    /// Where its line to the channel is told.
    pub(crate) line: Line,
}

impl Settings {
    fn app(&self) -> Option<&App> {
        let apps = self.github.apps.as_ref()?;
        Some(match self.character.role {
            Role::Implementer => &apps.implementer,
            Role::Reviewer => &apps.reviewer,
        })
    }
}

/// Runs an agent until it is cancelled.
pub(crate) async fn run(settings: Arc<Settings>, cancel: CancellationToken) -> Result<(), Error> {
    // One without an App is not started.
    let Some(app) = settings.app() else { return Ok(()) };
    let client = Arc::new(client(&settings.github.api, app)?);
    let name = settings.character.name.as_str();
    let connection = connect(&settings.nats_url, name, &settings.line).await?;
    let email = client.email(&settings.repository).await?;
    let author = Identity { name: app.login.clone(), email };
    let agent = agent(&settings, author, client);
    // VOICE takes no batches.
    let publisher = Publisher::start(&connection, Options { batches: false, ..Options::default() });
    Ok(runtime::run(&connection, &publisher, &agent, &cancel).await?)
}

fn agent(settings: &Settings, author: Identity, client: Arc<Client>) -> Agent {
    let git = git::Settings { program: "git".into(), path: settings.path.clone(), time: GIT, author };
    let github = Github {
        host: settings.github.web.clone(),
        api: settings.github.api.clone(),
        credential: minted(client),
        client: reqwest::Client::new(),
    };
    let workspace = Workspace { folder: settings.folder.clone(), git };
    Agent { character: settings.character.clone(), workspace, github, pace: Pace::default() }
}

fn minted(client: Arc<Client>) -> Credential {
    Credential::Minted(Arc::new(move |repository: String, wanted| {
        let client = Arc::clone(&client);
        async move {
            if wanted == Wanted::Another {
                client.forget_token(&repository);
            }
            let token = client.token(&repository).await.map_err(|error| error.to_string())?;
            Ok(Secret::new(token.expose().to_owned()))
        }
        .boxed()
    }))
}
