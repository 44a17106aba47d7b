//! A conductor, in this process or in one of its own.

use std::{process::Stdio, time::Duration};

use bus::connect::{Connection, connect};
use conductor::{
    driver::{Driver, Report, Role, Settings},
    machine::Rules,
    reading::read,
    testing,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    sync::watch,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(600);

/// What is looked after: the repository of the drafts. Each pool may have this many offers open.
pub fn rules(window: u32) -> Rules {
    testing::rules().window(window).build()
}

/// A conductor in this process, that keeps no snapshots. Dropped, it is gone.
pub struct Led {
    report: watch::Receiver<Report>,
    _driving: JoinSet<()>,
}

impl Led {
    pub fn start(connection: &Connection, window: u32) -> Self {
        let settings = Settings { snapshot_every: u64::MAX, ..Settings::default() };
        let driver = Driver::new(connection, rules(window), settings, read);
        let report = driver.report();
        let mut driving = JoinSet::new();
        driving.spawn(async move { driver.run(CancellationToken::new()).await.unwrap() });
        Self { report, _driving: driving }
    }

    pub async fn leads(&mut self) {
        self.so(|report| report.role == Role::Leading).await;
    }

    pub async fn decided(&mut self, number: u64) {
        self.so(|report| report.through >= number).await;
    }

    async fn so(&mut self, so: impl FnMut(&Report) -> bool) {
        tokio::time::timeout(PATIENCE, self.report.wait_for(so)).await.unwrap().unwrap();
    }
}

/// A conductor in a process of its own.
pub struct Conductor {
    child: Child,
    tells: Lines<BufReader<ChildStdout>>,
}

impl Conductor {
    pub async fn start(url: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("conduct").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(format!("{url}\n").as_bytes()).await.unwrap();
        let tells = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, tells }
    }

    /// Waits until it says that it does this.
    pub async fn does(&mut self, what: &str) {
        while self.tells.next_line().await.unwrap().expect("the conductor ended") != what {}
    }

    /// kill -9.
    pub fn kill(&mut self) {
        self.child.start_kill().unwrap();
    }
}

/// The process of its own: tells what it does, whenever that changes.
pub async fn conduct() {
    let mut url = String::new();
    BufReader::new(tokio::io::stdin()).read_line(&mut url).await.unwrap();
    let connection = connect(url.trim(), "bench", Duration::from_secs(10)).await.unwrap();
    let driver = Driver::new(&connection, rules(64), Settings::default(), read);
    let mut report = driver.report();
    let mut telling = JoinSet::new();
    telling.spawn(async move {
        let mut told = None;
        loop {
            let Report { role, read, .. } = *report.borrow_and_update();
            // Who follows and has read nothing knows nothing yet.
            if told != Some(role) && (role == Role::Leading || read > 0) {
                println!("{}", if role == Role::Leading { "leads" } else { "follows" });
                told = Some(role);
            }
            if report.changed().await.is_err() {
                return;
            }
        }
    });
    driver.run(CancellationToken::new()).await.unwrap();
}
