//! `ping`: what a webhook hears first.

use bytes::Bytes;

use super::{
    event::{Event, Payload, Told},
    hook::{Hook, Owner},
    id::{AccountId, RepositoryId},
    reference::Moved,
    render,
    state::State,
};

/// What the API says when it is asked for nothing in particular.
const ZEN: [&str; 4] = [
    "A test that cannot fail tells nothing.",
    "Say what happened, not what should have.",
    "The log is what was sent.",
    "What is played is played to the end.",
];

impl State {
    pub(crate) fn zen(&mut self) -> &'static str {
        let drawn = self.draw.below(ZEN.len() as u64);
        usize::try_from(drawn).ok().and_then(|drawn| ZEN.get(drawn)).copied().unwrap_or_default()
    }

    /// Tells a webhook that it is there, whatever else it listens to.
    pub(crate) fn ping(&mut self, hook: &Hook, sender: AccountId) {
        let zen = self.zen();
        let payload = self.greeting(hook, sender, zen);
        let repository = match hook.owner {
            Owner::Repository(id) => Some(id),
            Owner::App(_) => None,
        };
        self.deliver(hook.addressee(), Told { name: "ping", action: None, repository, installation: None }, payload);
    }

    /// Tells a webhook of the newest push to the default branch once more.
    pub(crate) fn try_push(&mut self, hook: &Hook, repository: RepositoryId, sender: AccountId) {
        let Some(at) = self.repositories.get(repository) else { return };
        let Some(after) = at.branch(&at.default_branch) else { return };
        let before = self.objects.commit(after).and_then(|commit| commit.parents.first().copied());
        let reference = format!("refs/heads/{}", at.default_branch);
        let moved = Moved { repository, reference, before, after: Some(after), sender };
        let event = Event { name: "push", action: None, repository, sender };
        self.emit_alone(hook.addressee(), event, |state, payload| {
            if let Some(push) = render::push::Push::of(state, &moved) {
                push.write(payload);
            }
        });
    }

    fn greeting(&self, hook: &Hook, sender: AccountId, zen: &str) -> Bytes {
        let mut payload = Payload::new(None);
        payload.field("zen", zen);
        payload.field("hook_id", &hook.id);
        payload.field("hook", &render::hook::Hook::of(self, hook));
        if let Owner::Repository(id) = hook.owner
            && let Some(repository) = self.repositories.get(id)
        {
            payload.field("repository", &*render::repository::told(self, repository));
            if let Some(organization) = render::organization::of(self, repository.owner) {
                payload.field("organization", &organization);
            }
        }
        if let Some(sender) = self.accounts.get(sender) {
            payload.field("sender", &*sender.fragment);
        }
        payload.finish()
    }
}
