//! A whole rig for a test: the real program, in a home of its own, with real servers.
//!
//! ```ignore
//! let mut rig = Rig::up().await;
//! rig.post("issues", &body).await.is_accepted();
//! rig.kill().await;             // kill -9 of the rig; `kill_nats`, `kill_postgres` for the servers
//! rig.start().await;            // again in the same home
//! rig.finish().await;           // fails if anything is undone
//! ```
//!
//! Nothing outlives the test: the home ends whoever names it (`servers::testing`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared by tests"
)]

mod channel;
pub mod process;
pub mod programs;
pub mod rows;
pub mod start;
pub mod terminal;
pub mod webhook;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use conductor::testing::{conserved, rules};
use serde_json::Value;
use servers::testing::{self, Home};

use process::{Ended, Process};
pub use start::Start;

/// Long enough for a machine under load; a test that waits this long has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until there is something, asking again and again; fails after [`PATIENCE`].
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn is_of(up_file: &Path, pid: i32) -> bool {
    let text = std::fs::read(up_file).unwrap_or_default();
    serde_json::from_slice(&text).is_ok_and(|up: Value| up["pid"] == pid)
}

/// A rig, up or down.
pub struct Rig {
    // Before its home, so that it is ended first.
    process: Option<Process>,
    start: Start,
    is_finished: bool,
    home: Home,
}

/// No test forgets the last word where a conductor decides.
impl Drop for Rig {
    fn drop(&mut self) {
        let config = std::fs::read_to_string(self.scratch().join("rig.toml")).unwrap_or_default();
        let ran = self.folder().join("nats").exists() && config.contains("[github.conductor]");
        if ran && !self.is_finished && !std::thread::panicking() {
            panic!("a test whose rig has a conductor ends with `finish`");
        }
    }
}

impl Rig {
    /// A rig that is up, in a home of its own.
    pub async fn up() -> Self {
        Self::with(Start::new()).await
    }

    /// A rig that is up, started in this way.
    pub async fn with(start: Start) -> Self {
        let mut rig = Self::down(start);
        rig.start().await;
        rig
    }

    /// A rig that was not started yet.
    pub fn down(start: Start) -> Self {
        Self { process: None, start, is_finished: false, home: testing::home() }
    }

    /// Starts it, again in the same home, and waits until it is ready.
    pub async fn start(&mut self) {
        self.launch();
        self.ready().await;
    }

    /// Starts it and waits for nothing.
    pub fn launch(&mut self) {
        assert!(self.process.is_none(), "it was started already");
        self.process = Some(self.start.spawn(&self.folder(), self.home.path()));
    }

    /// Waits until it is ready; fails with what it said when it ends instead.
    pub async fn ready(&mut self) {
        let up_file = self.folder().join("up.json");
        let process = self.process.as_mut().expect("it was not started");
        let deadline = Instant::now() + PATIENCE;
        // A killed rig leaves its file behind, so one that is there may be of the run before.
        while !is_of(&up_file, process.pid()) {
            assert!(!process.has_ended(), "it ended: {}", process.said());
            assert!(Instant::now() < deadline, "not ready: {}", process.said());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How it is started from now on.
    pub fn start_with(&mut self, change: impl FnOnce(Start) -> Start) {
        self.start = change(self.start.clone());
    }

    /// Its home: `--home`.
    pub fn folder(&self) -> PathBuf {
        self.home.path().join("rig")
    }

    /// A folder of the test's own, gone with it.
    pub fn scratch(&self) -> &Path {
        self.home.path()
    }

    /// What `up.json` says.
    pub fn up_file(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.folder().join("up.json")).unwrap()).unwrap()
    }

    /// The text at this place of `up.json`, as `/files/nats_url`.
    pub fn told(&self, pointer: &str) -> String {
        let up = self.up_file();
        up.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {up}")).to_owned()
    }

    /// The one line of a file that `up.json` names.
    pub fn line(&self, file: &str) -> String {
        let path = self.told(&format!("/files/{file}"));
        std::fs::read_to_string(path).unwrap().trim_end().to_owned()
    }

    /// Its process.
    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("it is down")
    }

    /// The process id of its nats-server.
    pub fn nats_pid(&self) -> i32 {
        self.server("nats-server").expect("no nats-server runs")
    }

    /// The process id of its postmaster.
    pub fn postgres_pid(&self) -> i32 {
        self.server("postgres").expect("no PostgreSQL runs")
    }

    fn server(&self, program: &str) -> Option<i32> {
        let folder = if program == "postgres" { "postgres/data" } else { "nats/data" };
        process::server(&self.folder().join(folder), program)
    }

    /// Whether none of its servers runs.
    pub fn is_all_quiet(&self) -> bool {
        self.server("nats-server").or(self.server("postgres")).is_none()
    }

    /// Waits until both servers run, however far their start is.
    pub async fn until_servers_run(&self) {
        let both = async || self.server("nats-server").and(self.server("postgres")).map(drop);
        until("both servers to run", both).await;
    }

    /// kill -9 of nats-server.
    pub fn kill_nats(&self) {
        process::kill(self.nats_pid());
    }

    /// kill -9 of the postmaster.
    pub fn kill_postgres(&self) {
        process::kill(self.postgres_pid());
    }

    /// kill -9 of nats-server, which cannot be started again until [`Rig::give_nats_back`].
    pub fn take_nats_away(&self) {
        // A start writes this file; it cannot over a folder.
        let conf = self.nats_conf();
        std::fs::remove_file(&conf).unwrap();
        std::fs::create_dir_all(conf.join("in the way")).unwrap();
        self.kill_nats();
    }

    pub fn give_nats_back(&self) {
        std::fs::remove_dir_all(self.nats_conf()).unwrap();
    }

    fn nats_conf(&self) -> PathBuf {
        self.folder().join("nats/nats.conf")
    }

    /// kill -9 of PostgreSQL, which cannot be started again until [`Rig::give_postgres_back`].
    pub fn take_postgres_away(&self) {
        let [data, aside] = self.postgres_data();
        std::fs::rename(&data, &aside).unwrap();
        process::kill(process::server(&data, "postgres").unwrap());
    }

    pub fn give_postgres_back(&self) {
        let [data, aside] = self.postgres_data();
        let _ = std::fs::remove_dir_all(&data);
        std::fs::rename(&aside, &data).unwrap();
    }

    fn postgres_data(&self) -> [PathBuf; 2] {
        ["data", "aside"].map(|name| self.folder().join("postgres").join(name))
    }

    /// kill -9 of the rig itself. Its servers go on, as orphans.
    pub async fn kill(&mut self) {
        let mut process = self.process.take().expect("it is down");
        process::kill(process.pid());
        process.ended().await;
    }

    /// Stops it as a supervisor does (SIGTERM), and says how that went.
    pub async fn stop(&mut self) -> Ended {
        let mut process = self.process.take().expect("it is down");
        process.terminate();
        process.ended().await
    }

    /// Stops it as a person does (Ctrl-C), and says how that went.
    pub async fn interrupt(&mut self) -> Ended {
        let mut process = self.process.take().expect("it is down");
        process.interrupt();
        process.ended().await
    }

    /// Waits for its end, which somebody else brought about.
    pub async fn ended(&mut self) -> Ended {
        self.process.take().expect("it is down").ended().await
    }

    /// Runs another command of the program against this home, to its end.
    pub async fn command(&self, args: &[&str]) -> Ended {
        self.start.command(&self.folder(), self.home.path(), args).await
    }

    /// `GET /health`: its status and body.
    pub async fn health(&self) -> (u16, Value) {
        webhook::get(&self.told("/health")).await
    }

    /// Waits until the health says this of a part: `("bus", "down")`.
    pub async fn until_part(&self, part: &str, status: &str) -> (u16, Value) {
        until(&format!("{part} to be {status}"), async || {
            let (code, body) = self.health().await;
            (body["parts"][part]["status"] == status).then_some((code, body))
        })
        .await
    }

    /// Waits until it has said this on the screen.
    pub async fn until_said(&self, needle: &str) -> String {
        let process = self.process();
        until(&format!("{needle:?} on the screen"), async || process.said_line(needle)).await
    }

    /// The last word of a test: everything stored is a row, the same and in order; nothing was given up; after every record
    /// whatever had come in was in exactly one place; the rig is well and stops in time, leaving nothing running.
    pub async fn finish(mut self) {
        self.until_whole("up").await;
        let rows = self.caught_up().await;
        let mut records = self.records().await;
        // What was stored since the rows were read has its row a moment later.
        records.truncate(rows.len());
        assert_eq!(rows.len(), records.len(), "rows and records");
        for (row, record) in rows.iter().zip(&records) {
            assert_eq!((row.sequence, &row.subject), (record.sequence, &record.subject));
            assert_eq!(row.body, record.body, "the bytes of {}", row.sequence);
            assert_eq!(row.refused, None, "{} is poison", row.sequence);
            assert!(!row.subject.starts_with("rig.evt.dead."), "{} was given up: {row:?}", row.sequence);
        }
        if records.iter().any(|record| record.subject == "rig.evt.conductor.step") {
            conserved(&self.operator().await, &rules().build()).await.unwrap();
        }
        self.is_finished = true;
        let ended = self.stop().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.took < Duration::from_secs(5), "stopping took {:?}", ended.took);
        assert!(!self.folder().join("up.json").exists(), "up.json is still there");
        assert!(self.is_all_quiet(), "a server is still there");
    }

    /// Waits until the health says this of the whole.
    pub async fn until_whole(&self, status: &str) -> Value {
        until(&format!("the whole to be {status}"), async || {
            let (_, body) = self.health().await;
            (body["status"] == status).then_some(body)
        })
        .await
    }
}
