//! The delivery log: what was sent to webhooks, and what became of it. It forgets, as GitHub's does, after three days.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use uuid::Uuid;

use super::{
    World,
    effect::Effect,
    event::Told,
    hook::{Addressee, Outcome, Owner, Target},
    id::{DeliveryId, HookId, InstallationId, RepositoryId},
    moment::Moment,
    state::State,
};

/// One sending of one event to one webhook. The log holds exactly what was sent, wherever the webhook points by now.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) id: DeliveryId,
    pub(crate) hook: HookId,
    pub(crate) owner: Owner,
    pub(crate) target: Arc<Target>,
    /// The same for a redelivery.
    pub(crate) guid: Uuid,
    pub(crate) event: &'static str,
    pub(crate) action: Option<&'static str>,
    pub(crate) repository: Option<RepositoryId>,
    pub(crate) installation: Option<InstallationId>,
    pub(crate) redelivery: bool,
    pub(crate) at: Moment,
    pub(crate) payload: Bytes,
    pub(crate) outcome: Option<Outcome>,
}

/// So long a delivery is remembered whose outcome is known.
const KEPT_FOR: Duration = Duration::from_secs(3 * 24 * 3600);
/// So many of those are remembered.
const KEPT: usize = 10_000;
/// So many are remembered at all: nobody who posts lags further behind.
const MOST: usize = 20_000;

/// All deliveries, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deliveries {
    by_id: BTreeMap<DeliveryId, Delivery>,
    by_hook: BTreeSet<(HookId, DeliveryId)>,
}

impl Deliveries {
    pub(crate) fn insert(&mut self, delivery: Delivery) {
        self.forget(delivery.at);
        self.by_hook.insert((delivery.hook, delivery.id));
        self.by_id.insert(delivery.id, delivery);
    }

    fn forget(&mut self, now: Moment) {
        while let Some(oldest) = self.by_id.first_entry() {
            let count = self.by_hook.len();
            let known = oldest.get().outcome.is_some();
            let old = oldest.get().at.after(KEPT_FOR) <= now;
            if !(count >= MOST || known && (old || count >= KEPT)) {
                return;
            }
            let gone = oldest.remove();
            self.by_hook.remove(&(gone.hook, gone.id));
        }
    }

    pub(crate) fn get(&self, id: DeliveryId) -> Option<&Delivery> {
        self.by_id.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: DeliveryId) -> Option<&mut Delivery> {
        self.by_id.get_mut(&id)
    }

    /// A webhook's, newest first, from before one of them.
    pub(crate) fn of(&self, hook: HookId, before: DeliveryId) -> impl Iterator<Item = &Delivery> {
        let own = self.by_hook.range((hook, DeliveryId(0))..(hook, before)).rev();
        own.filter_map(|(_, id)| self.by_id.get(id))
    }
}

impl State {
    /// Sends a payload to a webhook.
    pub(crate) fn deliver(&mut self, to: Addressee, told: Told, payload: Bytes) {
        let Addressee { hook, owner, target } = to;
        let delivery = Delivery {
            id: DeliveryId(self.draw.id()),
            hook,
            owner,
            target,
            guid: self.draw.guid(),
            event: told.name,
            action: told.action,
            repository: told.repository,
            installation: told.installation,
            redelivery: false,
            at: self.now,
            payload,
            outcome: None,
        };
        self.send(delivery);
    }

    /// Sends once more what was sent before, to where the webhook points now.
    pub(crate) fn redeliver(&mut self, delivery: &Delivery, target: Arc<Target>) {
        let id = DeliveryId(self.draw.id());
        let at = self.now;
        self.send(Delivery { id, target, redelivery: true, at, outcome: None, ..delivery.clone() });
    }

    fn send(&mut self, delivery: Delivery) {
        self.effects.push(Effect::Deliver(delivery.id));
        self.deliveries.insert(delivery);
    }
}

impl World {
    pub(super) fn delivered(&mut self, id: DeliveryId, outcome: &Outcome) {
        let Some(delivery) = self.state.deliveries.get_mut(id) else { return };
        delivery.outcome = Some(outcome.clone());
        let (owner, hook) = (delivery.owner, delivery.hook);
        let hook = match owner {
            Owner::Repository(id) => self.state.repositories.get_mut(id).and_then(|at| at.hooks.get_mut(&hook)),
            Owner::App(app) => self.state.app_hooks.get_mut(&app),
        };
        if let Some(hook) = hook {
            hook.last_response = Some(outcome.status);
        }
    }
}
