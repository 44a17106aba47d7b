//! `rig subscriber`: programs of one's own that listen, each with a credential that may do nothing else.

mod add;
mod events;
mod list;
mod program;
mod remove;

use std::path::PathBuf;

use bus::{
    filter::{Filter, Repositories},
    roles::Name,
};

use crate::{context::Context, exit::Failure};
use program::Language;

const EXAMPLES: &str = "\
Examples:
  rig subscriber add ci-lamp --events workflow_run --repo 'acme/*' --lang python
  rig subscriber add ledger --subject 'rig.evt.github.>' --lang js --dir ./ledger
  rig subscriber add morning --events said,push --lang shell
  rig subscriber list
  rig subscriber remove ci-lamp

docs/subscribe.md tells the rest in ten minutes.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    order: Order,
}

#[derive(clap::Subcommand)]
enum Order {
    /// Make a subscriber: its durable, its credential, its program. Again: change what it listens to
    #[command(after_help = EXAMPLES)]
    Add(Add),
    /// The subscribers, and how far behind each is
    #[command(after_help = EXAMPLES)]
    List(List),
    /// Take a subscriber's credential and place away; its program stays
    #[command(after_help = EXAMPLES)]
    Remove(Remove),
}

/// What `add` is told.
#[derive(clap::Args)]
struct Add {
    /// Its name, as ci-lamp
    #[arg(value_name = "NAME")]
    name: Name,
    /// Events, as issues,push,said; `rig subjects` shows what there is
    #[arg(long, value_name = "EVENT", value_delimiter = ',', required_unless_present = "subjects")]
    events: Vec<String>,
    /// Only these repositories: acme/site, or 'acme/*'
    #[arg(long, value_name = "REPO", requires = "events")]
    repo: Option<Repositories>,
    /// A filter of subjects, as 'rig.evt.github.>'; may be given more than once
    #[arg(long = "subject", value_name = "FILTER")]
    subjects: Vec<Filter>,
    /// The language of the program that is written
    #[arg(long, value_enum, value_name = "LANG")]
    lang: Language,
    /// Where the program goes [default: its folder in the rig's home]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(clap::Args)]
struct List {
    /// One line of JSON a subscriber
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Remove {
    /// Its name
    #[arg(value_name = "NAME")]
    name: Name,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.order {
        Order::Add(add) => add::run(add, context).await,
        Order::List(list) => list::run(&list, context).await,
        Order::Remove(remove) => remove::run(remove, context).await,
    }
}
