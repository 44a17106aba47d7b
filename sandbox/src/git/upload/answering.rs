//! A git that answers one request.

use std::{io, process::Stdio};

use bytes::{Bytes, BytesMut};
use futures::{FutureExt, future::BoxFuture};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout},
    select,
    sync::OwnedSemaphorePermit,
};

use super::or_never;
use crate::git::{Error, Mirror, RepositoryId, command, inflow::Inflow, refusal::Refusal};

/// A running upload-pack. Dropped, it is killed with the processes it has started.
pub(super) struct Answering {
    child: Child,
    out: ChildStdout,
    /// The request on its way into git; `None` when it is there.
    feed: Option<BoxFuture<'static, Result<(), Refusal>>>,
    _turn: Option<OwnedSemaphorePermit>,
}

const CHUNK: usize = 64 << 10;

impl Answering {
    /// Waits until there may be one more, and starts it.
    pub(super) async fn start(
        mirror: &Mirror,
        repository: RepositoryId,
        protocol: &str,
        body: Inflow,
    ) -> Result<Self, Refusal> {
        let turn = mirror.serving().await;
        let folder = mirror.repository(repository);
        let mut git = command::git(mirror.settings(), &folder);
        // What git has to say to the client it says in the protocol.
        git.env_remove("GIT_DIR").env("GIT_PROTOCOL", protocol).stderr(Stdio::null()).process_group(0);
        git.args(["upload-pack", "--strict", "--stateless-rpc"]).arg(&folder);
        let program = &mirror.settings().program;
        let mut child = git.spawn().map_err(|source| Error::Start { program: program.clone(), source })?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let broken = |()| Error::disk("open a pipe to", program)(io::ErrorKind::BrokenPipe.into());
        let (stdin, out) = pipes.ok_or(()).map_err(broken)?;
        Ok(Self { child, out, feed: Some(feed(body, stdin).boxed()), _turn: turn })
    }

    /// Git's next words; empty at the end.
    pub(super) async fn next(&mut self) -> Result<Bytes, Refusal> {
        let mut buffer = BytesMut::with_capacity(CHUNK);
        loop {
            select! {
                fed = or_never(self.feed.as_mut()) => {
                    self.feed = None;
                    fed?;
                }
                read = self.out.read_buf(&mut buffer) => {
                    read.map_err(Error::disk("read git's answer from", "a pipe"))?;
                    return Ok(buffer.freeze());
                }
            }
        }
    }
}

impl Drop for Answering {
    /// Upload-pack has pack-objects do the work, which would go on until it next writes. Nobody has waited for the
    /// child, so that its number is still its own.
    fn drop(&mut self) {
        if let Some(group) = self.child.id().and_then(|id| i32::try_from(id).ok()) {
            // All of it may have ended.
            killpg(Pid::from_raw(group), Signal::SIGKILL).ok();
        }
    }
}

async fn feed(mut body: Inflow, mut stdin: ChildStdin) -> Result<(), Refusal> {
    while let Some(chunk) = body.chunk().await? {
        if stdin.write_all(&chunk).await.is_err() {
            // Git has heard enough, and its answer says why.
            return Ok(());
        }
    }
    Ok(())
}
