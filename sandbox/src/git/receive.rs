//! Push. The commands are read here, git unpacks, the world decides, and the pusher hears what it decided.
//!
//! Not `git receive-pack`: it moves refs itself, and a hook that asks the world would have to be a program of ours that
//! git starts and that finds its way back into this process.

mod report;
mod request;
mod unpack;

use std::collections::HashSet;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use bytes::BytesMut;

use self::{
    report::Report,
    request::{Capabilities, Request},
    unpack::{Unpacked, unpack},
};
use super::{
    Command, Credentials, Error, Gate, Mirror, Push, RepositoryId, Service,
    inflow::Inflow,
    quarantine::Quarantine,
    reference,
    refusal::{Refusal, UNCACHED},
};
use crate::object::Oid;

/// Takes one push.
pub(super) async fn serve(
    mirror: &Mirror,
    gate: &Gate,
    repository: RepositoryId,
    credentials: Option<Credentials>,
    mut body: Inflow,
) -> Result<Response, Refusal> {
    let (request, begin) = read(&mut body).await?;
    let capabilities = request.capabilities;
    if request.commands.is_empty() {
        // Before a large push git asks with nothing whether it may.
        return Ok(answer(Vec::new()));
    }
    let _turn = mirror.serving().await;
    let mut pushed = Pushed { mirror, gate, repository, credentials, request };
    let report = pushed.take(begin, body).await?;
    told(&report, capabilities)
}

struct Pushed<'a> {
    mirror: &'a Mirror,
    gate: &'a Gate,
    repository: RepositoryId,
    credentials: Option<Credentials>,
    request: Request,
}

impl Pushed<'_> {
    async fn take(&mut self, begin: BytesMut, body: Inflow) -> Result<Report, Refusal> {
        let (quarantine, objects) = if self.request.has_pack() {
            let quarantine = self.mirror.quarantine(self.repository)?;
            match unpack(self.mirror, &quarantine, begin, body).await? {
                Ok(objects) => (Some(quarantine), objects),
                Err(unpacked) => return Ok(self.not_unpacked(unpacked)),
            }
        } else {
            (None, Vec::new())
        };
        let faults = self.faults(&objects.iter().map(|raw| raw.oid).collect()).await?;
        let Some(asked) = self.asked(&faults) else { return Ok(self.refused(&faults)) };
        let push = Push {
            repository: self.repository,
            credentials: self.credentials.take(),
            commands: asked,
            objects,
            atomic: self.request.capabilities.atomic,
            options: std::mem::take(&mut self.request.options),
        };
        self.decided(push, quarantine, &faults).await
    }

    /// What git would not let pass, whatever the world says.
    async fn faults(&self, pushed: &HashSet<Oid>) -> Result<Vec<Option<&'static str>>, Refusal> {
        let mut faults = self.request.faults();
        let news = self.request.commands.iter().filter_map(|command| command.new);
        let others: Vec<_> = news.filter(|oid| !pushed.contains(oid)).collect();
        let missing = self.mirror.missing(self.repository, &others).await?;
        for (fault, command) in faults.iter_mut().zip(&self.request.commands) {
            if fault.is_none() && command.new.is_some_and(|oid| missing.contains(&oid)) {
                *fault = Some("missing necessary objects");
            }
        }
        self.clashes(&mut faults)?;
        Ok(faults)
    }

    /// Against the refs as they would be after the push.
    fn clashes(&self, faults: &mut [Option<&'static str>]) -> Result<(), Refusal> {
        let mut refs = self.mirror.refs(self.repository)?;
        for command in &self.request.commands {
            match command.new {
                Some(oid) => refs.insert(command.reference.clone(), oid),
                None => refs.remove(&command.reference),
            };
        }
        for (fault, command) in faults.iter_mut().zip(&self.request.commands) {
            if fault.is_none() && command.new.is_some() && reference::clashes(&refs, &command.reference) {
                *fault = Some("directory file conflict");
            }
        }
        Ok(())
    }

    /// The commands that the world is asked about, if it is asked at all.
    fn asked(&self, faults: &[Option<&str>]) -> Option<Vec<Command>> {
        let stopped = self.request.capabilities.atomic && faults.iter().any(Option::is_some);
        let pairs = self.request.commands.iter().zip(faults);
        let asked: Vec<_> = pairs.filter(|(_, fault)| fault.is_none()).map(|(command, _)| command.clone()).collect();
        (!stopped && !asked.is_empty()).then_some(asked)
    }

    async fn decided(
        &self,
        push: Push,
        quarantine: Option<Quarantine>,
        faults: &[Option<&str>],
    ) -> Result<Report, Refusal> {
        let verdict = self.gate.push(push, quarantine).await.ok_or(Refusal::Gone)?;
        let mut decided = verdict.refs.into_iter();
        let end = |fault: &Option<&str>| match fault {
            Some(fault) => Err((*fault).to_owned()),
            None => decided.next().unwrap_or_else(|| Err("the server did not decide".to_owned())),
        };
        let ends: Vec<_> = faults.iter().map(end).collect();
        Ok(Report { unpack: None, refs: self.named(ends), messages: verdict.messages })
    }

    fn refused(&self, faults: &[Option<&str>]) -> Report {
        let ends = faults.iter().map(|fault| Err(fault.unwrap_or("atomic push failure").to_owned())).collect();
        Report { unpack: None, refs: self.named(ends), messages: Vec::new() }
    }

    fn not_unpacked(&self, unpacked: Unpacked) -> Report {
        let ends = vec![Err("unpacker error".to_owned()); self.request.commands.len()];
        Report { unpack: Some(unpacked.reason), refs: self.named(ends), messages: unpacked.said }
    }

    fn named(&self, ends: Vec<Result<(), String>>) -> Vec<(String, Result<(), String>)> {
        self.request.commands.iter().map(|command| command.reference.clone()).zip(ends).collect()
    }
}

/// The commands, and what of the pack came with them.
async fn read(body: &mut Inflow) -> Result<(Request, BytesMut), Refusal> {
    let (mut request, mut buffer) = (Request::default(), BytesMut::new());
    while !request.take(&mut buffer).map_err(|fault| Refusal::Malformed(fault.to_string()))? {
        match body.chunk().await? {
            Some(chunk) => buffer.extend_from_slice(&chunk),
            None => return Err(Refusal::Malformed("it ends before its commands do".to_owned())),
        }
    }
    Ok((request, buffer))
}

fn told(report: &Report, capabilities: Capabilities) -> Result<Response, Refusal> {
    let body = report.write(capabilities);
    Ok(answer(body.map_err(Error::disk("write", "the report"))?))
}

fn answer(body: Vec<u8>) -> Response {
    let kind = format!("application/x-{}-result", Service::ReceivePack.name());
    ([(header::CONTENT_TYPE, kind)], UNCACHED, body).into_response()
}
