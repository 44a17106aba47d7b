//! A matter: one item, and all that may be looked at to decide about it.

use bus::number::ItemKey;

use super::{
    rules::Rules,
    state::{Item, State},
};

/// An item, with what is known and the rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matter<'a> {
    pub(super) state: &'a State,
    pub(super) rules: &'a Rules,
    pub(super) key: ItemKey,
    pub(super) item: &'a Item,
}

impl<'a> Matter<'a> {
    /// The matter of an item that is there.
    pub(super) fn of(state: &'a State, rules: &'a Rules, key: ItemKey) -> Option<Self> {
        Some(Self { state, rules, key, item: state.items.get(&key)? })
    }
}
