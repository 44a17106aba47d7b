//! Tells of a reference that has moved: `push`, and `create` or `delete` where it came or went.

use serde::Serialize;

use super::{event::Event, reference::Moved, render, state::State};

/// What a reference is, as webhooks name it. Of others than these nobody is told.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Branch,
    Tag,
}

impl Kind {
    /// The kind and the short name of a reference.
    fn of(reference: &str) -> Option<(Self, &str)> {
        let branch = reference.strip_prefix("refs/heads/").map(|name| (Self::Branch, name));
        branch.or_else(|| reference.strip_prefix("refs/tags/").map(|name| (Self::Tag, name)))
    }
}

impl State {
    /// Tells of a reference that has moved.
    pub(super) fn tell_moved(&mut self, moved: &Moved) {
        let Some((kind, name)) = Kind::of(&moved.reference) else { return };
        let Moved { repository, before, after, sender, .. } = *moved;
        let event = |name| Event { name, action: None, repository, sender };
        match (before, after) {
            (None, Some(_)) => self.tell_created(event("create"), kind, name),
            (Some(_), None) => self.tell_deleted(event("delete"), kind, name),
            _ => {}
        }
        self.emit(event("push"), |state, payload| {
            if let Some(push) = render::push::Push::of(state, moved) {
                push.write(payload);
            }
        });
    }

    fn tell_created(&mut self, event: Event, kind: Kind, name: &str) {
        self.emit(event, |state, payload| {
            let Some(repository) = state.repositories.get(event.repository) else { return };
            payload.field("ref", name);
            payload.field("ref_type", &kind);
            payload.field("master_branch", &repository.default_branch);
            payload.field("description", &repository.description);
            payload.field("pusher_type", "user");
        });
    }

    fn tell_deleted(&mut self, event: Event, kind: Kind, name: &str) {
        self.emit(event, |_, payload| {
            payload.field("ref", name);
            payload.field("ref_type", &kind);
            payload.field("pusher_type", "user");
        });
    }
}
