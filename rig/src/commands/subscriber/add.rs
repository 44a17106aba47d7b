//! `rig subscriber add`.

use std::{fmt::Write as _, time::Duration};

use bus::{
    connect::{Connection, connect},
    filter::Filter,
    roles::{Name, TABLE},
    stream,
};
use tokio::time::Instant;

use super::{
    Add, events,
    program::{self, Language, Written},
};
use crate::{
    context::Context,
    exit::Failure,
    home::{Subscriber, read_line},
    screen::{self, GOOD, NAME},
};

/// How long the rig that is up may take to let a new subscriber in.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(100);

pub(super) async fn run(add: Add, context: &Context) -> Result<(), Failure> {
    let filters = events::filters(&add.events, add.repo.as_ref(), add.subjects)?;
    must_be_free(&add.name)?;
    let running = context.running()?;
    let subscriber = running.home.subscriber(add.name);
    let operator = running.connect("rig subscriber").await?;
    // The durable first: from then on nothing is missed, however long the rest takes.
    stream::add_subscriber(&operator.jetstream(), &subscriber.name, &filters).await?;
    subscriber.add(&filters)?;
    let guest = until_let_in(&subscriber).await?;
    drop(guest);
    let written = program::write(&subscriber, add.lang, add.dir.as_deref())?;
    screen::print(&told(&subscriber, &filters, &written, add.lang))
}

/// The rig's own users have their names for themselves.
fn must_be_free(name: &Name) -> Result<(), Failure> {
    match TABLE.iter().find(|row| row.role == name.as_str()) {
        Some(_) => Err(Failure::usage(format!("`{name}` is the name of a part of the rig; take another"))),
        None => Ok(()),
    }
}

/// Waits until the rig that is up has let it in; it is in when it can connect.
async fn until_let_in(subscriber: &Subscriber) -> Result<Connection, Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        let end = match read_line(&subscriber.nats_url_file()) {
            Ok(url) => connect(url.reveal(), "rig subscriber", EVERY * 10).await.map_err(Failure::from),
            Err(error) => Err(Failure::unreachable("the rig that is up has not let the subscriber in").because(error)),
        };
        match end {
            Ok(guest) => return Ok(guest),
            Err(failure) if Instant::now() >= until => {
                return Err(failure.advice("The window of `rig up` says why. Then run this again: it goes on."));
            }
            Err(_) => tokio::time::sleep(EVERY).await,
        }
    }
}

fn told(subscriber: &Subscriber, filters: &[Filter], written: &Written, lang: Language) -> String {
    let Written { folder, file, was_there } = written;
    let folder = folder.display();
    let mut text = format!("{GOOD}✓{GOOD:#} {NAME}{}{NAME:#} listens, from the first record on, to\n", subscriber.name);
    for filter in filters {
        let _ = writeln!(text, "    {filter}");
    }
    let kept = if *was_there { " (it was there, and is as it was)" } else { "" };
    let _ = writeln!(text, "  Folder   {folder}: {file}{kept}, nats_url (its credential, yours alone)");
    let _ = writeln!(text, "  Run      cd {folder} && {}", lang.run());
    text.push_str("  Make it  put your own work where it prints; docs/subscribe.md has three examples\n");
    let _ = write!(text, "  Look     rig subscriber list");
    text
}
