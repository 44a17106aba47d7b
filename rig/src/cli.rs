//! The commands, as `clap` reads them. Each command's own arguments stand beside what it does.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    commands::{
        bus, chat, dead, doctor, file, github, inbox, init, restore, say, status, subjects, subscriber, tail, views,
        why,
    },
    context::Context,
    demo,
    exit::Failure,
    run, sandbox, up,
};

const EXAMPLES: &str = r#"Examples:
  rig demo                        see it work: two issues become two live changes
  rig up                          the rig on this machine: all that rig.toml names, until Ctrl-C
  rig chat                        talk, in a second terminal
  rig say general 'hello'         the same for scripts
  rig file "Add a dark mode"      an issue, taken up as soon as GitHub has it
  rig why 1                       why it stands where it stands; rig inbox: what waits for you
  rig tail work                   listen: every record as it is stored
  rig status                      what is up, what is stored, what waits

Exit codes: 0 done, 1 failed, 2 usage, 3 unreachable, 4 refused, 130 interrupted."#;

/// A rig: agents, people and GitHub in one channel that loses nothing.
#[derive(Parser)]
#[command(name = "rig", version, after_help = EXAMPLES, max_term_width = 92)]
pub(crate) struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Place {
    /// The rig's home: what it stores, its secrets, its logs [default: ./.rig]
    #[arg(long, global = true, env = "RIG_HOME", value_name = "DIR")]
    home: Option<PathBuf>,
    /// The configuration [default: ./rig.toml, where there is one]
    #[arg(long, global = true, env = "RIG_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// See it work: two issues become two live changes, on this machine, without an account
    Demo(demo::Args),
    /// Write a rig.toml for a repository: three questions
    Init(init::Args),
    /// Our Apps on GitHub: make them
    Github(github::Args),
    /// Is everything there that it takes? What is not, with what to do
    Doctor(doctor::Args),
    /// Start everything on this machine, in the foreground
    Up(up::Args),
    /// Run one role in a process of its own
    Run(run::Args),
    /// What is up, what is stored, what waits
    Status(status::Args),
    /// Talk in the channel
    Chat(chat::Args),
    /// Say one thing, for scripts
    Say(say::Args),
    /// File an issue and have it taken up
    File(file::Args),
    /// Why an item stands where it stands: each step, backwards to its cause
    Why(why::Args),
    /// What keeps an item from being live: each gate, and what shut it
    #[command(name = "why-not")]
    WhyNot(why::NotArgs),
    /// What waits for a person
    Inbox(inbox::Args),
    /// Follow the channel: every record as it is stored
    Tail(tail::Args),
    /// The tree of subjects, with counts and examples
    Subjects(subjects::Args),
    /// What could not be handled: list, show, retry
    Dead(dead::Args),
    /// Programs of your own that listen
    Subscriber(subscriber::Args),
    /// The streams and consumers on the server: apply, diff
    Bus(bus::Args),
    /// Rebuild PostgreSQL from the bus, or the bus from PostgreSQL
    Restore(restore::Args),
    /// Rebuild the tables that are made from the log
    Views(views::Args),
    /// Play a GitHub on this machine, for bots and tests: no account, no network
    Sandbox(sandbox::Args),
}

impl Cli {
    /// Does what was asked for.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let context = Context { home: self.place.home, config: self.place.config };
        match self.command {
            Command::Init(args) => init::run(args),
            Command::Github(args) => github::run(args, &context).await,
            Command::Doctor(args) => doctor::run(args, &context).await,
            Command::Demo(args) => demo::run(args, &context).await,
            Command::Up(args) => up::run(args, &context).await,
            Command::Run(args) => run::run(args, &context).await,
            Command::Status(args) => status::run(args, &context).await,
            Command::Chat(args) => chat::run(args, &context).await,
            Command::Say(args) => say::run(args, &context).await,
            Command::File(args) => file::run(args, &context).await,
            Command::Why(args) => why::run(args, &context).await,
            Command::WhyNot(args) => why::run_not(args, &context).await,
            Command::Inbox(args) => inbox::run(args, &context).await,
            Command::Tail(args) => tail::run(args, &context).await,
            Command::Subjects(args) => subjects::run(args, &context).await,
            Command::Dead(args) => dead::run(args, &context).await,
            Command::Subscriber(args) => subscriber::run(args, &context).await,
            Command::Bus(args) => bus::run(args, &context).await,
            Command::Restore(args) => restore::run(args, &context).await,
            Command::Views(args) => views::run(args, &context).await,
            Command::Sandbox(args) => sandbox::run(args, &context).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_tree_of_commands_is_sound() {
        Cli::command().debug_assert();
    }
}
