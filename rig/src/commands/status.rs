//! `rig status`: how the rig is, what is stored, what waits. It answers within a second; what has not answered by then
//! is said.

mod look;
mod told;

use crate::{context::Context, exit::Failure, screen};
use look::Status;

const EXAMPLES: &str = "\
Examples:
  rig status                       each part, how far the rows are, what waits
  rig status --json                the same for a program";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// One line of JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let running = context.running()?;
    let status = Status::look(&running).await;
    let text = if args.json { json(&status)? } else { told::told(&status) };
    screen::print(&text)?;
    status.verdict()
}

fn json(status: &Status) -> Result<String, Failure> {
    serde_json::to_string(status).map_err(|error| Failure::failed("the status cannot be written").because(error))
}
