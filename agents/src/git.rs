//! Git, by git itself: started with an environment that nobody's own configuration reaches into, and never by a shell.

use std::{
    ffi::{OsStr, OsString},
    io,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

/// Which git, and for whom.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Git's program, 2.38 or later.
    pub program: PathBuf,
    /// The `PATH` of every child. Nothing else is handed down of the environment this process was started with.
    pub path: OsString,
    /// The longest that one git may take.
    pub time: Duration,
    /// Who stands in commits.
    pub author: Identity,
}

/// Who stands in commits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// As `acme-dev[bot]`.
    pub name: String,
    /// The address that GitHub knows the account by.
    pub email: String,
}

/// Why git did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Git did not start: install it, or name it in the settings.
    #[error("cannot start '{}': install git 2.38 or later, or name its program in the settings", program.display())]
    Start {
        /// The program as configured.
        program: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Git refused what it was asked.
    #[error("git {command} failed: {said}")]
    Failed {
        /// Git's subcommand.
        command: String,
        /// Its words.
        said: String,
    },
    /// Git was stopped because it took too long.
    #[error("git {command} took longer than {limit:?} and was stopped")]
    TooLong {
        /// Git's subcommand.
        command: String,
        /// The time it had.
        limit: Duration,
    },
    /// What it answers is not what was asked for.
    #[error("git {command} answered `{answer}`, which is none")]
    Answer {
        /// Git's subcommand.
        command: String,
        /// Its answer.
        answer: String,
    },
}

impl Error {
    /// Whether the other side does not take the credential. Git may ask nobody for another, and says so.
    pub(crate) fn is_of_the_credential(&self) -> bool {
        let words = ["Authentication failed", "could not read Username", "returned error: 401"];
        matches!(self, Self::Failed { said, .. } if words.iter().any(|word| said.contains(word)))
    }
}

/// One git, about to be started.
pub(crate) struct Git<'a> {
    settings: &'a Settings,
    command: Command,
    name: String,
    input: Vec<u8>,
}

impl Settings {
    /// Git in this folder. Hooks of the repository are not run: whoever works there may have written them.
    pub(crate) fn at(&self, folder: &Path) -> Git<'_> {
        let mut command = Command::new(&self.program);
        command
            .current_dir(folder)
            .env_clear()
            .envs(self.environment())
            .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Git { settings: self, command, name: String::new(), input: Vec::new() }
    }

    /// What a git of a run's own is started with, too.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let Identity { name, email } = &self.author;
        vec![
            ("PATH", self.path.clone()),
            ("LC_ALL", "C".into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
            ("GIT_TERMINAL_PROMPT", "0".into()),
            ("GIT_EDITOR", "true".into()),
            ("GIT_AUTHOR_NAME", name.into()),
            ("GIT_AUTHOR_EMAIL", email.into()),
            ("GIT_COMMITTER_NAME", name.into()),
            ("GIT_COMMITTER_EMAIL", email.into()),
        ]
    }
}

impl Git<'_> {
    /// The subcommand, and its arguments. What comes from outside stands behind `--`, or was checked to be a name.
    pub(crate) fn call<A: AsRef<OsStr>>(mut self, name: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        name.clone_into(&mut self.name);
        self.command.arg(name).args(arguments);
        self
    }

    pub(crate) fn arguments<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn with(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// What it answers, without the last line's end; an error unless it succeeds.
    pub(crate) async fn answer(self) -> Result<String, Error> {
        let name = self.name.clone();
        let output = self.output().await?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = if said.trim().is_empty() { output.status.to_string() } else { said.trim().to_owned() };
        Err(Error::Failed { command: name, said: said.chars().take(2000).collect() })
    }

    /// Whether it succeeds.
    pub(crate) async fn holds(self) -> Result<bool, Error> {
        Ok(self.output().await?.status.success())
    }

    async fn output(mut self) -> Result<Output, Error> {
        let started = |source| Error::Start { program: self.settings.program.clone(), source };
        let mut child = self.command.spawn().map_err(started)?;
        let stdin = child.stdin.take();
        let feed = async {
            if let Some(mut stdin) = stdin {
                // A git that does not want to hear the rest says why when it ends.
                stdin.write_all(&self.input).await.ok();
            }
        };
        let limit = self.settings.time;
        let end = async { tokio::join!(feed, child.wait_with_output()).1 };
        timeout(limit, end).await.map_err(|_| Error::TooLong { command: self.name.clone(), limit })?.map_err(started)
    }
}

/// An answer that is of a form.
pub(crate) fn read<T: std::str::FromStr>(command: &str, answer: &str) -> Result<T, Error> {
    answer
        .trim()
        .parse()
        .map_err(|_| Error::Answer { command: command.to_owned(), answer: answer.chars().take(120).collect() })
}
