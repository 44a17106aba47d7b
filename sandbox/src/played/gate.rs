//! Lets git clients in, and puts their pushes before the world.

use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use super::{clock, keeper::Keeper};
use crate::{
    git::{self, Ask, Credentials, Incoming, Service, Verdict},
    world::{self, Access, Input, Push},
};

/// Answers git clients, one after the other, until cancelled.
pub(crate) async fn keep(mut asked: Receiver<Ask>, keeper: Keeper, cancel: CancellationToken) {
    loop {
        let ask = tokio::select! {
            () = cancel.cancelled() => return,
            ask = asked.recv() => ask,
        };
        match ask {
            Some(Ask::Entry(entry)) => enter(entry, &keeper),
            Some(Ask::Push(incoming)) => push(incoming, &keeper),
            None => return,
        }
    }
}

fn enter(entry: git::Entry, keeper: &Keeper) {
    let wanted = match entry.service {
        Service::UploadPack => Access::Read,
        Service::ReceivePack => Access::Write,
    };
    let header = entry.credentials.as_ref().map(Credentials::header);
    let allowed = keeper.with(|world| world.entry(clock::now(), &entry.owner, &entry.name, wanted, header));
    entry.answer(match allowed {
        world::Entry::Granted(repository) => git::Access::Granted(repository),
        world::Entry::Unknown => git::Access::Unknown,
        world::Entry::Hidden => git::Access::Hidden,
        world::Entry::Denied(message) => git::Access::Denied(message),
    });
}

/// The objects become the repository's before the world moves a reference to them; what no reference reaches does no
/// harm there.
fn push(mut incoming: Incoming, keeper: &Keeper) {
    let verdict = judged(&mut incoming, keeper).unwrap_or_else(|error| {
        tracing::error!(%error, "a push has failed");
        Verdict::refused(&incoming.push, "the played world's disk is in trouble")
    });
    incoming.answer(verdict);
}

fn judged(incoming: &mut Incoming, keeper: &Keeper) -> Result<Verdict, git::Error> {
    keeper.insert(&incoming.push.objects)?;
    incoming.keep()?;
    let output = keeper.step(&Input::Push(wish(&incoming.push)))?;
    let world::Pushed { references, messages } = output.pushed.unwrap_or_default();
    Ok(Verdict { refs: references, messages })
}

fn wish(push: &git::Push) -> Push {
    let commands = push.commands.iter().map(|command| world::Command {
        reference: command.reference.clone(),
        before: command.old,
        after: command.new,
    });
    Push {
        repository: push.repository,
        authorization: push.credentials.as_ref().map(|credentials| credentials.header().to_owned()),
        commands: commands.collect(),
        atomic: push.atomic,
    }
}
