//! What was there before a change, as webhooks tell it.

use serde::Serialize;

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Before<T> {
    pub(crate) from: T,
}

impl<T: Default> Before<Option<T>> {
    /// Where webhooks know no `null`.
    pub(crate) fn or_default(self) -> Before<T> {
        Before { from: self.from.unwrap_or_default() }
    }
}

/// What stood in a place, if something else is wished there.
pub(crate) fn replaced<T: PartialEq>(place: &mut T, wish: Option<T>) -> Option<Before<T>> {
    let wish = wish.filter(|wish| wish != place)?;
    Some(Before { from: std::mem::replace(place, wish) })
}
