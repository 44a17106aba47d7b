//! What a repository says of itself before anything is fetched or pushed.

use std::io;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gix_packetline::blocking_io::encode::{data_to_write, flush_to_write};

use super::{
    Error, Mirror, RepositoryId, Service, command,
    reference::Refs,
    refusal::{Refusal, UNCACHED},
};
use crate::object::Oid;

/// What `receive` understands; it reads nothing that is not promised here.
const CAPABILITIES: &str = "report-status delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1 \
                            push-options agent=git/sandbox";

/// For clone and fetch, in git's own words.
pub(super) async fn upload(mirror: &Mirror, repository: RepositoryId, protocol: &str) -> Result<Response, Refusal> {
    let folder = mirror.repository(repository);
    let mut git = command::git(mirror.settings(), &folder);
    git.env_remove("GIT_DIR").env("GIT_PROTOCOL", protocol);
    git.args(["upload-pack", "--strict", "--stateless-rpc", "--http-backend-info-refs"]).arg(&folder);
    let _turn = mirror.serving().await;
    let refs = command::ask("upload-pack", git, b"", mirror.settings()).await?;
    let mut out = Vec::new();
    if !speaks(protocol, 2) {
        announce(&mut out, Service::UploadPack).map_err(unwritten)?;
    }
    out.extend_from_slice(&refs);
    Ok(answer(Service::UploadPack, out.into()))
}

/// For push.
pub(super) fn receive(mirror: &Mirror, repository: RepositoryId, protocol: &str) -> Result<Response, Refusal> {
    let refs = mirror.refs(repository)?;
    let mut out = Vec::new();
    announce(&mut out, Service::ReceivePack).map_err(unwritten)?;
    list(&mut out, &refs, speaks(protocol, 1)).map_err(unwritten)?;
    Ok(answer(Service::ReceivePack, out.into()))
}

fn announce(out: &mut Vec<u8>, service: Service) -> io::Result<()> {
    data_to_write(format!("# service={}\n", service.name()).as_bytes(), &mut *out)?;
    flush_to_write(out).map(drop)
}

/// The capabilities stand behind the first ref; behind a ref that is none if there is none.
fn list(out: &mut Vec<u8>, refs: &Refs, versioned: bool) -> io::Result<()> {
    if versioned {
        data_to_write(b"version 1\n", &mut *out)?;
    }
    if refs.is_empty() {
        data_to_write(format!("{} capabilities^{{}}\0{CAPABILITIES}\n", Oid::ZERO).as_bytes(), &mut *out)?;
    }
    for (at, (name, oid)) in refs.iter().enumerate() {
        let more = if at == 0 { format!("\0{CAPABILITIES}") } else { String::new() };
        data_to_write(format!("{oid} {name}{more}\n").as_bytes(), &mut *out)?;
    }
    flush_to_write(out).map(drop)
}

fn answer(service: Service, body: Bytes) -> Response {
    let kind = format!("application/x-{}-advertisement", service.name());
    ([(header::CONTENT_TYPE, kind)], UNCACHED, body).into_response()
}

fn speaks(protocol: &str, version: u8) -> bool {
    protocol.split(':').any(|word| word == format!("version={version}"))
}

/// Only a ref whose name is longer than a packet.
fn unwritten(_too_long: io::Error) -> Refusal {
    Refusal::Failed(Error::Unreadable { oid: "refs".to_owned(), fault: "a ref's name is too long to be told" })
}
