//! Bodies, in bounded memory: each piece is paid for as it comes, so that who only promises much takes nothing.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, StatusCode, header},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::LARGEST;
use crate::github::Refused;

/// A refused body is read to here and thrown away, so that the client gets to read why.
const DISCARDED: usize = 2 * LARGEST;

/// Reads bodies.
#[derive(Debug)]
pub(super) struct Intake {
    flight: Arc<Semaphore>,
    patience: Duration,
}

/// A body, and its share of the memory that bodies may take; the share lasts until this is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) bytes: Bytes,
    pub(super) share: Option<OwnedSemaphorePermit>,
}

impl Intake {
    pub(super) fn new(bytes: usize, patience: Duration) -> Self {
        Self { flight: Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))), patience }
    }

    /// The whole body.
    ///
    /// # Errors
    /// 413 for one that is too large, 408 for one that comes too slowly, 400 for one that breaks off, 503 where there is
    /// no room for it now.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Taken, Refused> {
        let declared = declared(headers);
        let mut pieces = body.into_data_stream();
        let read = async {
            if declared.is_some_and(|bytes| bytes > LARGEST) {
                return Err(too_large());
            }
            self.collect(&mut pieces, declared).await
        };
        let Ok(read) = tokio::time::timeout(self.patience, read).await else {
            return Err(too_slow());
        };
        if read.is_err() {
            self.discard(pieces).await;
        }
        read
    }

    /// Reads and forgets what a client still sends.
    pub(super) async fn discard(&self, mut pieces: BodyDataStream) {
        let reading = async {
            let mut left = DISCARDED;
            while let Some(Ok(piece)) = pieces.next().await {
                left = left.saturating_sub(piece.len());
                if left == 0 {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(self.patience, reading).await;
    }

    /// One piece is kept as it is, which is most bodies; several are put together.
    async fn collect(&self, pieces: &mut BodyDataStream, declared: Option<usize>) -> Result<Taken, Refused> {
        let mut first = Bytes::new();
        let mut whole = BytesMut::new();
        let mut share: Option<OwnedSemaphorePermit> = None;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| broken_off())?;
            let paid = self.pay(piece.len())?;
            match &mut share {
                Some(share) => share.merge(paid),
                None => share = Some(paid),
            }
            if first.is_empty() {
                first = piece;
                continue;
            }
            if whole.is_empty() {
                whole.reserve(declared.unwrap_or_default().max(first.len() + piece.len()));
                whole.extend_from_slice(&first);
            }
            if whole.len() + piece.len() > LARGEST {
                return Err(too_large());
            }
            whole.extend_from_slice(&piece);
        }
        let bytes = if whole.is_empty() { first } else { whole.freeze() };
        Ok(Taken { bytes, share })
    }

    fn pay(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refused> {
        let permits = u32::try_from(bytes).unwrap_or(u32::MAX);
        Arc::clone(&self.flight).try_acquire_many_owned(permits).map_err(|_| overloaded())
    }
}

fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Refused {
    Refused::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the delivery has more than {} MiB", LARGEST >> 20),
        "GitHub sends none that large; what is it that posts here?",
    )
}

fn too_slow() -> Refused {
    Refused::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time", "send it again, over a faster line")
}

fn broken_off() -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "the body broke off", "send it again")
}

fn overloaded() -> Refused {
    Refused::for_now(
        "too many deliveries are being taken in at once",
        "have GitHub redeliver it; if this comes often, something floods this address",
        5,
    )
}
