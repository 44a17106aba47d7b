//! Starting, changing, restarting, stopping: with the real servers.
#![allow(clippy::unwrap_used, clippy::panic)]

mod held;

use std::{
    os::unix::fs::{MetadataExt, PermissionsExt},
    time::{Duration, Instant},
};

use async_nats::jetstream;
use held::{Held, lives};
use nix::unistd::Uid;
use servers::{Error, Nats, Server, testing};
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::task::JoinSet;

const WITHIN: Duration = Duration::from_secs(5);

const TWO_USERS: &str = r#"accounts { A { users: [{user: ann, password: one}, {user: bob, password: two}] } }"#;
const ONE_USER: &str = r#"accounts { A { users: [{user: ann, password: one}] } }"#;

async fn connect(nats: &Nats, user: &str, password: &str) -> Result<async_nats::Client, async_nats::ConnectError> {
    async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        .connect(nats.client_url())
        .await
}

async fn connection(postgres: &servers::Postgres) -> PgConnection {
    postgres.connect_options("rig").connect().await.unwrap()
}

/// The effective user id of a process.
fn uid(pid: u32) -> u32 {
    std::fs::metadata(format!("/proc/{pid}")).unwrap().uid()
}

#[tokio::test]
async fn nats_keeps_its_ports_and_its_data_when_restarted() {
    let nats = testing::nats("jetstream {}").await;
    let before = (nats.client_url(), nats.monitor_url(), nats.pid());
    store(&nats, "kept").await;
    nats.restart().await.unwrap();
    assert_eq!((nats.client_url(), nats.monitor_url()), (before.0, before.1));
    assert_ne!(nats.pid(), before.2);
    assert_eq!(stored(&nats).await, "kept");
    nats.healthy().await.unwrap();
}

#[tokio::test]
async fn nats_stops_within_five_seconds() {
    let nats = testing::nats("jetstream {}").await;
    store(&nats, "kept").await;
    let (pid, started) = (nats.pid(), Instant::now());
    nats.stop(WITHIN).await;
    assert!(started.elapsed() < WITHIN);
    assert!(!lives(pid.cast_signed()));
    assert!(std::fs::read_to_string(nats.log()).unwrap().contains("Server Exiting"));
}

#[tokio::test]
async fn a_reload_takes_new_users_and_leaves_connections_alone() {
    let nats = testing::nats(ONE_USER).await;
    let ann = connect(&nats, "ann", "one").await.unwrap();
    connect(&nats, "bob", "two").await.unwrap_err();
    let url = nats.client_url();
    nats.reload(TWO_USERS).await.unwrap();
    connect(&nats, "bob", "two").await.unwrap();
    ann.flush().await.unwrap();
    assert_eq!(ann.statistics().connects.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert_eq!(nats.client_url(), url);
    nats.restart().await.unwrap();
    connect(&nats, "bob", "two").await.unwrap();
}

#[tokio::test]
async fn a_refused_reload_says_why_and_the_old_configuration_stays() {
    let nats = testing::nats(ONE_USER).await;
    let refused = nats.reload("accounts { A { users: [{user: ann").await.unwrap_err();
    assert!(matches!(&refused, Error::Refused(why) if why.contains("Parse error")), "{refused}");
    assert_eq!(nats.conf().reveal(), ONE_USER);
    nats.restart().await.unwrap();
    connect(&nats, "ann", "one").await.unwrap();
}

#[tokio::test]
async fn a_reload_of_what_cannot_be_changed_says_so() {
    let nats = testing::nats("jetstream { max_file_store: 1GB }").await;
    let refused = nats.reload("jetstream { max_file_store: 1GB, sync_interval: always }").await;
    let said = refused.as_ref().err().map(ToString::to_string).unwrap_or_default();
    assert!(matches!(refused, Err(Error::Refused(_))), "{said}");
    assert_eq!(nats.conf().reveal(), "jetstream { max_file_store: 1GB }");
}

#[tokio::test]
async fn the_secrets_of_nats_are_readable_by_its_account_alone() {
    let nats = testing::nats(ONE_USER).await;
    let conf = nats.home().join("nats.conf").metadata().unwrap();
    assert_eq!(conf.permissions().mode() & 0o777, 0o600);
    assert_eq!(conf.uid(), uid(nats.pid()));
    let arguments = std::fs::read_to_string(format!("/proc/{}/cmdline", nats.pid())).unwrap();
    assert!(!arguments.contains("one"));
}

#[tokio::test]
async fn the_environment_of_the_servers_is_their_own() {
    let home = testing::home();
    let mut command = held::command(&["servers", home.path().to_str().unwrap()]);
    command.env("RIG_SOME_SECRET", "whisper").env("PGSSLMODE", "require");
    let run = Held::start(command);
    for pid in [run.pid("nats"), run.pid("postgres")] {
        let environment = std::fs::read_to_string(format!("/proc/{pid}/environ")).unwrap();
        assert!(
            environment.contains("PATH=") && !environment.contains("whisper") && !environment.contains("PGSSLMODE")
        );
    }
}

#[tokio::test]
async fn root_runs_neither_server_as_root() {
    let (nats, postgres) = (testing::nats("").await, testing::postgres().await);
    let us = Uid::effective().as_raw();
    for pid in [nats.pid(), postgres.pid()] {
        assert_eq!(uid(pid) == us, us != 0);
    }
}

#[tokio::test]
async fn postgres_keeps_its_port_and_its_data_when_restarted() {
    let postgres = testing::postgres().await;
    let before = (postgres.url(), postgres.pid());
    write(&mut connection(&postgres).await, "kept").await;
    postgres.restart().await.unwrap();
    assert_eq!(postgres.url(), before.0);
    assert_ne!(postgres.pid(), before.1);
    assert_eq!(written(&mut connection(&postgres).await).await, ["kept"]);
    postgres.healthy().await.unwrap();
}

#[tokio::test]
async fn postgres_stops_within_five_seconds_under_a_client_that_does_not_leave() {
    let postgres = testing::postgres().await;
    let mut busy = connection(&postgres).await;
    let mut statement = JoinSet::new();
    statement.spawn(async move { sqlx::query("SELECT pg_sleep(60)").execute(&mut busy).await });
    let (pid, started) = (postgres.pid(), Instant::now());
    postgres.stop(WITHIN).await;
    assert!(started.elapsed() < WITHIN);
    assert!(!lives(pid.cast_signed()));
    statement.join_next().await.unwrap().unwrap().unwrap_err();
}

#[tokio::test]
async fn postgres_is_set_to_keep_what_it_commits() {
    let postgres = testing::postgres().await;
    let mut connection = connection(&postgres).await;
    let expected = [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("password_encryption", "scram-sha-256"),
    ];
    for (name, value) in expected {
        let is: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(name).fetch_one(&mut connection).await.unwrap();
        assert_eq!(is, value, "{name}");
    }
    let collation: String = sqlx::query_scalar("SELECT datcollate FROM pg_database WHERE datname = 'rig'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(collation, "C");
}

#[tokio::test]
async fn postgres_wants_its_password() {
    let postgres = testing::postgres().await;
    let wrong = postgres.connect_options("rig").password("wrong").connect().await.unwrap_err();
    assert_eq!(wrong.as_database_error().unwrap().code().unwrap(), "28P01");
    let file = postgres.home().join("password").metadata().unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    assert!(!postgres.home().join("initdb.password").exists());
}

async fn store(nats: &Nats, word: &str) {
    let stream =
        jetstream::stream::Config { name: "WORDS".into(), subjects: vec!["word".into()], ..Default::default() };
    let context = jetstream::new(async_nats::connect(nats.client_url()).await.unwrap());
    context.create_stream(stream).await.unwrap();
    context.publish("word", word.to_owned().into()).await.unwrap().await.unwrap();
}

async fn stored(nats: &Nats) -> String {
    let context = jetstream::new(async_nats::connect(nats.client_url()).await.unwrap());
    let stream = context.get_stream("WORDS").await.unwrap();
    let message = stream.get_raw_message(1).await.unwrap();
    String::from_utf8(message.payload.to_vec()).unwrap()
}

async fn write(connection: &mut PgConnection, word: &str) {
    sqlx::query("CREATE TABLE word (said text)").execute(&mut *connection).await.unwrap();
    sqlx::query("INSERT INTO word VALUES ($1)").bind(word).execute(connection).await.unwrap();
}

async fn written(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar("SELECT said FROM word").fetch_all(connection).await.unwrap()
}
