//! What happens when a server, or the process that started it, is killed.
#![allow(clippy::unwrap_used, clippy::panic)]

mod held;

use std::{
    net::TcpListener,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_nats::jetstream;
use held::{Held, lives, until};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use servers::{
    Cache, Error, Lines, Nats, Port, Postgres, Server, nats,
    port::{Holder, holder},
    postgres, testing,
};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::task::JoinSet;

/// Lines that a test can read.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn lines(&self) -> Lines {
        let heard = Arc::clone(&self.0);
        Lines::to(move |line| heard.lock().unwrap().push(line.to_owned()))
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn has(&self, words: &[&str]) -> bool {
        self.all().iter().any(|line| words.iter().all(|word| line.contains(word)))
    }
}

async fn nats_options(home: &Path) -> nats::Options {
    let program = Cache::locate().unwrap().nats_server(&Lines::none()).await.unwrap();
    nats::Options::new(program, home.join("nats"), "jetstream {}")
}

async fn postgres_options(home: &Path) -> postgres::Options {
    let bin = Cache::locate().unwrap().postgres_bin(&Lines::none()).await.unwrap();
    postgres::Options::new(bin, home.join("postgres"))
}

#[tokio::test]
async fn nats_killed_is_started_again_with_its_data_and_a_line() {
    let heard = Heard::default();
    let nats = testing::nats("jetstream { sync_interval: always }").await.supervised(heard.lines());
    let (url, pid) = (nats.client_url(), nats.pid());
    let context = jetstream::new(async_nats::connect(&url).await.unwrap());
    let stream =
        jetstream::stream::Config { name: "WORDS".into(), subjects: vec!["word".into()], ..Default::default() };
    context.create_stream(stream).await.unwrap();
    context.publish("word", "kept".into()).await.unwrap().await.unwrap();
    nats.kill().await;
    until(30, "a line", || heard.has(&["nats-server died (signal 9); started again in"])).await;
    assert_ne!(nats.pid(), pid);
    assert_eq!(nats.client_url(), url);
    let again = jetstream::new(async_nats::connect(&url).await.unwrap());
    let message = again.get_stream("WORDS").await.unwrap().get_raw_message(1).await.unwrap();
    assert_eq!(&message.payload[..], b"kept");
    assert_eq!(heard.all().len(), 1, "{:?}", heard.all());
}

#[tokio::test]
async fn postgres_killed_is_started_again_with_its_data_and_a_line() {
    let heard = Heard::default();
    let postgres = testing::postgres().await.supervised(heard.lines());
    let (url, pid) = (postgres.url(), postgres.pid());
    let mut connection = postgres.connect_options("rig").connect().await.unwrap();
    sqlx::query("CREATE TABLE word AS SELECT 'kept' AS said").execute(&mut connection).await.unwrap();
    postgres.kill().await;
    until(60, "a line", || heard.has(&["PostgreSQL died (signal 9); started again in"])).await;
    assert_ne!(postgres.pid(), pid);
    assert_eq!(postgres.url(), url);
    let mut again = postgres.connect_options("rig").connect().await.unwrap();
    let said: String = sqlx::query_scalar("SELECT said FROM word").fetch_one(&mut again).await.unwrap();
    assert_eq!(said, "kept");
    again.close().await.unwrap();
}

#[tokio::test]
async fn a_child_that_is_busy_does_not_keep_postgres_from_coming_back() {
    let heard = Heard::default();
    let postgres = testing::postgres().await.supervised(heard.lines());
    let mut connection = postgres.connect_options("rig").connect().await.unwrap();
    let busy: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await.unwrap();
    let mut statement = JoinSet::new();
    statement.spawn(async move {
        let count = "SELECT count(*) FROM generate_series(1, 10000000000)";
        sqlx::query(count).execute(&mut connection).await
    });
    // It notices nothing while it counts; stopped, it notices nothing at all.
    kill(Pid::from_raw(busy), Signal::SIGSTOP).unwrap();
    kill(Pid::from_raw(postgres.pid().cast_signed()), Signal::SIGKILL).unwrap();
    until(60, "a line", || heard.has(&["PostgreSQL died", "started again"])).await;
    assert!(!lives(busy));
    statement.join_next().await.unwrap().unwrap().unwrap_err();
    postgres.healthy().await.unwrap();
}

#[tokio::test]
async fn a_server_that_dies_again_and_again_is_started_each_time() {
    let heard = Heard::default();
    let nats = testing::nats("").await.supervised(heard.lines());
    for count in 1..=3 {
        let pid = nats.pid();
        nats.kill().await;
        until(30, "another pid", || nats.pid() != pid).await;
        until(30, "a line", || heard.all().len() == count).await;
    }
    nats.healthy().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_started_again_is_said_and_tried_again() {
    let heard = Heard::default();
    let nats = testing::nats("").await.supervised(heard.lines());
    let address = nats.client_address();
    nats.kill().await;
    let squatter = loop {
        // Whoever is first; if the server was, it is killed again.
        match TcpListener::bind(address) {
            Ok(squatter) => break squatter,
            Err(_) => nats.kill().await,
        }
    };
    until(30, "a line", || {
        heard.has(&["nats-server died", "cannot be started yet", "cannot listen on", &std::process::id().to_string()])
    })
    .await;
    drop(squatter);
    until(60, "a line", || heard.all().last().is_some_and(|last| last.contains("started again"))).await;
    nats.healthy().await.unwrap();
}

#[tokio::test]
async fn a_supervised_server_that_is_stopped_stays_so() {
    let home = testing::home();
    let heard = Heard::default();
    let nats = Nats::start(nats_options(home.path()).await).await.unwrap();
    let supervised = servers::Supervised::watch(nats, heard.lines());
    let pid = supervised.pid();
    supervised.stop(Duration::from_secs(5)).await;
    assert!(!lives(pid.cast_signed()));
    assert!(held::pids_naming(home.path()).is_empty());
    assert!(heard.all().is_empty(), "{:?}", heard.all());
}

#[tokio::test]
async fn a_supervised_server_may_be_restarted_without_a_line() {
    let heard = Heard::default();
    let nats = testing::nats("").await.supervised(heard.lines());
    nats.restart().await.unwrap();
    let pid = nats.pid();
    nats.kill().await;
    until(30, "another pid", || nats.pid() != pid).await;
    until(30, "one line", || heard.all().len() == 1).await;
    assert!(heard.has(&["signal 9"]));
}

#[tokio::test]
async fn what_a_killed_run_left_is_ended_by_the_next() {
    let home = testing::home();
    let run = Held::start(held::command(&["servers", home.path().to_str().unwrap()]));
    let (old_nats, old_postgres) = (run.pid("nats"), run.pid("postgres"));
    let mut connection =
        run.text("postgres_url").parse::<sqlx::postgres::PgConnectOptions>().unwrap().connect().await.unwrap();
    sqlx::query("CREATE TABLE word AS SELECT 'kept' AS said").execute(&mut connection).await.unwrap();
    run.kill();
    assert!(lives(old_nats) && lives(old_postgres));

    let heard = Heard::default();
    let nats = nats::Options { lines: heard.lines(), ..nats_options(home.path()).await };
    let postgres = postgres::Options { lines: heard.lines(), ..postgres_options(home.path()).await };
    let nats = Nats::start(nats).await.unwrap();
    let postgres = Postgres::start(postgres).await.unwrap();
    assert!(!lives(old_nats) && !lives(old_postgres));
    assert!(heard.has(&["nats-server of a killed run", &old_nats.to_string(), "ended in"]), "{:?}", heard.all());
    assert!(heard.has(&["postgres of a killed run", &old_postgres.to_string(), "ended in"]), "{:?}", heard.all());
    nats.healthy().await.unwrap();
    let mut again = postgres.connect_options("rig").connect().await.unwrap();
    let said: String = sqlx::query_scalar("SELECT said FROM word").fetch_one(&mut again).await.unwrap();
    assert_eq!(said, "kept");
}

#[tokio::test]
async fn a_pid_file_whose_number_is_somebody_elses_does_not_keep_postgres_down() {
    let postgres = testing::postgres().await;
    postgres.kill().await;
    let file = postgres.home().join("data/postmaster.pid");
    let text = std::fs::read_to_string(&file).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    // A process that lives under the server's own account: PostgreSQL alone would take it for a server.
    let owner = postgres.home().join("data").metadata().unwrap();
    let mut stranger = Command::new("sleep").arg("60").uid(owner.uid()).gid(owner.gid()).spawn().unwrap();
    std::fs::write(&file, format!("{}\n{rest}", stranger.id())).unwrap();
    let started = postgres.restart().await;
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    started.unwrap();
    postgres.healthy().await.unwrap();
}

#[tokio::test]
async fn a_home_in_use_is_refused_and_its_holder_named() {
    let nats = testing::nats("").await;
    let refused = Nats::start(nats_options(nats.home().parent().unwrap()).await).await.unwrap_err();
    let us = std::process::id().to_string();
    assert!(matches!(&refused, Error::HomeInUse { holder, .. } if *holder == us), "{refused}");
    nats.healthy().await.unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_refused_and_its_holder_named() {
    let home = testing::home();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let nats = nats::Options { port: Port::Fixed(port), ..nats_options(home.path()).await };
    let monitor = nats::Options { monitor: Port::Fixed(port), ..nats_options(home.path()).await };
    let postgres = postgres::Options { port: Port::Fixed(port), ..postgres_options(home.path()).await };
    let refusals = [
        Nats::start(nats).await.unwrap_err(),
        Nats::start(monitor).await.unwrap_err(),
        Postgres::start(postgres).await.unwrap_err(),
    ];
    let us = std::process::id().cast_signed();
    for refused in refusals {
        let Error::PortInUse { holder: Holder::Process { pid, program }, .. } = &refused else { panic!("{refused}") };
        assert_eq!(*pid, us);
        assert!(program.starts_with("dying"), "{program}");
        assert!(refused.to_string().contains(&format!("127.0.0.1:{port}: process {us} (")), "{refused}");
    }
    assert_eq!(holder(1), Holder::Unseen);
}

#[tokio::test]
async fn fixed_ports_are_taken() {
    let home = testing::home();
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (client, monitor) = (free(), free());
    let options =
        nats::Options { port: Port::Fixed(client), monitor: Port::Fixed(monitor), ..nats_options(home.path()).await };
    let nats = Nats::start(options).await.unwrap();
    assert_eq!(nats.client_url(), format!("nats://127.0.0.1:{client}"));
    assert_eq!(nats.monitor_url(), format!("http://127.0.0.1:{monitor}"));
}

#[tokio::test]
async fn a_server_that_does_not_start_shows_the_end_of_its_log() {
    let home = testing::home();
    let options = nats::Options { conf: "nonsense {".into(), ..nats_options(home.path()).await };
    let refused = Nats::start(options).await.unwrap_err().to_string();
    assert!(refused.contains("nats-server did not start") && refused.contains("Parse error"), "{refused}");

    let data = home.path().join("postgres/data");
    let postgres = Postgres::start(postgres_options(home.path()).await).await.unwrap();
    postgres.stop(Duration::from_secs(5)).await;
    drop(postgres);
    std::fs::write(data.join("PG_VERSION"), "9.6\n").unwrap();
    let refused = Postgres::start(postgres_options(home.path()).await).await.unwrap_err().to_string();
    assert!(refused.contains("PostgreSQL did not start") && refused.contains("9.6"), "{refused}");
}

#[tokio::test]
async fn a_torn_initdb_is_made_anew() {
    let home = testing::home();
    let half = home.path().join("postgres/data.new-7");
    std::fs::create_dir_all(&half).unwrap();
    std::fs::write(half.join("PG_VERSION"), "18\n").unwrap();
    let postgres = Postgres::start(postgres_options(home.path()).await).await.unwrap();
    postgres.healthy().await.unwrap();
    assert!(!half.exists());
}

#[tokio::test]
async fn a_server_that_hangs_is_not_well() {
    let (nats, postgres) = (testing::nats("").await, testing::postgres().await);
    let pids = [nats.pid(), postgres.pid()].map(|pid| Pid::from_raw(pid.cast_signed()));
    for pid in pids {
        kill(pid, Signal::SIGSTOP).unwrap();
        until(30, "stopped", || is_stopped(pid)).await;
    }
    let (hangs, too) = tokio::join!(nats.healthy(), postgres.healthy());
    assert!(matches!(hangs, Err(Error::Unwell { .. })) && matches!(too, Err(Error::Unwell { .. })));
    for pid in pids {
        kill(pid, Signal::SIGCONT).unwrap();
    }
    nats.healthy().await.unwrap();
    postgres.healthy().await.unwrap();
}

/// Whether every thread of the process has noticed that it is to stop.
fn is_stopped(pid: Pid) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    threads.map(|thread| std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default()).all(|stat| {
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        state == Some('T')
    })
}
