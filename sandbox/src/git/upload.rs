//! Clone and fetch: `git upload-pack` answers, and its answer streams.

mod answering;

use std::{future::pending, io};

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, timeout_at},
};

use self::answering::Answering;
use super::{
    Mirror, RepositoryId, Service,
    inflow::Inflow,
    refusal::{Refusal, UNCACHED},
};

/// A piece of the answer, or its end.
type Piece = Option<Bytes>;

/// Answers one request. What goes wrong before git's first word is told as it is; after that the answer breaks off,
/// which git notices.
pub(super) async fn serve(
    mirror: &Mirror,
    repository: RepositoryId,
    protocol: &str,
    body: Inflow,
) -> Result<Response, Refusal> {
    let end = Instant::now() + mirror.settings().time;
    let mut answering = Answering::start(mirror, repository, protocol, body).await?;
    let first = answering.next().await?;
    // A task of its own keeps the time also when a client neither reads on nor goes away.
    let (pieces, answer) = mpsc::channel(1);
    mirror.tasks().spawn(pump(answering, first, pieces, end));
    let kind = (header::CONTENT_TYPE, format!("application/x-{}-result", Service::UploadPack.name()));
    Ok(([kind], UNCACHED, streamed(answer)).into_response())
}

/// Carries git's answer over until it ends, the client goes away or time is up. Git ends with it.
async fn pump(mut answering: Answering, first: Bytes, pieces: mpsc::Sender<Piece>, end: Instant) {
    let mut piece = Some(first);
    loop {
        let last = piece.is_none();
        if !matches!(timeout_at(end, pieces.send(piece)).await, Ok(Ok(()))) || last {
            return;
        }
        piece = select! {
            next = timeout_at(end, answering.next()) => match next {
                Ok(Ok(bytes)) => (!bytes.is_empty()).then_some(bytes),
                Ok(Err(_)) | Err(_) => return,
            },
            () = pieces.closed() => return,
        };
    }
}

/// An answer without its end is not ended in order either.
fn streamed(answer: mpsc::Receiver<Piece>) -> Body {
    let pieces = stream::unfold(Some(answer), |answer| async move {
        let mut answer = answer?;
        match answer.recv().await {
            Some(Some(piece)) => Some((Ok(piece), Some(answer))),
            Some(None) => None,
            None => Some((Err(io::Error::from(io::ErrorKind::UnexpectedEof)), None)),
        }
    });
    Body::from_stream(pieces)
}

/// Never, where there is nothing to wait for.
async fn or_never<T>(wait: Option<impl Future<Output = T>>) -> T {
    match wait {
        Some(wait) => wait.await,
        None => pending().await,
    }
}
