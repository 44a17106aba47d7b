//! What happened, told to every webhook that wants it.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::{
    call::Call,
    hook::{Addressee, Owner},
    id::{AccountId, AppId, InstallationId, RepositoryId},
    refusal::Refusal,
    render,
    repository::Repository,
    state::State,
};

/// Something happened in a repository.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    /// `issues`.
    pub(crate) name: &'static str,
    /// `opened`.
    pub(crate) action: Option<&'static str>,
    pub(crate) repository: RepositoryId,
    /// Who did it.
    pub(crate) sender: AccountId,
}

/// The fields of a payload, written one after the other.
pub(crate) struct Payload(BytesMut);

impl Payload {
    pub(super) fn new(action: Option<&str>) -> Self {
        let mut payload = Self(BytesMut::with_capacity(12 << 10));
        payload.0.put_u8(b'{');
        if let Some(action) = action {
            payload.field("action", action);
        }
        payload
    }

    pub(crate) fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        if self.0.last() != Some(&b'{') {
            self.0.put_u8(b',');
        }
        self.0.put_u8(b'"');
        self.0.put_slice(name.as_bytes());
        self.0.put_slice(b"\":");
        let written = serde_json::to_writer((&mut self.0).writer(), value);
        // Our own structs have string keys and finite numbers, and memory takes every write.
        debug_assert!(written.is_ok(), "a payload's field {name} cannot be written: {written:?}");
    }

    pub(super) fn finish(mut self) -> Bytes {
        self.0.put_u8(b'}');
        self.0.freeze()
    }
}

/// What a delivery tells, and of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) name: &'static str,
    pub(crate) action: Option<&'static str>,
    pub(crate) repository: Option<RepositoryId>,
    pub(crate) installation: Option<InstallationId>,
}

/// Whom an event is sent to.
struct Listener {
    to: Addressee,
    installation: Option<InstallationId>,
}

impl Call<'_> {
    /// Tells what was done to something of the repository that the path names, and what it was before.
    pub(crate) fn tell(
        &mut self,
        name: &'static str,
        action: &'static str,
        changes: Option<&impl Serialize>,
        thing: impl Fn(&State, &Repository, &mut Payload),
    ) -> Result<(), Refusal> {
        let event = self.event(name, action)?;
        self.state.emit(event, |state, payload| {
            if let Some(repository) = state.repositories.get(event.repository) {
                thing(state, repository, payload);
            }
            if let Some(changes) = changes {
                payload.field("changes", changes);
            }
        });
        Ok(())
    }
}

impl State {
    /// Tells an event; `fields` writes what is its own.
    pub(crate) fn emit(&mut self, event: Event, fields: impl Fn(&Self, &mut Payload)) {
        let listeners = self.listeners(event);
        self.tell(event, listeners, fields);
    }

    /// Tells an event to one App alone, where it is installed and wants it.
    pub(crate) fn emit_to(&mut self, app: AppId, event: Event, fields: impl Fn(&Self, &mut Payload)) {
        let mut listeners = self.listeners(event);
        listeners.retain(|listener| listener.to.owner == Owner::App(app));
        self.tell(event, listeners, fields);
    }

    fn tell(&mut self, event: Event, listeners: Vec<Listener>, fields: impl Fn(&Self, &mut Payload)) {
        let mut bodies: BTreeMap<Option<InstallationId>, Bytes> = BTreeMap::new();
        for listener in listeners {
            let payload = bodies
                .entry(listener.installation)
                .or_insert_with(|| self.payload(event, listener.installation, &fields))
                .clone();
            let told = Told {
                name: event.name,
                action: event.action,
                repository: Some(event.repository),
                installation: listener.installation,
            };
            self.deliver(listener.to, told, payload);
        }
    }

    /// Tells an event to one webhook alone, of a repository.
    pub(crate) fn emit_alone(&mut self, to: Addressee, event: Event, fields: impl Fn(&Self, &mut Payload)) {
        let payload = self.payload(event, None, &fields);
        let Event { name, action, repository, sender: _ } = event;
        self.deliver(to, Told { name, action, repository: Some(repository), installation: None }, payload);
    }

    fn listeners(&self, event: Event) -> Vec<Listener> {
        let Some(repository) = self.repositories.get(event.repository) else { return Vec::new() };
        let own = repository
            .hooks
            .values()
            .filter(|hook| hook.wants(event.name))
            .map(|hook| Listener { to: hook.addressee(), installation: None });
        let installed = self
            .apps
            .installations
            .values()
            .filter(|there| there.holds(repository))
            .filter(|there| there.suspended.is_none() && there.events.contains(event.name))
            .filter_map(|there| {
                let hook = self.app_hooks.get(&there.app).filter(|hook| hook.active)?;
                Some(Listener { to: hook.addressee(), installation: Some(there.id) })
            });
        own.chain(installed).collect()
    }

    fn payload(
        &self,
        event: Event,
        installation: Option<InstallationId>,
        fields: &impl Fn(&Self, &mut Payload),
    ) -> Bytes {
        let mut payload = Payload::new(event.action);
        fields(self, &mut payload);
        if let Some(repository) = self.repositories.get(event.repository) {
            payload.field("repository", &*render::repository::told(self, repository));
            if let Some(organization) = render::organization::of(self, repository.owner) {
                payload.field("organization", &organization);
            }
        }
        if let Some(sender) = self.accounts.get(event.sender) {
            payload.field("sender", &*sender.fragment);
        }
        if let Some(id) = installation {
            payload.field("installation", &render::installation::Lite::of(id));
        }
        payload.finish()
    }
}
