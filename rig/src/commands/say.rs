//! `rig say`.

use crate::{context::Context, exit::Failure};

#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(Args {}: Args, context: &Context) -> Result<(), Failure> {
    context.running().map(drop)
}
