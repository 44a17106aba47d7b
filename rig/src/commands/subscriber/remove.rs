//! `rig subscriber remove`.

use std::time::Duration;

use bus::{
    connect::{Error, connect},
    stream,
};
use tokio::time::Instant;

use super::Remove;
use crate::{
    context::Context,
    exit::Failure,
    home::read_line,
    screen::{self, GOOD},
};

/// How long the rig that is up may take to put it out.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(100);

pub(super) async fn run(remove: Remove, context: &Context) -> Result<(), Failure> {
    let running = context.running()?;
    let subscriber = running.home.subscriber(remove.name);
    let operator = running.connect("rig subscriber").await?;
    let existed = subscriber.exists();
    let url = read_line(&subscriber.nats_url_file()).ok();
    subscriber.remove()?;
    if let Some(url) = url {
        until_put_out(url.reveal()).await?;
    }
    // The durable last, when nobody binds it any more; also what a removal that was cut off has left.
    let had_place = stream::remove_subscriber(&operator.jetstream(), &subscriber.name).await?;
    if !existed && !had_place {
        return Err(
            Failure::usage(format!("there is no subscriber `{}`", subscriber.name)).advice("rig subscriber list")
        );
    }
    let (name, folder) = (&subscriber.name, subscriber.folder().display());
    screen::print(&format!("{GOOD}✓{GOOD:#} {name} is out: its credential is void, its place is forgotten."))?;
    screen::print(&format!("  Its program stays in {folder}"))
}

async fn until_put_out(url: &str) -> Result<(), Failure> {
    let until = Instant::now() + PATIENCE;
    while !matches!(connect(url, "rig subscriber", PATIENCE).await, Err(Error::Refused { .. })) {
        if Instant::now() >= until {
            return Err(Failure::failed("the server still lets the subscriber in")
                .advice("The window of `rig up` says why. Then run this again: it goes on."));
        }
        tokio::time::sleep(EVERY).await;
    }
    Ok(())
}
