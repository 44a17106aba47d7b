//! A rig that is up: what was started, in which order, and how it is stopped in the reverse one.

use std::{sync::Arc, time::Duration};

use bus::{
    connect::{Connection, connect},
    filter::Filter,
    roles::{Name, Role as Right},
    stream::{self, Overrides},
};
use servers::Lines;
use store::{Pulse, Store, query};
use tokio::time::{Instant, sleep};

use super::{
    announce::Announcement,
    channel,
    doors::{self, Listeners},
    ground::Ground,
    refusals,
    staff::Staff,
    subscribers::Admission,
};
use crate::{
    config::{Config, search_path},
    exit::Failure,
    health::{self, Check, Health, Part, Report, Status},
    home::{Home, Subscriber, UpFile},
    roles::{self, Apart, Crew, Role},
    screen,
};

/// How long a server that is up may take to answer the first time.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the start waits for the roles once the servers are there.
const READY_WITHIN: Duration = Duration::from_secs(10);

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What roles may take of the time to stop; the servers have the rest.
const FOR_ROLES: f64 = 0.4;

/// What the second conductor is called where roles run apart.
pub(crate) const SECOND_CONDUCTOR: &str = "conductor 2";

/// Where the roles run.
#[derive(Clone, Debug)]
pub(crate) enum Roles {
    /// Nowhere: the servers only.
    None,
    /// In this process.
    Here,
    /// Each in a process of its own, with two conductors.
    Apart(Apart),
}

/// A rig that is up.
pub(crate) struct Rig {
    // In the order in which they end when they are dropped: first who works, then what is worked on.
    staff: Staff,
    ground: Arc<Ground>,
    home: Home,
    announcement: Announcement,
    operator: Connection,
    store: Store,
}

impl Rig {
    /// Starts everything and waits until it is ready.
    ///
    /// # Errors
    /// When anything does not start; what was started is stopped again.
    pub(crate) async fn start(config: &Config, home: &Home, roles: Roles, lines: Lines) -> Result<Self, Failure> {
        let listeners = Listeners::bind(config, home, &roles)?;
        let ground = Arc::new(Ground::start(home, &config.servers, channel::conf(home, config)?, &lines).await?);
        let files = channel::write_addresses(home, config, &ground)?;
        let (operator, store) = foundations(config, home, &ground, matches!(roles, Roles::None)).await?;

        let mut staff = Staff::new(lines.clone());
        let bus = Check::Bus { ground: Arc::clone(&ground), operator: operator.clone() };
        let mut parts = vec![
            Part { name: "bus".to_owned(), critical: true, check: bus },
            Part { name: "database".to_owned(), critical: true, check: Check::Database(Pulse::of(store.clone())) },
        ];
        let (webhooks, path) = (listeners.webhooks.as_ref(), search_path());
        let crew = Crew { config, home, webhooks, operator: Some(&operator), path };
        parts.extend(employ(&crew, &roles, &mut staff)?);
        let health = Arc::new(Health::of(parts));
        doors::serve_health(&mut staff, &listeners.health, &health)?;
        let report = ready(&health).await?;

        keep_watch(&mut staff, &ground, &health, home, config, &lines);
        let announcement = Announcement::new(&ground, &operator, &listeners, files, config, report)?;
        announcement.ports().keep(home.path())?;
        Ok(Self { staff, ground, home: home.clone(), announcement, operator, store })
    }

    /// Tells everybody that it is ready: programs by `up.json`, the person by the table.
    ///
    /// # Errors
    /// When `up.json` cannot be written.
    pub(super) fn announce(&self, took: Duration, json: bool) -> Result<(), Failure> {
        self.open()?;
        self.announcement.tell(&self.home, took);
        if json {
            screen::print(&self.announcement.up_file().to_json(&self.home.up_file())?)?;
        }
        Ok(())
    }

    /// Tells programs that it is ready.
    ///
    /// # Errors
    /// When `up.json` cannot be written.
    pub(crate) fn open(&self) -> Result<(), Failure> {
        Ok(self.announcement.up_file().write(&self.home.up_file())?)
    }

    /// The operator's line to the channel.
    pub(crate) const fn operator(&self) -> &Connection {
        &self.operator
    }

    /// Where GitHub's webhooks come in.
    pub(crate) fn webhooks(&self) -> Option<&str> {
        self.announcement.up_file().webhooks.as_deref()
    }

    /// The two servers: each with its version, and its address.
    pub(crate) fn servers(&self) -> [(String, String); 2] {
        let nats = format!("nats-server {}", self.operator.client().server_info().version);
        let postgres = format!("PostgreSQL {}", self.ground.postgres_version);
        [(nats, self.ground.nats.client_url()), (postgres, self.ground.postgres.address().to_string())]
    }

    /// The process of nats-server.
    pub(crate) fn nats_pid(&self) -> u32 {
        self.ground.nats.pid()
    }

    /// The process of PostgreSQL.
    pub(crate) fn postgres_pid(&self) -> u32 {
        self.ground.postgres.pid()
    }

    /// Whether LOG answers.
    pub(crate) async fn has_log(&self) -> bool {
        stream::log_state(&self.operator.jetstream()).await.is_ok()
    }

    /// Whether the rows answer.
    pub(crate) async fn has_rows(&self) -> bool {
        query::as_of(&self.store).await.is_ok()
    }

    /// How many records LOG has, and how many rows there are of them. Rows lag: they are waited for, this long at most.
    ///
    /// # Errors
    /// When LOG or PostgreSQL do not answer.
    pub(crate) async fn counted(&self, within: Duration) -> Result<(u64, u64), Failure> {
        let deadline = Instant::now() + within;
        loop {
            let (log, rows) = (stream::log_state(&self.operator.jetstream()).await?, query::rows(&self.store).await?);
            if log.messages == rows || Instant::now() >= deadline {
                return Ok((log.messages, rows));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Stops everything in order: nobody is sent here any more, roles finish what they hold, then the servers.
    pub(crate) async fn stop(self, within: Duration) {
        let started = Instant::now();
        if let Err(error) = UpFile::remove(&self.home.up_file()) {
            screen::event(&crate::exit::sentence(&error));
        }
        self.staff.dismiss(within.mul_f64(FOR_ROLES)).await;
        // The staff held the others; when somebody still holds the servers, dropping them kills them.
        if let Some(ground) = Arc::into_inner(self.ground) {
            ground.stop(within.saturating_sub(started.elapsed())).await;
        }
    }
}

fn employ(crew: &Crew<'_>, roles: &Roles, staff: &mut Staff) -> Result<Vec<Part>, Failure> {
    let all = Role::of(crew.config);
    match roles {
        Roles::None => Ok(Vec::new()),
        Roles::Here => all.iter().map(|role| crew.employ(role, staff)).collect(),
        Roles::Apart(apart) => {
            let mut parts: Vec<Part> =
                all.iter().map(|role| crew.employ_apart(role, &role.name(), apart, staff)).collect();
            // One that leads, and one that takes over.
            if all.contains(&Role::Conductor) {
                parts.push(crew.employ_apart(&Role::Conductor, SECOND_CONDUCTOR, apart, staff));
            }
            Ok(parts)
        }
    }
}

/// Streams and tables, before anybody works with them.
async fn foundations(
    config: &Config,
    home: &Home,
    ground: &Ground,
    servers_only: bool,
) -> Result<(Connection, Store), Failure> {
    let store = Store::connect(&ground.postgres.url())?;
    let operator = connect(&channel::operator_url(home, ground)?, "rig-up", PATIENCE).await?;
    let subscribers = home.subscribers()?;
    let filters: Vec<_> = subscribers.iter().map(Subscriber::filters).collect::<Result<_, _>>()?;
    let agents = roles::users(config)?;
    let (streams, tables) = tokio::join!(
        streams(config, &operator, subscribers.iter().map(|subscriber| &subscriber.name).zip(&filters), &agents),
        store.migrate()
    );
    tables?;
    match streams {
        // It goes on from a second terminal, for which the servers must be up.
        Err(stream::Error::Closed) if servers_only => screen::event("LOG is being restored: `rig restore bus` goes on"),
        Err(closed @ stream::Error::Closed) => {
            return Err(Failure::refused(closed.to_string()).advice("First `rig up --servers-only`, which that needs."));
        }
        streams => streams?,
    }
    Ok((operator, store))
}

async fn streams(
    config: &Config,
    operator: &Connection,
    subscribers: impl Iterator<Item = (&Name, &Vec<Filter>)>,
    agents: &[(Right, Name)],
) -> Result<(), stream::Error> {
    let overrides = Overrides { log_max_bytes: config.bus.log_max_bytes, ..Overrides::default() };
    let js = operator.jetstream();
    let mut changes = stream::apply(&js, &overrides).await?;
    // A LOG made anew has no consumers: subscribers would be told that theirs does not exist.
    for (name, filters) in subscribers {
        changes.extend(stream::add_subscriber(&js, name, filters).await?);
    }
    for (right, name) in agents {
        changes.extend(stream::add_durable(&js, right, name).await?);
    }
    for change in changes {
        tracing::info!("{}", change.done());
    }
    Ok(())
}

/// Waits until every part is well. One that is in trouble, as a LOG that is full, keeps nobody from starting: the
/// person needs the rig to see to it. Without its two servers there is none.
async fn ready(health: &Health) -> Result<Report, Failure> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        let report = health.look().await;
        if report.status == Status::Up {
            return Ok(report);
        }
        if Instant::now() >= deadline {
            let stands = ["bus", "database"].iter().all(|part| report.status_of(part) != Status::Down);
            return if stands { Ok(report) } else { Err(not_ready(&report)) };
        }
        sleep(LOOK_EVERY).await;
    }
}

fn not_ready(report: &Report) -> Failure {
    let what = format!("not ready within {} s: {report}", READY_WITHIN.as_secs());
    Failure::failed(what).advice("logs/rig.log in the home has more.")
}

/// Those who tell the person what happens, and those who let subscribers in.
fn keep_watch(
    staff: &mut Staff,
    ground: &Arc<Ground>,
    health: &Arc<Health>,
    home: &Home,
    config: &Config,
    lines: &Lines,
) {
    let told = (Arc::clone(health), lines.clone());
    staff.keep("health watch", told, |told| async move { health::tell_changes(&told.0, &told.1).await });
    let told = (home.logs().join("nats.log"), lines.clone());
    staff.keep("refusals", told, |told| async move { refusals::tell(&told.0, &told.1).await });
    let admission = Admission::new(Arc::clone(ground), home.clone(), config.clone(), lines.clone());
    staff.keep("subscribers", admission, |admission| async move { admission.run().await });
}
