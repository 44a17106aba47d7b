//! The one PostgreSQL of a test run.
//!
//! nextest runs each test in a process of its own, and none of them can be the one that stops the server: it may be
//! killed. So each user holds the run's named pipe open for writing, and a keeper, which is a small shell, reads it:
//! when the last user is gone, by whatever end, and no other comes within a few seconds, it stops the server and
//! removes the folder. Users come one at a time, under a lock; the first starts keeper and server.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    libc,
    sys::stat::Mode,
    unistd::{Uid, mkfifo},
};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::{sync::OnceCell, time::sleep};

use super::{cache, home, to_stderr};
use crate::{
    Postgres,
    error::{Doing, Error, Result},
    postgres::{Durability, Options},
};

const KEEPER: &str = include_str!("shared_keeper.sh");

/// How long the server waits for a next user: longer than any pause between two tests that use it, for which the run
/// pays at its end.
const GRACE: &str = "3";

/// The server as this process uses it.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) url: String,
    pub(super) connect: PgConnectOptions,
    /// Held until this process ends: statics are not dropped.
    _user: File,
    /// The first user started the server, and must not end it when it goes.
    _server: Option<Postgres>,
}

/// This process's share in the server, joined or started the first time.
pub(super) async fn shared() -> Result<&'static Shared> {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    SHARED.get_or_try_init(join).await
}

async fn join() -> Result<Shared> {
    let folder = home::temporary()?.join(format!("rig-tests-{}-{}", Uid::effective(), run()));
    let bin = cache().postgres_bin(&to_stderr()).await?;
    let _turn = turn(&bin).await?;
    let user = match enter(&folder) {
        Ok(user) => user,
        Err(_) => found(&folder).await?,
    };
    let url_file = folder.join("url");
    let (url, server) = match fs::read_to_string(&url_file) {
        Ok(url) => (url, None),
        Err(_) => start(bin, &folder, &url_file).await?,
    };
    let connect: PgConnectOptions =
        url.parse().map_err(|source| Error::Database { doing: "its own address".to_owned(), source })?;
    Ok(Shared { url, connect: connect.ssl_mode(PgSslMode::Disable), _user: user, _server: server })
}

/// What the tests of one run have in common: nextest's name for the run, else the process that started us.
#[expect(clippy::disallowed_methods, reason = "set by the test runner, for nothing but this")]
fn run() -> String {
    let run = std::env::var("NEXTEST_RUN_ID").unwrap_or_default();
    let run: String = run.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    if run.is_empty() { format!("parent{:010}", nix::unistd::getppid().as_raw()) } else { run }
}

/// One process at a time joins or starts; whoever dies in between lets go. The folder itself is what is locked: there is
/// no file to leave behind, and it need not be ours to write to.
async fn turn(folder: &Path) -> Result<File> {
    let file = File::open(folder).doing("opening", folder)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => sleep(Duration::from_millis(10)).await,
            Err(fs::TryLockError::Error(error)) => return Err(error).doing("locking", folder),
        }
    }
}

/// Becomes a user: fails where there is no pipe, or nobody reads it.
fn enter(folder: &Path) -> io::Result<File> {
    let mut user = OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(folder.join("users"))?;
    user.write_all(b"u")?;
    Ok(user)
}

/// Makes the folder and its keeper, after removing what a keeper that was killed left.
async fn found(folder: &Path) -> Result<File> {
    if folder.exists() {
        home::remove(folder)?;
    }
    home::make_new(folder)?;
    let pipe = folder.join("users");
    mkfifo(&pipe, Mode::S_IRUSR | Mode::S_IWUSR).map_err(io::Error::from).doing("making", &pipe)?;
    let mut keeper = Command::new("sh");
    keeper.args(["-c", KEEPER, "rig-tests-keeper"]).arg(folder).arg(GRACE).current_dir("/").process_group(0);
    keeper.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    keeper.spawn().doing("keeping", folder)?;
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match enter(folder) {
            Ok(user) => return Ok(user),
            Err(error) if Instant::now() > deadline => {
                return Err(error).doing("waiting for the keeper of", folder);
            }
            Err(_) => sleep(Duration::from_millis(5)).await,
        }
    }
}

async fn start(bin: PathBuf, folder: &Path, url_file: &Path) -> Result<(String, Option<Postgres>)> {
    let options = Options {
        durability: Durability::Forgotten,
        max_connections: 300,
        lines: to_stderr(),
        ..Options::new(bin, folder.join("postgres"))
    };
    let server = Postgres::start(options).await?;
    let url = server.url();
    let half = folder.join("url.half");
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&half)
        .and_then(|mut file| file.write_all(url.as_bytes()))
        .and_then(|()| fs::rename(&half, url_file))
        .doing("writing", url_file)?;
    Ok((url, Some(server)))
}
