//! A repository with one commit, a runner, and a way to find what a job started.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use sandbox::{
    ci::{Checkout, Ended, Job, Limits, Runner, Settings, Walls},
    workflow::Script,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

pub(crate) const PATH: &str = env!("PATH");
pub(crate) const BOTH: [Walls; 2] = [Walls::Namespaces, Walls::Group];

/// Starts children of every kind, one of which has left its group, its session and its parent, and waits for ever.
pub(crate) const FAMILY: &str = "
    sleep 1000 &
    sh -c 'sleep 1000 & sleep 1000' &
    setsid sh -c 'sleep 1000 & sleep 1000' >/dev/null 2>&1 &
    (setsid sleep 1000 &)
    echo before; touch \"$READY\"; sleep 1000; echo after";

/// What a test of jobs needs; removed when dropped.
pub(crate) struct Bench {
    pub(crate) runner: Runner,
    pub(crate) commit: String,
    folder: TempDir,
}

impl Bench {
    pub(crate) fn new(walls: Walls) -> Self {
        Self::made(walls, 1, PATH)
    }

    pub(crate) fn at_once(walls: Walls, at_once: usize) -> Self {
        Self::made(walls, at_once, PATH)
    }

    pub(crate) fn with_path(walls: Walls, path: &str) -> Self {
        Self::made(walls, 1, path)
    }

    fn made(walls: Walls, at_once: usize, path: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("scratch")).unwrap();
        let commit = repository(folder.path());
        Self { runner: runner(folder.path(), walls, at_once, path), commit, folder }
    }

    pub(crate) fn job(&self, script: &str) -> Job {
        job(self.folder.path(), script)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn go(&self) -> PathBuf {
        self.file("go")
    }

    /// Waits for the script to say that it is ready, and finds the processes that it started then.
    pub(crate) async fn family(&self) -> Family {
        until(|| self.file("ready").exists()).await;
        let mark = format!("READY={}", self.file("ready").display());
        let family = Family { pids: marked(&mark), mark };
        assert!(!family.pids.is_empty(), "a script that is ready has processes");
        family
    }

    pub(crate) fn is_cleared_away(&self) {
        let left: Vec<_> = fs::read_dir(self.file("scratch")).unwrap().flatten().map(|entry| entry.path()).collect();
        assert_eq!(left, Vec::<PathBuf>::new());
    }
}

/// Runs a job in the folder of a bench that another process has.
pub(crate) async fn work_until_killed(folder: &Path, walls: Walls, script: &str) {
    runner(folder, walls, 1, PATH).run(job(folder, script), CancellationToken::new()).await;
}

fn runner(folder: &Path, walls: Walls, at_once: usize, path: &str) -> Runner {
    Runner::new(Settings { at_once, path: path.into(), scratch: folder.join("scratch"), walls })
}

/// A job that can be found by its environment, and talks with the test by files.
fn job(folder: &Path, script: &str) -> Job {
    let file = |name: &str| folder.join(name).display().to_string();
    let environment = BTreeMap::from([("READY".into(), file("ready")), ("GO".into(), file("go"))]);
    let commit = fs::read_to_string(folder.join("bare/refs/heads/main")).unwrap().trim().to_owned();
    let checkout = Checkout { repository: folder.join("bare"), commit };
    let script = Script { shell: "sh".into(), text: script.into() };
    let limits = Limits { time: Duration::from_secs(120), output: 1 << 20, memory: None, file_size: None };
    Job { checkout, script, environment, limits }
}

/// The processes of a job at one moment, and what their environment holds.
pub(crate) struct Family {
    pids: Vec<i32>,
    mark: String,
}

/// Those of a family that have not ended, and those that have joined it since.
pub(crate) fn living(family: &Family) -> Vec<i32> {
    let mut living = marked(&family.mark);
    living.extend(family.pids.iter().filter(|pid| holds(**pid, &family.mark)));
    living.dedup();
    living
}

fn marked(mark: &str) -> Vec<i32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(|pid| holds(*pid, mark)).collect()
}

fn holds(pid: i32, mark: &str) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
}

/// Waits for something to become so, with a deadline.
pub(crate) async fn until(so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !so() {
        assert!(Instant::now() < deadline, "it has not come about in time");
        sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn log(ended: &Ended) -> String {
    String::from_utf8(ended.log.to_vec()).unwrap()
}

/// Where a program is.
pub(crate) fn program(name: &str) -> PathBuf {
    PATH.split(':').map(|folder| Path::new(folder).join(name)).find(|file| file.exists()).unwrap()
}

fn repository(folder: &Path) -> String {
    let script = "
        git init -q --bare bare && git init -q work && cd work
        echo hello > greeting && printf '#!/bin/sh\\necho a tool\\n' > tool && chmod +x tool && git add .
        git -c user.name=ada -c user.email=ada@example.invalid commit -qm First
        git push -q ../bare HEAD:refs/heads/main && git rev-parse HEAD";
    let made = Command::new("sh").args(["-ec", script]).current_dir(folder).stderr(Stdio::inherit()).output().unwrap();
    assert!(made.status.success());
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}
