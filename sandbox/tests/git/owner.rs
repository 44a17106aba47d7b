//! The owner of a small world: it decides by rules, remembers what was pushed, and moves the mirror's refs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use sandbox::{
    git::{Access, Ask, Command, Entry, Incoming, Mirror, Push, RepositoryId, Service, Verdict},
    object::{Objects, Oid},
};
use tokio::sync::mpsc;

pub(crate) const SITE: RepositoryId = RepositoryId(1);

/// What the owner knows, for the test to set and to look at.
#[derive(Default)]
pub(crate) struct World {
    /// Whether anyone may read.
    pub(crate) public: bool,
    /// Refs that no push may move.
    pub(crate) protected: BTreeSet<String>,
    /// Whether history may be rewritten.
    pub(crate) forced: bool,
    pub(crate) refs: BTreeMap<String, Oid>,
    pub(crate) objects: Objects,
    pub(crate) pushes: Vec<Push>,
}

#[derive(Clone)]
pub(crate) struct Owner {
    world: Arc<Mutex<World>>,
    mirror: Mirror,
}

impl Owner {
    pub(crate) fn new(mirror: Mirror) -> Self {
        Self { world: Arc::default(), mirror }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(crate) async fn decide(self, mut asks: mpsc::Receiver<Ask>) {
        while let Some(ask) = asks.recv().await {
            match ask {
                Ask::Entry(entry) => {
                    let access = access(&self.world(), &entry);
                    entry.answer(access);
                }
                Ask::Push(incoming) => self.pushed(incoming),
            }
        }
    }

    fn pushed(&self, mut incoming: Incoming) {
        let mut world = self.world();
        let verdict = world.verdict(&incoming.push);
        if verdict.refs.iter().any(Result::is_ok) {
            incoming.keep().unwrap();
            let taken = incoming.push.commands.iter().zip(&verdict.refs).filter(|(_, end)| end.is_ok());
            let changes: Vec<_> = taken.map(|(command, _)| (command.reference.as_str(), command.new)).collect();
            self.mirror.update_refs(incoming.push.repository, &changes).unwrap();
            world.refs = self.mirror.refs(incoming.push.repository).unwrap();
        }
        world.pushes.push(incoming.push.clone());
        incoming.answer(verdict);
    }
}

impl World {
    fn verdict(&mut self, push: &Push) -> Verdict {
        for raw in &push.objects {
            assert_eq!(self.objects.insert_raw(raw.kind, raw.bytes.clone()).unwrap(), raw.oid);
        }
        let refs: Vec<_> = push.commands.iter().map(|command| self.ruling(command)).collect();
        if push.atomic && refs.iter().any(Result::is_err) {
            let all = |end: Result<(), String>| end.and_then(|()| Err("atomic push failure".to_owned()));
            return Verdict { refs: refs.into_iter().map(all).collect(), messages: Vec::new() };
        }
        let refused = push.commands.iter().filter(|command| self.protected.contains(&command.reference));
        let messages = refused
            .map(|command| format!("error: GH006: Protected branch update failed for {}.", command.reference))
            .collect();
        Verdict { refs, messages }
    }

    fn ruling(&self, command: &Command) -> Result<(), String> {
        if self.protected.contains(&command.reference) {
            return Err("protected branch hook declined".to_owned());
        }
        if self.refs.get(&command.reference).copied() != command.old {
            return Err("fetch first".to_owned());
        }
        match (command.old, command.new) {
            (Some(old), Some(new)) if !self.forced && !self.objects.is_ancestor(old, new) => {
                Err("non-fast-forward".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// `octo/site` is the one repository; `writer`, `reader` and `stranger` are tokens.
fn access(world: &World, entry: &Entry) -> Access {
    let is_site = (entry.owner.as_str(), entry.name.as_str()) == ("octo", "site");
    let token = entry.credentials.as_ref().map(|credentials| credentials.token().unwrap_or_default());
    match (token.as_deref(), entry.service) {
        (Some("writer"), _) | (Some("reader"), Service::UploadPack) if is_site => Access::Granted(SITE),
        (Some("reader"), Service::ReceivePack) if is_site => {
            Access::Denied("Permission to octo/site.git denied to nora.".to_owned())
        }
        (Some("writer" | "reader" | "stranger"), _) => Access::Hidden,
        (None, Service::UploadPack) if is_site && world.public => Access::Granted(SITE),
        _ => Access::Unknown,
    }
}
