//! This machine: the home, git, the webhook secret, the agents' programs, and the servers where a rig is up.

use std::{ffi::OsStr, fs, path::Path, process::Stdio, time::Duration};

use agents::character::{Brain, Role};
use bus::stream::{self, Overrides};
use conductor::github::signature::Secrets;
use store::{Store, query::dead};
use tokio::{process::Command, time::timeout};

use super::{finding::Findings, servers};
use crate::{
    config::{Config, search_path},
    context::{Context, Running},
    exit::{Failure, sentence},
    home::Home,
};

/// How long each of these may take.
const WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn look(findings: &mut Findings, context: &Context, config: Option<&Config>) -> Result<(), Failure> {
    git(findings).await?;
    let home = Home::find(&context.wanted_home())?;
    if let Some(config) = config {
        secret(findings, config, &home)?;
        programs(findings, config)?;
    }
    match context.running() {
        Ok(running) => up(findings, &running, config).await,
        Err(failure) => {
            if let Some(config) = config {
                servers::look(findings, config).await?;
            }
            let shown = home.path().display();
            findings.unsure(
                "home",
                &format!("{failure}; whether its servers answer is looked at while it is up"),
                &format!("rig up --home {shown}"),
            )
        }
    }
}

async fn git(findings: &mut Findings) -> Result<(), Failure> {
    let asked = Command::new("git").arg("--version").env("PATH", search_path()).stdin(Stdio::null()).output();
    match timeout(WITHIN, asked).await {
        Ok(Ok(told)) if told.status.success() => {
            findings.good("git", &format!("{} is there", String::from_utf8_lossy(&told.stdout).trim()))
        }
        _ => findings.wrong("git", "no git can be started, and agents work with it", "install git, 2.38 or newer"),
    }
}

/// GitHub signs with it.
fn secret(findings: &mut Findings, config: &Config, home: &Home) -> Result<(), Failure> {
    let file = match &config.ingest.webhook_secret_file {
        Some(file) => file.clone(),
        None => home.secrets().webhook_file(),
    };
    let shown = file.display();
    match fs::read_to_string(&file) {
        Ok(line) => match Secrets::new(line.trim()) {
            Ok(_) => findings.good("secret", &format!("the webhook secret stands in {shown}")),
            Err(unusable) => {
                findings.wrong("secret", &format!("{shown}: {unusable}"), "docs/webhooks.md, Change the secret")
            }
        },
        Err(_) if config.ingest.webhook_secret_file.is_none() => {
            findings.good("secret", "a webhook secret is made at the first start")
        }
        Err(error) => {
            findings.wrong("secret", &format!("{shown} cannot be read: {error}"), "run this as who runs `rig up`")
        }
    }
}

/// A brain that is a program has to be there.
fn programs(findings: &mut Findings, config: &Config) -> Result<(), Failure> {
    if config.agents.is_empty() {
        return findings.wrong(
            "agents",
            "rig.toml names no [[agent]], so nobody works",
            "docs/github.md, A brain of your own",
        );
    }
    for (role, does) in [(Role::Implementer, "makes changes"), (Role::Reviewer, "judges changes")] {
        if !config.agents.iter().any(|agent| agent.character.role == role) {
            let what = format!("no [[agent]] in rig.toml {does}, so each issue waits for one");
            findings.wrong(role.name(), &what, "docs/github.md, A brain of your own")?;
        }
    }
    for agent in &config.agents {
        let name = agent.character.name.to_string();
        match &agent.character.brain {
            Brain::Command { program, .. } if !is_there(program) => findings.wrong(
                &name,
                &format!("its brain {} is not there, or may not be started", program.display()),
                &format!("chmod +x {}", program.display()),
            )?,
            Brain::Command { program, .. } => findings.good(&name, &format!("thinks with {}", program.display()))?,
            Brain::Rehearsal { .. } => findings.unsure(
                &name,
                "thinks with a rehearsal: it plays what stands in its playbook, and nothing else",
                "docs/github.md, A brain of your own",
            )?,
        }
    }
    Ok(())
}

/// A plain name is sought where programs are.
fn is_there(program: &Path) -> bool {
    let is_plain = program.parent().is_none_or(|parent| parent.as_os_str().is_empty());
    let may_start = |path: &Path| {
        let mode = fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|file| file.permissions());
        mode.is_some_and(|mode| std::os::unix::fs::PermissionsExt::mode(&mode) & 0o111 != 0)
    };
    let path = search_path();
    let sought = || std::env::split_paths::<OsStr>(&path).any(|folder| may_start(&folder.join(program)));
    if is_plain { sought() } else { may_start(program) }
}

async fn up(findings: &mut Findings, running: &Running, config: Option<&Config>) -> Result<(), Failure> {
    findings.good("home", &format!("a rig is up in {}", running.home.path().display()))?;
    postgres(findings, running).await?;
    let overrides =
        Overrides { log_max_bytes: config.and_then(|config| config.bus.log_max_bytes), ..Overrides::default() };
    let compared = async {
        let js = running.connect("rig doctor").await?.jetstream();
        Ok::<_, Failure>(stream::diff(&js, &overrides).await?)
    };
    match timeout(WITHIN, compared).await {
        Ok(Ok(changes)) if changes.iter().all(|change| matches!(change, stream::Change::Unknown { .. })) => {
            findings.good("nats-server", "answers, and its streams and consumers are as they should be")
        }
        Ok(Ok(changes)) => {
            let words: Vec<String> = changes.iter().map(ToString::to_string).collect();
            findings.wrong("nats-server", &words.join("\n"), "rig bus apply")
        }
        Ok(Err(failure)) => findings.wrong("nats-server", &sentence(&failure), "rig status"),
        Err(_) => findings.wrong("nats-server", &format!("no answer within {WITHIN:?}"), "rig status"),
    }
}

async fn postgres(findings: &mut Findings, running: &Running) -> Result<(), Failure> {
    let asked = async {
        let store = Store::connect(&running.postgres_url()?)?;
        Ok::<_, Failure>(dead::waiting(&store).await?)
    };
    match timeout(WITHIN, asked).await {
        Ok(Ok(0)) => findings.good("postgresql", "answers"),
        Ok(Ok(_)) => {
            findings.unsure("postgresql", "answers; something was given up and waits for a person", "rig dead list")
        }
        Ok(Err(failure)) => findings.wrong("postgresql", &sentence(&failure), "rig status"),
        Err(_) => findings.wrong("postgresql", &format!("no answer within {WITHIN:?}"), "rig status"),
    }
}
