//! Clone and fetch: `git upload-pack` answers, and its answer streams.

use std::{io, process::Stdio};

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout},
    select,
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep_until},
};

use super::{
    Error, Mirror, RepositoryId, Service, Settings, command,
    inflow::Inflow,
    refusal::{Refusal, UNCACHED},
};

/// A git that answers one request. Dropped, by the client's going away too, it is killed.
struct Answering {
    _child: Child,
    _turn: Option<OwnedSemaphorePermit>,
    out: ChildStdout,
    /// The request on its way into git; `None` when it is there.
    feed: Option<BoxFuture<'static, Result<(), Refusal>>>,
    end: Instant,
}

const CHUNK: usize = 64 << 10;

/// Answers one request. What goes wrong before git's first word is told as it is; after that the answer breaks off,
/// which git notices.
pub(super) async fn serve(
    mirror: &Mirror,
    repository: RepositoryId,
    protocol: &str,
    body: Inflow,
) -> Result<Response, Refusal> {
    let end = Instant::now() + mirror.settings().time;
    let turn = mirror.serving().await;
    let (child, stdin, out) = start(mirror, repository, protocol)?;
    let feed = Some(feed(body, stdin).boxed());
    let mut answering = Answering { _child: child, _turn: turn, out, feed, end };
    let first = answering.next().await?;
    let rest = stream::unfold(Some(answering), |state| async move {
        let mut answering = state?;
        match answering.next().await {
            Ok(chunk) if chunk.is_empty() => None,
            Ok(chunk) => Some((Ok(chunk), Some(answering))),
            Err(refusal) => Some((Err(io::Error::other(refusal)), None)),
        }
    });
    let whole = stream::iter([Ok(first)]).chain(rest);
    let kind = (header::CONTENT_TYPE, format!("application/x-{}-result", Service::UploadPack.name()));
    Ok(([kind], UNCACHED, Body::from_stream(whole)).into_response())
}

impl Answering {
    /// Git's next words; empty at the end.
    async fn next(&mut self) -> Result<Bytes, Refusal> {
        let mut buffer = BytesMut::with_capacity(CHUNK);
        loop {
            select! {
                fed = fed(&mut self.feed) => {
                    self.feed = None;
                    fed?;
                }
                read = self.out.read_buf(&mut buffer) => {
                    read.map_err(Error::disk("read git's answer in", "a pipe"))?;
                    return Ok(buffer.freeze());
                }
                () = sleep_until(self.end) => return Err(Refusal::TooLong),
            }
        }
    }
}

fn start(
    mirror: &Mirror,
    repository: RepositoryId,
    protocol: &str,
) -> Result<(Child, ChildStdin, ChildStdout), Refusal> {
    let settings: &Settings = mirror.settings();
    let folder = mirror.repository(repository);
    let mut git = command::git(settings, &folder);
    // What git has to say to the client it says in the protocol.
    git.env_remove("GIT_DIR").env("GIT_PROTOCOL", protocol).stderr(Stdio::null());
    git.args(["upload-pack", "--strict", "--stateless-rpc"]).arg(&folder);
    let mut child = git.spawn().map_err(|source| Error::Start { program: settings.program.clone(), source })?;
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (stdin, out) = pipes.ok_or_else(|| Error::disk("open", "git's pipes")(io::ErrorKind::BrokenPipe.into()))?;
    Ok((child, stdin, out))
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

/// Never, when the request is in.
async fn fed(feed: &mut Option<BoxFuture<'static, Result<(), Refusal>>>) -> Result<(), Refusal> {
    match feed {
        Some(feed) => feed.await,
        None => std::future::pending().await,
    }
}
