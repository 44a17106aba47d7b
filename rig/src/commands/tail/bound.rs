//! `rig tail --as`: one subscriber, bound to its durable by its own credential.
//!
//! A record is acknowledged once it was printed, or once the command it was given to exited with 0. Whatever was not
//! acknowledged comes again, so what is done with it must stand being done twice.

use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    time::Duration,
};

use bus::{
    Sequenced,
    connect::{Connection, connect},
    consume::{self, Options, Verdict},
    roles::Name,
};
use tokio::{signal, sync::broadcast::error::RecvError, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Args, each, output::Output};
use crate::{
    context::Context,
    exit::Failure,
    home::{Home, read_line},
    screen,
};

/// How long the channel is waited for at the start.
const PATIENCE: Duration = Duration::from_secs(5);

/// Nothing came for so long: everything that is there was handed out.
const IDLE: Duration = Duration::from_secs(2);

pub(super) async fn follow(subscriber: &Path, args: Args, context: &Context) -> Result<(), Failure> {
    let connection = open(&credential(subscriber, context)?).await?;
    let consumer = format!("sub-{}", connection.user());
    let bound = Bound::new(args);
    let options = Options::default();
    let refusals = tell_refusals(&connection);
    let handling = consume::run(
        &connection,
        &consumer,
        &options,
        None,
        async |record: &Sequenced, _| bound.handle(record).await,
        &bound.cancel,
    );
    tokio::select! {
        (end, ()) = async { tokio::join!(handling, bound.until_idle()) } => {
            end.map_err(|error| Failure::refused(error.to_string()).because(error))?;
        }
        () = refusals => {}
        () = bound.interrupted() => {}
    }
    bound.end()
}

/// The subscriber's `nats_url`: of its folder in the home, or the file that was named.
fn credential(named: &Path, context: &Context) -> Result<PathBuf, Failure> {
    if named.components().count() > 1 || named.is_file() {
        return Ok(named.to_path_buf());
    }
    let home = Home::find(&context.wanted_home())?;
    let name = Name::of(&named.to_string_lossy()).map_err(|error| Failure::usage(error.to_string()))?;
    let subscriber = home.subscriber(name.clone());
    if subscriber.exists() {
        return Ok(subscriber.nats_url_file());
    }
    Err(Failure::usage(format!("there is no subscriber `{name}` in {}", home.path().display()))
        .advice(format!("rig subscriber list\nrig subscriber add {name} --events … --lang shell")))
}

async fn open(file: &Path) -> Result<Connection, Failure> {
    let url = read_line(file)
        .map_err(|error| Failure::refused(format!("{} cannot be read", file.display())).because(error))?;
    Ok(connect(url.reveal(), "rig tail", PATIENCE).await?)
}

/// The server tells a refusal only here. Does not end.
async fn tell_refusals(connection: &Connection) {
    let mut refusals = connection.refusals();
    loop {
        match refusals.recv().await {
            Ok(refusal) => {
                screen::say(&format!("the server says: {}", screen::clean_line(&refusal)));
            }
            Err(RecvError::Lagged(more)) => screen::say(&format!("the server says {more} more")),
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

struct Bound {
    each: Option<String>,
    until_idle: bool,
    left: Cell<Option<u64>>,
    output: RefCell<Output>,
    last: Cell<Instant>,
    busy: Cell<bool>,
    failure: Cell<Option<Failure>>,
    cancel: CancellationToken,
}

impl Bound {
    fn new(args: Args) -> Self {
        Self {
            each: args.each,
            until_idle: args.until_idle,
            left: Cell::new(args.count),
            output: RefCell::new(Output::new(args.json, true)),
            last: Cell::new(Instant::now()),
            busy: Cell::new(false),
            failure: Cell::new(None),
            cancel: CancellationToken::new(),
        }
    }

    async fn handle(&self, record: &Sequenced) -> Verdict {
        self.busy.set(true);
        let verdict = match &self.each {
            Some(command) => self.give(command, record).await,
            None => self.print(record),
        };
        self.busy.set(false);
        self.last.set(Instant::now());
        if verdict == Verdict::Done {
            self.count();
        }
        verdict
    }

    async fn give(&self, command: &str, record: &Sequenced) -> Verdict {
        match each::give(command, record).await {
            Ok(()) => Verdict::Done,
            Err(reason) => {
                screen::say(&format!("record {} is not done and comes again: {reason}", record.sequence));
                Verdict::Retry(reason)
            }
        }
    }

    fn print(&self, record: &Sequenced) -> Verdict {
        let mut output = self.output.borrow_mut();
        output.add(record, None);
        match output.flush() {
            Ok(()) => Verdict::Done,
            Err(failure) => {
                self.failure.set(Some(failure));
                self.cancel.cancel();
                Verdict::Retry("nobody reads".to_owned())
            }
        }
    }

    fn count(&self) {
        let left = self.left.get().map(|left| left.saturating_sub(1));
        self.left.set(left);
        if left == Some(0) {
            self.cancel.cancel();
        }
    }

    /// Ends the handling when nothing came for a while, if that was asked for.
    async fn until_idle(&self) {
        while self.until_idle && !self.cancel.is_cancelled() {
            let until = self.last.get() + IDLE;
            if until <= Instant::now() && !self.busy.get() {
                self.cancel.cancel();
            }
            let _ = tokio::time::timeout_at(until.max(Instant::now() + IDLE / 20), self.cancel.cancelled()).await;
        }
    }

    /// Ctrl-C ends it after the record at hand, a second one at once.
    async fn interrupted(&self) {
        let _ = signal::ctrl_c().await;
        self.failure.set(Some(Failure::interrupted()));
        self.cancel.cancel();
        let _ = signal::ctrl_c().await;
    }

    fn end(self) -> Result<(), Failure> {
        self.failure.into_inner().map_or(Ok(()), Err)
    }
}
