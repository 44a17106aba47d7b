//! `rig github`: who we are on GitHub.

mod page;
mod setup;
mod written;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use conductor::github::principal::Principal;

use crate::{context::Context, exit::Failure};

const EXAMPLES: &str = "\
Examples:
  rig github setup                              the Apps that rig.toml does not name yet
  rig github setup --organization acme          Apps that belong to an organisation
  rig github setup --role reviewer              one of the three

A page on this machine leads your browser to GitHub, which asks you for each App and sends you back with a code; for the
code GitHub gives the App's key. Keys go to keys/ beside rig.toml (only you may read them), the rest into rig.toml.";

/// See [`Command`].
#[derive(ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the Apps that act for you: one a role, so that nobody judges their own change
    #[command(after_help = EXAMPLES)]
    Setup(Setup),
}

#[derive(ClapArgs)]
struct Setup {
    /// Only this role; as often as there are roles
    #[arg(long = "role", value_enum, value_name = "ROLE")]
    roles: Vec<Role>,
    /// The organisation that the Apps belong to [default: you]
    #[arg(long, value_name = "LOGIN")]
    organization: Option<String>,
    /// What the Apps' names end with, since names are taken once in the world [default: the repository's owner]
    #[arg(long, value_name = "WORD")]
    suffix: Option<String>,
    /// Where GitHub reaches this machine, as `https://rig.acme.dev/webhooks/github` [default: not at all]
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// The port of the page, on loopback; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// For a program: where the page is as one line on stdout, then a line an App
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Makes changes
    Implementer,
    /// Judges them
    Reviewer,
    /// Lands them, and tells people how it stands
    Conductor,
}

impl From<Role> for Principal {
    fn from(role: Role) -> Self {
        match role {
            Role::Implementer => Self::Implementer,
            Role::Reviewer => Self::Reviewer,
            Role::Conductor => Self::Conductor,
        }
    }
}

/// Makes them.
pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::Setup(args) => setup::run(args, context).await,
    }
}
