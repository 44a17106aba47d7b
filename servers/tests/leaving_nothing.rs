//! What tests leave behind: nothing, however they end.
#![allow(clippy::unwrap_used, clippy::panic)]

mod held;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use held::{Held, lives, pids_naming, until};
use servers::testing;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

/// A test run of its own, as nextest would name it.
fn run(name: &str, words: &[&str]) -> Command {
    let mut command = held::command(words);
    command.env("NEXTEST_RUN_ID", format!("{name}{}", std::process::id()));
    command
}

async fn connect(database: &Held) -> PgConnection {
    database.text("url").parse::<PgConnectOptions>().unwrap().connect().await.unwrap()
}

/// The data folder and the start of a server, which no other server shares.
async fn server(connection: &mut PgConnection) -> (PathBuf, i32) {
    let data: String = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut *connection).await.unwrap();
    let pid = std::fs::read_to_string(Path::new(&data).join("postmaster.pid")).unwrap();
    (data.into(), pid.lines().next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn a_dropped_home_takes_its_servers_with_it() {
    let (nats, postgres) = (testing::nats("jetstream {}").await, testing::postgres().await);
    let homes = [nats.home().to_path_buf(), postgres.home().to_path_buf()];
    let pids = [nats.pid(), postgres.pid()];
    drop((nats, postgres));
    assert!(homes.iter().all(|home| !home.parent().unwrap().exists()));
    assert!(pids.iter().all(|pid| !lives(pid.cast_signed())));
}

#[tokio::test]
async fn the_shared_memory_of_a_killed_postmaster_is_given_back() {
    let postgres = testing::postgres().await;
    postgres.kill().await;
    let file = std::fs::read_to_string(postgres.home().join("data/postmaster.pid")).unwrap();
    let segment = file.lines().nth(6).unwrap().split_whitespace().last().unwrap().to_owned();
    assert!(segments().contains(&segment));
    drop(postgres);
    assert!(!segments().contains(&segment));
}

/// The shared memory of this machine, by id.
fn segments() -> Vec<String> {
    let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
    table.lines().skip(1).map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_killed_test_leaves_no_server_and_no_folder() {
    for kind in ["nats", "postgres"] {
        let test = Held::start(held::command(&[kind]));
        let (pid, home) = (test.pid("pid"), PathBuf::from(test.text("home")));
        assert!(lives(pid) && home.exists());
        test.kill();
        until(45, "the server's end", || !lives(pid)).await;
        until(45, "the folder's end", || !home.parent().unwrap().exists()).await;
        assert!(pids_naming(home.parent().unwrap()).is_empty());
    }
}

#[tokio::test]
async fn a_program_under_test_is_ended_with_its_home() {
    let home = testing::home();
    let program = Held::start(held::command(&["servers", home.path().to_str().unwrap()]));
    let pids = [program.pid("nats"), program.pid("postgres")];
    drop(home);
    assert!(pids.iter().all(|pid| !lives(*pid)));
    drop(program);
}

#[tokio::test]
async fn two_processes_of_a_run_share_one_server_and_nothing_is_left() {
    let (one, other) = (Held::start(run("shared", &["database"])), Held::start(run("shared", &["database"])));
    let (mut here, mut there) = (connect(&one).await, connect(&other).await);
    let (data, pid) = server(&mut here).await;
    assert_eq!(server(&mut there).await, (data.clone(), pid));
    assert_ne!(one.text("url"), other.text("url"));

    // The first, which started the server, is killed; the other goes on, and a third still comes.
    one.kill();
    sqlx::query("CREATE TABLE t (n int)").execute(&mut there).await.unwrap();
    let third = Held::start(run("shared", &["database"]));
    assert_eq!(server(&mut connect(&third).await).await, (data.clone(), pid));
    there.close().await.unwrap();
    other.finish();
    third.finish();

    let folder = data.parent().unwrap().parent().unwrap();
    until(60, "the server's end", || !lives(pid)).await;
    until(30, "the folder's end", || !folder.exists() && !folder.with_file_name(closed(folder)).exists()).await;
    // The shell that removed the folder ends after it.
    until(30, "the last process of it", || pids_naming(folder).is_empty()).await;
}

fn closed(folder: &Path) -> String {
    format!("{}-closed", folder.file_name().unwrap().to_str().unwrap())
}

#[tokio::test]
async fn a_server_waits_a_while_for_the_next_test() {
    let first = Held::start(run("waits", &["database"]));
    let (data, pid) = server(&mut connect(&first).await).await;
    first.finish();
    let second = Held::start(run("waits", &["database"]));
    assert_eq!(server(&mut connect(&second).await).await, (data.clone(), pid));
    // Longer than it waits with nobody there.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(server(&mut connect(&second).await).await, (data, pid));
    second.finish();
    until(60, "the server's end", || !lives(pid)).await;
}

#[tokio::test]
async fn a_keeper_that_was_killed_is_made_good_by_the_next_user() {
    let first = Held::start(run("keeper", &["database"]));
    let (data, pid) = server(&mut connect(&first).await).await;
    let folder = data.parent().unwrap().parent().unwrap().to_path_buf();
    let keepers = pids_naming(&folder).into_iter().filter(|keeper| *keeper != pid);
    for keeper in keepers {
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(keeper), nix::sys::signal::Signal::SIGKILL);
    }
    first.kill();
    // `cat`, which the keeper had started, ends with the last user; only then is the pipe seen to have no reader.
    let second = Held::start(run("keeper", &["database"]));
    let (_, again) = server(&mut connect(&second).await).await;
    assert!(!lives(pid));
    second.finish();
    until(60, "the server's end", || !lives(again)).await;
    until(30, "the folder's end", || !folder.exists()).await;
}

#[tokio::test]
async fn a_database_is_empty_and_goes_with_its_test() {
    let (database, other) = (testing::database().await, testing::database().await);
    assert_ne!(database.name(), other.name());
    let mut connection = database.connect_options().connect().await.unwrap();
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(tables, 0);
    let name = database.name().to_owned();
    // With a connection open, as a failing test has.
    drop(database);
    let mut connection = other.url().parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    let found: Option<String> = sqlx::query_scalar("SELECT datname FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await
        .unwrap();
    assert_eq!(found, None);
}
