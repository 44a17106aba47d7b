//! `rig views`: the tables made from `log`, made anew.

use store::{Store, views};

use crate::{context::Context, exit::Failure, progress::Progress, screen};

const EXAMPLES: &str = "\
Examples:
  rig views                       make every table but `log` anew from `log`

It is one transaction: who reads meanwhile sees the old rows, and cut off half-way nothing
has changed. A start does it by itself when a new version reads records otherwise.";

/// Nothing to choose.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// One line of JSON when it is done
    #[arg(long)]
    json: bool,
}

/// Makes them anew.
pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let store = Store::connect(&context.running()?.postgres_url()?)?;
    let progress = Progress::begin("records read");
    let count = views::rebuild(&store, |count| progress.at(count)).await?;
    let took = progress.end();
    if args.json {
        let took = took.as_secs_f64();
        return screen::print(&serde_json::json!({"records": count, "seconds": took}).to_string());
    }
    screen::print(&format!("Made anew from {count} records in {:.1} s.", took.as_secs_f32()))
}
