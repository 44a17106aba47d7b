//! `rig run ROLE`: one role in a process of its own, until it is told to stop.
//!
//! Whoever started the servers (`rig up --servers-only`, or a whole `rig up` beside which more of a role is wanted)
//! wrote the addresses into the home; a role reads its own and nobody else's.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use servers::Lines;
use tokio::sync::oneshot;

use crate::{
    config::{Config, Listen, search_path},
    context::Context,
    exit::Failure,
    health::{self, Health},
    home::{Home, Ports},
    log,
    roles::{Begun, Crew, Role},
    screen::{self, GOOD, NAME},
    up::{Signals, Staff, TOLD_TO_STOP, listen},
};

/// What a role may take to finish what it holds.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

const EXAMPLES: &str = "\
Examples:
  rig up --servers-only               first the servers, in a terminal of their own
  rig run conductor                   then each role: ingest, projector, chat, conductor, github, probe,
  rig run dev-e                       and each agent by its name
  rig run conductor --health 127.0.0.1:0
                                      with GET /health and /metrics of its own: 503 where it cannot work

A second conductor follows, and takes over when the first is gone. Ctrl-C ends a role within 5 s (exit code 130),
SIGTERM too (exit code 0); kill -9 loses nothing.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Which role: ingest, projector, chat, conductor, github, probe, or an agent's name
    #[arg(value_name = "ROLE")]
    role: String,
    /// Answer GET /health and GET /metrics here; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS", value_parser = Listen::parse)]
    health: Option<Listen>,
    /// Print {"health": address} as one line on stdout when it has begun
    #[arg(long)]
    json: bool,
    /// Stop when stdin ends: whoever started it is gone then
    #[arg(long)]
    with_stdin: bool,
}

/// Runs until told to stop.
pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let config = context.config()?;
    let role = Role::named(&args.role, &config)?;
    let home = home_of(&role, context)?;
    log::start(home.logs().join(format!("{}.log", role.name())), &config.log.filter)?;
    let webhooks = webhooks(&role, &config, &home)?;
    let health_at = args.health.map(|at| listen("health", "--health", Some(at), 0)).transpose()?;

    let mut staff = Staff::new(Lines::to(screen::event));
    let crew = Crew { config: &config, home: &home, webhooks: webhooks.as_ref(), operator: None, path: search_path() };
    let health = Arc::new(Health::of(crew.employ_alone(&role, &mut staff)?));
    let told = health_at.as_ref().and_then(|listener| listener.local_addr().ok());
    if let Some(listener) = health_at {
        staff.employ("health", health::Settings { listener, health: Arc::clone(&health) }, health::serve);
    }
    announce(&role, told, args.json)?;

    let told = tokio::select! {
        told = signals.next() => told.outcome(),
        () = stdin_ends(), if args.with_stdin => Ok(()),
    };
    screen::say(TOLD_TO_STOP);
    tokio::select! {
        () = staff.dismiss(STOPPED_WITHIN) => {}
        _ = signals.next() => {}
    }
    told
}

/// Tells that the role has begun, and where it says how it is.
fn announce(role: &Role, health: Option<SocketAddr>, is_json: bool) -> Result<(), Failure> {
    let health = health.map(|at| format!("http://{at}{}", health::PATH));
    let shown = health.as_deref().unwrap_or_default();
    screen::say(&format!("{NAME}rig run {}{NAME:#}  {GOOD}begun{GOOD:#}  {shown}", role.name()));
    if is_json {
        screen::print(&json!(Begun { health }).to_string())?;
    }
    Ok(())
}

/// The home that has this role's address.
fn home_of(role: &Role, context: &Context) -> Result<Home, Failure> {
    let home = Home::find(&context.wanted_home())?;
    let file = home.secrets().nats_url_file(&role.name());
    if file.is_file() {
        return Ok(home);
    }
    let shown = home.path().display();
    Err(Failure::unreachable(format!("there is no address of the channel for {} in {shown}", role.name()))
        .advice(format!("First `rig up --servers-only --home {shown}`, with the same rig.toml.")))
}

fn webhooks(role: &Role, config: &Config, home: &Home) -> Result<Option<TcpListener>, Failure> {
    if *role != Role::Ingest {
        return Ok(None);
    }
    listen("ingest", "ingest.listen", config.ingest.listen, Ports::last(home.path()).webhooks).map(Some)
}

/// Waits until nobody holds the other end. A thread of its own reads, which keeps nobody from ending.
async fn stdin_ends() {
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = ended.send(());
    });
    let _ = end.await;
}
