//! The data of a PostgreSQL: made once, and known again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rand::RngCore;
use sha2::{Digest, Sha256};

use super::{Durability, NAME, Options, USER};
use crate::{
    error::{Doing, Error, Result},
    home::{Home, until},
    log_file,
    process::{Process, in_words},
    process_table, program,
    secret::Secret,
};

/// What data is called while it is being made.
const HALF: &str = "data.new-";

/// How long children have to notice that the postmaster is gone.
const CHILDREN_WITHIN: Duration = Duration::from_secs(2);

/// Where the data is, and how its processes are known.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) home: Home,
    pub(super) data: PathBuf,
    /// What the server's children bear in their titles: `postgres: rig-1a2b3c4d5e6f: checkpointer`.
    pub(super) title: String,
    pub(super) lz4: bool,
    password: Secret,
}

impl Cluster {
    /// Makes the data if there is none, and ends what a killed run left on it.
    pub(super) async fn prepare(home: Home, options: &Options) -> Result<Self> {
        let data = home.path.join("data");
        let digest = hex::encode(Sha256::digest(data.as_os_str().as_encoded_bytes()));
        let title = format!("rig-{}", &digest[..12]);
        let lz4 = program::has_lz4(&options.bin).await?;
        let password = Secret::from(password(&home)?);
        let cluster = Self { home, data, title, lz4, password };
        cluster.home.end_orphans(NAME, &cluster.data, &options.lines).await;
        cluster.end_children().await;
        cluster.forget_stale_pid_file()?;
        if !cluster.data.exists() {
            options.lines.tell(&format!("PostgreSQL: making its data in {}", cluster.home.path.display()));
            cluster.init(options).await?;
        }
        cluster.home.must_be_usable(&cluster.data)?;
        Ok(cluster)
    }

    pub(super) fn password(&self) -> &str {
        self.password.reveal()
    }

    /// Makes the data beside its place and puts it there whole: half of it would not start.
    async fn init(&self, options: &Options) -> Result<()> {
        self.remove_halves();
        // A name of this process's own: the initdb of a killed run may still be writing to its folder.
        let made = self.home.folder(&format!("{HALF}{}", std::process::id()))?;
        let password = self.home.write("initdb.password", self.password())?;
        let ended = self.initdb(options, &made, &password).await;
        fs::remove_file(&password).doing("removing", &password)?;
        ended?;
        fs::rename(&made, &self.data).doing("making", &self.data)?;
        fs::File::open(&self.home.path).and_then(|folder| folder.sync_all()).doing("flushing", &self.home.path)
    }

    fn remove_halves(&self) {
        let entries = fs::read_dir(&self.home.path).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(HALF)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }

    async fn initdb(&self, options: &Options, made: &Path, password: &Path) -> Result<()> {
        let since = log_file::length(&options.log);
        let log = log_file::open(&options.log)?;
        let mut command = Command::new(options.bin.join("initdb"));
        command.args(["--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums"]);
        command.arg("--no-instructions").arg("--pwfile").arg(password).arg("--pgdata").arg(made);
        match options.durability {
            Durability::Forgotten => command.arg("--no-sync"),
            // One call for the whole file system instead of one for each of a thousand files.
            Durability::Flushed if program::has_syncfs(&options.bin).await? => command.arg("--sync-method=syncfs"),
            Durability::Flushed => &mut command,
        };
        command.current_dir(&self.home.path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.home.run_as.apply(&mut command);
        let program = options.bin.join("initdb");
        let status = Process::spawn(&mut command).doing("starting", &program)?.ended().await;
        if status.success() {
            return Ok(());
        }
        let why = format!("initdb ended with {}", in_words(status));
        Err(Error::NotStarted {
            server: "PostgreSQL",
            why,
            log: options.log.clone(),
            tail: log_file::tail(&options.log, since),
        })
    }

    /// The children of the postmaster, by their titles.
    pub(super) fn children(&self) -> Vec<i32> {
        let title = format!("postgres: {}: ", self.title);
        let ours = process_table::all().into_iter().filter(|found| found.title_starts_with(&title));
        ours.map(|found| found.pid).collect()
    }

    /// Waits until none of these children is left; whether it is so.
    pub(super) async fn gone(&self, children: &[i32]) -> bool {
        until(CHILDREN_WITHIN, || !self.children().iter().any(|pid| children.contains(pid))).await
    }

    /// Sees the children of a postmaster that is gone to their end: while one lives the data cannot be used. Most
    /// notice by themselves; one that is busy with a statement does not until it is done.
    pub(super) async fn end_children(&self) {
        if until(CHILDREN_WITHIN, || self.children().is_empty()).await {
            return;
        }
        for pid in self.children() {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        until(CHILDREN_WITHIN, || self.children().is_empty()).await;
    }

    /// Whether the postmaster with this process id says that it takes connections: the eighth line of its pid file.
    pub(super) fn says_ready(&self, pid: u32) -> bool {
        let Ok(text) = fs::read_to_string(self.data.join("postmaster.pid")) else { return false };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.first().is_some_and(|line| *line == pid.to_string()) && lines.get(7) == Some(&"ready")
    }

    /// Removes the pid file of a server that is no more. PostgreSQL does so itself unless another process of the same
    /// account has the number by now.
    pub(super) fn forget_stale_pid_file(&self) -> Result<()> {
        let path = self.data.join("postmaster.pid");
        let Ok(text) = fs::read_to_string(&path) else {
            return Ok(());
        };
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        let lives = pid.and_then(process_table::one).is_some_and(|found| found.is(NAME, &self.data));
        if lives { Ok(()) } else { fs::remove_file(&path).doing("removing", &path) }
    }
}

/// The password in the home, drawn the first time.
#[expect(clippy::disallowed_methods, reason = "a password must be drawn; no record is made from it")]
fn password(home: &Home) -> Result<String> {
    let path = home.path.join("password");
    if let Ok(password) = fs::read_to_string(&path) {
        return Ok(password.trim().to_owned());
    }
    let mut bytes = [0; 24];
    rand::rng().fill_bytes(&mut bytes);
    let password = hex::encode(bytes);
    home.keep(&path, &format!("{password}\n"))?;
    Ok(password)
}
