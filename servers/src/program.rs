//! Which programs to use: the pinned ones, unless configuration names others that are new enough.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::{
    Cache, Lines,
    error::{Doing, Error, Result},
};

/// Programs that configuration may name instead of the pinned ones.
#[derive(Clone, Debug, Default)]
pub struct Configured {
    /// A nats-server, 2.15 or newer.
    pub nats_server: Option<PathBuf>,
    /// A folder with PostgreSQL's programs, 16 or newer and built with lz4.
    pub postgres_bin: Option<PathBuf>,
}

/// The programs to use.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The nats-server.
    pub nats_server: PathBuf,
    /// The folder with PostgreSQL's programs.
    pub postgres_bin: PathBuf,
}

impl Programs {
    /// The configured programs where they are named, else the pinned ones, installed if need be.
    ///
    /// # Errors
    /// When a configured one is too old, or a pinned one cannot be installed.
    pub async fn find(configured: &Configured, cache: &Cache, lines: &Lines) -> Result<Self> {
        let nats_server = match &configured.nats_server {
            Some(program) => nats_server_at(program).await?,
            None => cache.nats_server(lines).await?,
        };
        let postgres_bin = match &configured.postgres_bin {
            Some(folder) => postgres_bin_at(folder).await?,
            None => cache.postgres_bin(lines).await?,
        };
        Ok(Self { nats_server, postgres_bin })
    }
}

/// A configured nats-server, if it is 2.15 or newer.
///
/// # Errors
/// When it does not run or is older.
pub async fn nats_server_at(program: &Path) -> Result<PathBuf> {
    let said = said(program, &["--version"]).await?;
    if version(&said) < Some((2, 15)) {
        let why = format!("it says `{said}`, and nats-server 2.15 or newer is needed (schedules, atomic batches)");
        return Err(Error::Program { program: program.to_path_buf(), why });
    }
    Ok(program.to_path_buf())
}

/// A configured folder with PostgreSQL's programs, if it is 16 or newer and built with lz4.
///
/// # Errors
/// When it does not run, is older, or lacks lz4.
pub async fn postgres_bin_at(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("postgres");
    let said = said(&program, &["--version"]).await?;
    let refused = |why| Err(Error::Program { program: program.clone(), why });
    if version(&said) < Some((16, 0)) {
        return refused(format!("it says `{said}`, and PostgreSQL 16 or newer is needed"));
    }
    if !has_lz4(folder).await? {
        return refused("it is built without lz4".to_owned());
    }
    Ok(folder.to_path_buf())
}

/// Whether this PostgreSQL can compress with lz4. It is asked to read a setting that needs it, which starts nothing.
pub(crate) async fn has_lz4(bin: &Path) -> Result<bool> {
    let empty = tempfile::tempdir().doing("making a folder for", bin)?;
    for name in ["postgresql.conf", "postgresql.auto.conf"] {
        std::fs::write(empty.path().join(name), "").doing("writing", empty.path())?;
    }
    let program = bin.join("postgres");
    let setting = "default_toast_compression";
    let mut asked = Command::new(&program);
    asked.args(["-C", setting, "-c", &format!("{setting}=lz4"), "-D"]).arg(empty.path());
    Ok(asked.output().await.doing("running", &program)?.status.success())
}

/// Whether this PostgreSQL's initdb can flush a whole file system: from 17 on, on Linux.
pub(crate) async fn has_syncfs(bin: &Path) -> Result<bool> {
    let newer = version(&said(&bin.join("postgres"), &["--version"]).await?) >= Some((17, 0));
    Ok(newer && cfg!(target_os = "linux"))
}

async fn said(program: &Path, args: &[&str]) -> Result<String> {
    let output = Command::new(program).args(args).output().await.doing("running", program)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first number with a dot in it: `nats-server: v2.15.1`, `postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)`.
fn version(said: &str) -> Option<(u32, u32)> {
    said.split(|c: char| !(c.is_ascii_digit() || c == '.')).find_map(|word| {
        let (major, rest) = word.split_once('.')?;
        let minor = rest.split('.').next()?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_as_the_programs_say_them() {
        assert_eq!(version("nats-server: v2.15.1"), Some((2, 15)));
        assert_eq!(version("postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)"), Some((15, 9)));
        assert_eq!(version("postgres (PostgreSQL) 19devel"), None);
        assert!(version("no number") < Some((2, 15)));
    }
}
