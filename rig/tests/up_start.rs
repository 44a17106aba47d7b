//! `rig up` as it is met: starting, being found, being told to stop, and what it refuses.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod world;

use std::{collections::BTreeSet, fs, net::TcpListener, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use nix::sys::signal::Signal;
use serde_json::Value;
use world::{Rig, Start, process, webhook::issue};

const FIVE_SECONDS: Duration = Duration::from_secs(5);

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn what_is_posted_and_said_is_a_record_and_a_row() {
    let rig = Rig::up().await;
    let posted = rig.post("issues", &issue(1, "Greet the visitor by name")).await.sequence();
    let said = rig.say("general", "hello, \u{1f44b} \u{0} all").await.sequence;

    let rows = rig.caught_up().await;
    let row = |sequence| rows.iter().find(|row| row.sequence == sequence).unwrap();
    assert_eq!(row(posted).subject, "rig.evt.github.acme.hello%2Esite.issues");
    assert_eq!(row(said).subject, "rig.evt.chat.general.operator.operator");
    rig.finish().await;
}

#[tokio::test]
async fn up_json_says_how_to_reach_it_and_keeps_secrets_in_private_files() {
    let rig = Rig::up().await;
    let up = rig.up_file();
    assert_eq!(keys(&up), BTreeSet::from(["version", "pid", "nats_monitor", "webhooks", "health", "files"]));
    assert_eq!(keys(&up["files"]), BTreeSet::from(["nats_url", "postgres_url", "webhook_secret"]));
    assert_eq!(up["version"], 1);
    assert_eq!(up["pid"], rig.process().pid());
    for file in ["nats_url", "postgres_url", "webhook_secret"] {
        let path = rig.told(&format!("/files/{file}"));
        assert_eq!(mode(Path::new(&path)), 0o600, "{path}");
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1, "{path}");
    }
    assert_eq!(mode(&rig.folder().join("secrets")), 0o700);
    assert_eq!(mode(&rig.folder().join("up.json")), 0o600);

    let (status, jsz) = world::webhook::get(&format!("{}/jsz", rig.told("/nats_monitor"))).await;
    assert_eq!((status, jsz["streams"].as_u64()), (200, Some(4)));
    assert_eq!(rig.health().await.0, 200);
    rig.finish().await;
}

#[tokio::test]
async fn the_screen_shows_what_runs_where_and_the_next_command() {
    let rig = Rig::up().await;
    let said = rig.until_said("Ctrl-C here stops everything").await;
    assert!(!said.contains('\u{1b}'), "colours in a file: {said}");
    let said = rig.process().said();
    for line in said.lines().take_while(|line| !line.contains("second terminal")) {
        assert!(line.chars().count() <= 92, "{} columns: {line}", line.chars().count());
    }
    for what in ["nats-server 2.", "PostgreSQL 18.", "ingest", "projector", "chat door", "health"] {
        assert!(said.lines().any(|line| line.contains(what) && line.contains(" ready ")), "{what} in {said}");
    }
    let command = format!("Talk    {} chat --home {}", env!("CARGO_BIN_EXE_rig"), rig.folder().display());
    assert!(said.contains(&command), "{command:?} in {said}");
    assert!(said.contains(&rig.told("/webhooks")), "{said}");
    rig.finish().await;
}

#[tokio::test]
async fn colours_are_for_those_who_want_them() {
    let rig = Rig::with(Start::new().env("CLICOLOR_FORCE", "1")).await;
    rig.until_said("Ctrl-C here stops everything").await;
    assert!(rig.process().said().contains("\u{1b}[32mready"));
    rig.finish().await;

    let rig = Rig::with(Start::new().env("NO_COLOR", "1")).await;
    rig.until_said("Ctrl-C here stops everything").await;
    assert!(!rig.process().said().contains('\u{1b}'));
    rig.finish().await;
}

#[tokio::test]
async fn with_json_a_program_gets_one_line_when_it_is_ready() {
    let rig = Rig::with(Start::new().arg("--json")).await;
    let printed =
        world::until("a line on stdout", async || Some(rig.process().printed()).filter(|text| !text.is_empty())).await;
    assert_eq!(printed.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), rig.up_file());
    rig.finish().await;
}

#[tokio::test]
async fn ctrl_c_stops_everything_in_time_with_130() {
    let mut rig = Rig::up().await;
    let ended = rig.interrupt().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.took < FIVE_SECONDS, "{:?}", ended.took);
    assert!(!rig.folder().join("up.json").exists());
    assert!(rig.is_all_quiet());
}

/// A postmaster that is stopped in its tracks hears no signal but the last one.
#[tokio::test]
async fn a_server_that_hangs_delays_the_end_but_not_beyond_its_time() {
    let mut rig = Rig::up().await;
    process::signal(rig.postgres_pid(), Signal::SIGSTOP);
    let ended = rig.interrupt().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.took < Duration::from_secs(6), "{:?}", ended.took);
    assert!(rig.is_all_quiet());
}

#[tokio::test]
async fn a_second_ctrl_c_stops_it_at_once() {
    let mut rig = Rig::up().await;
    process::signal(rig.postgres_pid(), Signal::SIGSTOP);
    process::signal(rig.process().pid(), Signal::SIGINT);
    rig.until_said("Ctrl-C again stops at once").await;
    let ended = rig.interrupt().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.contains("Stopped at once"), "{}", ended.stderr);
    assert!(rig.is_all_quiet());

    rig.start().await;
    rig.finish().await;
}

#[tokio::test]
async fn a_start_can_be_interrupted_and_leaves_nothing_running() {
    let mut rig = Rig::down(Start::new());
    rig.launch();
    rig.until_said("making its data").await;
    let ended = rig.interrupt().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.took < FIVE_SECONDS, "{:?}", ended.took);
    let home = rig.folder().display().to_string();
    let left: Vec<_> = process::pids()
        .filter_map(process::arguments)
        .filter(|args| args.iter().any(|arg| arg.starts_with(&home)))
        .collect();
    assert!(left.is_empty(), "{left:?}");

    rig.start().await;
    rig.finish().await;
}

#[tokio::test]
async fn started_twice_it_says_who_is_there_and_disturbs_nobody() {
    let rig = Rig::up().await;
    let second = rig.command(&["up"]).await;
    assert_eq!(second.code, Some(4), "{}", second.stderr);
    let sentence = format!("is up in {} already, as process {}", rig.folder().display(), rig.process().pid());
    assert!(second.stderr.contains(&sentence), "{}", second.stderr);
    let second = rig.command(&["up", "--fresh"]).await;
    assert_eq!(second.code, Some(4), "{}", second.stderr);

    rig.say("general", "still there").await;
    rig.finish().await;
}

#[tokio::test]
async fn commands_find_the_one_rig_that_is_up_here_and_ask_where_there_are_two() {
    let place = Rig::down(Start::new());
    let here = place.scratch();
    let up = async |home: &str| {
        let home = here.join(home);
        let process = Start::new().arg("--servers-only").spawn(&home, here);
        world::until("it to be up", async || home.join("up.json").exists().then_some(())).await;
        process
    };
    let status = async || Start::new().command_here(here, &["status", "--json"]).await;
    assert_eq!(status().await.code, Some(3), "none is up");
    let mut usual = up(".rig").await;
    assert_eq!(status().await.code, Some(0));

    let mut demo = up(".rig/demo").await;
    let asked = status().await;
    assert_eq!(asked.code, Some(2), "{}", asked.stderr);
    assert!(asked.stderr.contains("two rigs are up here") && asked.stderr.contains("--home"), "{}", asked.stderr);

    usual.interrupt();
    assert_eq!(usual.ended().await.code, Some(130));
    let found = status().await;
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    demo.interrupt();
    assert_eq!(demo.ended().await.code, Some(130));
}

#[tokio::test]
async fn what_was_stored_is_there_again_and_fresh_forgets_it() {
    let mut rig = Rig::up().await;
    let said = rig.say("general", "remember this").await;
    let secret = rig.line("webhook_secret");
    rig.stop().await;
    rig.start().await;
    let kept = |rows: Vec<world::rows::LogRow>| rows.iter().any(|row| row.id == Some(said.id.uuid()));
    assert!(kept(rig.caught_up().await));
    assert_eq!(rig.line("webhook_secret"), secret);
    rig.stop().await;

    rig.start_with(|start| start.arg("--fresh"));
    rig.start().await;
    assert!(!kept(rig.caught_up().await));
    assert_ne!(rig.line("webhook_secret"), secret);
    rig.finish().await;
}

#[tokio::test]
async fn a_log_that_never_held_a_record_is_well_at_the_next_start() {
    let mut rig = Rig::up().await;
    rig.stop().await;
    rig.start().await;
    assert_eq!(rig.health().await.1["parts"]["projector"]["status"], "up");
    rig.say("general", "the first word").await;
    rig.finish().await;
}

#[tokio::test]
async fn a_folder_with_other_things_is_left_alone() {
    let mut rig = Rig::down(Start::new().arg("--fresh"));
    fs::create_dir(rig.folder()).unwrap();
    let precious = rig.folder().join("thesis.txt");
    fs::write(&precious, "years of work").unwrap();
    rig.launch();
    let ended = rig.ended().await;
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("is not empty and not a rig's home"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(precious).unwrap(), "years of work");
}

#[tokio::test]
async fn servers_only_has_streams_and_tables_and_no_role() {
    let mut rig = Rig::with(Start::new().arg("--servers-only")).await;
    assert_eq!(rig.up_file()["webhooks"], Value::Null);
    let (status, health) = rig.health().await;
    assert_eq!((status, keys(&health["parts"])), (200, BTreeSet::from(["bus", "database"])));
    assert_eq!(rig.rows().await, [], "nobody projects");
    assert_eq!(rig.stop().await.code, Some(0));
}

#[tokio::test]
async fn all_faults_of_the_configuration_are_told_at_once() {
    let rig = Rig::down(Start::new());
    let config = rig.scratch().join("rig.toml");
    fs::write(
        &config,
        "[operator]\nnmae = \"nora\"\n[ingest]\nlisten = \"everywhere\"\n[servers]\nnats_port = 99999\n",
    )
    .unwrap();
    // The test's own environment would hide the file's ports.
    let start = Start::bare().env("RIG_CONFIG", config.as_os_str()).env("RIG__HEALTH__LISTEN", "8421");
    let ended = start.command(&rig.folder(), rig.scratch(), &["up"]).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    for needle in
        ["4 faults", "operator.nmae", "`operator.name` meant", "ingest.listen", "99999", "RIG__HEALTH__LISTEN"]
    {
        assert!(ended.stderr.contains(needle), "{needle:?} in {}", ended.stderr);
    }
    assert!(!rig.folder().exists(), "nothing is made with a wrong configuration");
}

#[tokio::test]
async fn a_port_in_use_names_its_holder_and_the_key() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let me = std::process::id();
    for (variable, value, what) in [
        ("RIG__SERVERS__NATS_PORT", port.to_string(), "nats-server cannot listen"),
        ("RIG__SERVERS__POSTGRES_PORT", port.to_string(), "cannot listen"),
        ("RIG__INGEST__LISTEN", format!("127.0.0.1:{port}"), "set ingest.listen to another"),
        ("RIG__HEALTH__LISTEN", format!("127.0.0.1:{port}"), "set health.listen to another"),
    ] {
        let mut rig = Rig::down(Start::new().env(variable, value));
        rig.launch();
        let ended = rig.ended().await;
        assert_eq!(ended.code, Some(1), "{variable}: {}", ended.stderr);
        for needle in [what, &format!("process {me} "), &format!("127.0.0.1:{port}")] {
            assert!(ended.stderr.contains(needle), "{variable}: {needle:?} in {}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn f_154_it_starts_with_an_empty_environment_and_keeps_its_ports() {
    let mut rig = Rig::with(Start::bare()).await;
    let before = rig.up_file();
    rig.say("general", "hello").await;
    // Two on one machine, nothing configured: the second takes other ports.
    let other = Rig::with(Start::bare()).await;
    assert_ne!(other.told("/webhooks"), rig.told("/webhooks"));
    rig.stop().await;
    rig.start().await;
    for address in ["nats_monitor", "webhooks", "health"] {
        assert_eq!(rig.up_file()[address], before[address], "a subscriber's address is still right after a restart");
    }
    rig.finish().await;
    other.finish().await;
}

#[tokio::test]
async fn secrets_are_in_no_argument_no_environment_and_no_log() {
    let rig = Rig::up().await;
    rig.post("issues", &issue(1, "x")).await.sequence();
    rig.caught_up().await;
    let secrets: Vec<String> = fs::read_dir(rig.folder().join("secrets"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap().trim().to_owned())
        .chain([rig.line("postgres_url").split([':', '@']).nth(2).unwrap().to_owned()])
        .collect();
    assert!(secrets.len() > 10 && secrets.iter().all(|secret| secret.len() >= 16), "{}", secrets.len());

    let mut places = vec![("the screen".to_owned(), rig.process().said())];
    for entry in fs::read_dir(rig.folder().join("logs")).unwrap() {
        let path = entry.unwrap().path();
        places.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
    }
    for pid in process::pids() {
        for file in ["cmdline", "environ"] {
            let path = format!("/proc/{pid}/{file}");
            places.push((path.clone(), String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned()));
        }
    }
    for (place, text) in places {
        assert!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "a secret is in {place}");
    }
    rig.finish().await;
}

/// Root's servers run as another account, which cannot enter a home inside a closed folder; a user's can.
#[tokio::test]
async fn a_closed_home_is_replaced_for_root_and_it_is_said() {
    let mut rig = Rig::down(Start::new());
    let closed = rig.scratch().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let wanted = closed.join("home");
    let mut process = Start::new().spawn(&wanted, rig.scratch());
    let said = world::until("it to be ready", async || {
        assert!(!process.has_ended(), "{}", process.said());
        process.said_line("Ctrl-C here stops").map(|_| process.said())
    })
    .await;
    let status = Start::new().command(&wanted, rig.scratch(), &["bus", "diff"]).await;
    assert_eq!(status.code, Some(0), "commands find the home as well: {}", status.stderr);
    process.terminate();
    assert_eq!(process.ended().await.code, Some(0));

    if nix::unistd::Uid::effective().is_root() {
        let (_, rest) = said.split_once("home: ").unwrap();
        let home = Path::new(rest.split_whitespace().next().unwrap());
        assert!(home.starts_with("/var/tmp") && !wanted.exists(), "{said}");
        assert!(said.contains(&format!("instead of {}", wanted.display())), "{said}");
        fs::remove_dir_all(home).unwrap();
    } else {
        assert!(wanted.join("rig-home").exists(), "{said}");
    }
    rig.start().await;
    rig.finish().await;
}
