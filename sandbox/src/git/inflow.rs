//! A request's body as it comes in: bounded, and out of its gzip.

use std::io::{self, Write};

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, header},
};
use bytes::Bytes;
use flate2::write::GzDecoder;
use futures::StreamExt;

use super::refusal::Refusal;

/// The bytes of a body, chunk by chunk. An error ends it.
pub(super) struct Inflow {
    stream: BodyDataStream,
    left: u64,
    limit: u64,
    gzip: Option<GzDecoder<Bounded>>,
}

/// What gzip may write: a few bytes can unpack to very many.
struct Bounded {
    out: Vec<u8>,
    left: u64,
}

impl Inflow {
    /// Of this request, at most `limit` bytes, packed or unpacked.
    pub(super) fn new(headers: &HeaderMap, body: Body, limit: u64) -> Result<Self, Refusal> {
        let gzip = match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes()) {
            None | Some(b"identity") => None,
            Some(b"gzip" | b"x-gzip") => Some(GzDecoder::new(Bounded { out: Vec::new(), left: limit })),
            Some(_) => return Err(Refusal::Foreign),
        };
        Ok(Self { stream: body.into_data_stream(), left: limit, limit, gzip })
    }

    /// The next bytes; `None` at the end of a whole body.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Refusal> {
        while let Some(chunk) = self.stream.next().await {
            let chunk = chunk.map_err(|cut| Refusal::Malformed(format!("its body ends early ({cut})")))?;
            let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            self.left = self.left.checked_sub(length).ok_or(Refusal::TooLarge { limit: self.limit })?;
            let bytes = self.unpacked(chunk)?;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        self.rest()
    }

    fn unpacked(&mut self, chunk: Bytes) -> Result<Bytes, Refusal> {
        let Some(gzip) = &mut self.gzip else { return Ok(chunk) };
        let written = gzip.write_all(&chunk);
        let out = std::mem::take(&mut gzip.get_mut().out);
        written.map_err(|fault| self.broken(&fault))?;
        Ok(out.into())
    }

    /// Gzip ends with a sum over everything, so only now is it known to be right.
    fn rest(&mut self) -> Result<Option<Bytes>, Refusal> {
        let Some(gzip) = self.gzip.take() else { return Ok(None) };
        let out = gzip.finish().map_err(|fault| self.broken(&fault))?.out;
        Ok((!out.is_empty()).then(|| out.into()))
    }

    fn broken(&self, fault: &io::Error) -> Refusal {
        match fault.kind() {
            io::ErrorKind::FileTooLarge => Refusal::TooLarge { limit: self.limit },
            _ => Refusal::Malformed(format!("its gzip is damaged ({fault})")),
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or(io::ErrorKind::FileTooLarge)?;
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
