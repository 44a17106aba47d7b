//! `rig doctor`: is everything there that it takes, and if not, what is to be done. It changes nothing.

mod apps;
mod finding;
mod identity;
mod machine;
mod person;
mod repositories;
mod servers;
mod site;
mod webhook;

use std::path::Path;

use conductor::github::{client::Client, principal::Principal};

use self::finding::{Findings, Mark};
use crate::{
    config::Config,
    context::Context,
    exit::Failure,
    screen::{self, BAD, FAINT, GOOD, NAME, WARN},
};

const EXAMPLES: &str = "\
Examples:
  rig doctor                    a line a check: ✓ good, ! could not be told, ✗ wrong, with what to do
  rig doctor --json             the same for a program, a JSON object a line

Exit codes: 0 nothing is wrong, 1 something is, 4 two roles have one identity: then nothing else is looked at, since who
wrote a change could judge it.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A JSON object a line
    #[arg(long)]
    json: bool,
}

/// An App, with what it takes to ask as it.
struct Ours {
    principal: Principal,
    login: String,
    client: Client,
}

/// Looks at everything.
pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    identity::each_role_has_its_own(context.config.as_deref())?;
    let mut findings = Findings::new(args.json);
    let config = config(&mut findings, context)?;
    machine::look(&mut findings, context, config.as_ref()).await?;
    if let Some(config) = &config {
        github(&mut findings, config).await?;
    }
    findings.verdict()
}

fn config(findings: &mut Findings, context: &Context) -> Result<Option<Config>, Failure> {
    match Config::load(context.config.as_deref()) {
        Ok(config) => {
            match context.config.is_some() || Path::new("rig.toml").exists() {
                true => findings.good("config", "rig.toml can be read")?,
                false => findings.wrong("config", "there is no rig.toml here", "rig init")?,
            }
            Ok(Some(config))
        }
        Err(error) => {
            findings.wrong("config", &error.to_string(), "rig.example.toml shows each key with its default")?;
            Ok(None)
        }
    }
}

async fn github(findings: &mut Findings, config: &Config) -> Result<(), Failure> {
    let Some(named) = &config.github.apps else {
        return findings.wrong("apps", "rig.toml names no Apps, so nothing is done on GitHub", "rig github setup");
    };
    if config.repositories.is_empty() {
        findings.wrong("repositories", "rig.toml names no [[repository]]", "rig init shows one")?;
    }
    let ours = apps::look(findings, &config.github, named).await?;
    for repository in &config.repositories {
        repositories::look(findings, config, repository, &ours).await?;
        site::look(findings, repository).await?;
    }
    webhook::look(findings, config.github.webhook.as_deref(), &ours).await
}

impl Mark {
    fn shown(self) -> String {
        match self {
            Self::Good => format!("{GOOD}✓{GOOD:#}"),
            Self::Unsure => format!("{WARN}!{WARN:#}"),
            Self::Wrong => format!("{BAD}✗{BAD:#}"),
        }
    }
}

/// One line, and under it what to do.
fn line(mark: Mark, what: &str, sentence: &str, advice: Option<&str>) -> String {
    let sentence = screen::clean(sentence).replace('\n', "\n    ");
    let advice = advice.map(|advice| format!("\n    {FAINT}→{FAINT:#} {}", screen::clean_line(advice)));
    format!("{} {NAME}{what:<12}{NAME:#} {sentence}{}", mark.shown(), advice.unwrap_or_default())
}
