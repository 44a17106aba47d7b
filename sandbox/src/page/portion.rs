//! A long list, a portion at a time.

use maud::{Markup, html};

use super::address::Address;

/// A portion has so many.
const SIZE: usize = 30;

/// What of a list is shown.
pub(super) struct Portion<'a, T> {
    pub(super) items: Vec<T>,
    address: &'a Address,
    name: &'static str,
    number: usize,
    last: usize,
}

impl<'a, T> Portion<'a, T> {
    /// The portion that the address asks for by this name; one beyond the last is empty.
    pub(super) fn of(address: &'a Address, name: &'static str, all: impl IntoIterator<Item = T>) -> Self {
        let number = address.said(name).and_then(|number| number.parse().ok()).unwrap_or(1_usize).max(1);
        let skipped = (number - 1).saturating_mul(SIZE);
        let (mut total, mut items) = (0_usize, Vec::new());
        for item in all {
            if total >= skipped && items.len() < SIZE {
                items.push(item);
            }
            total += 1;
        }
        Self { items, address, name, number, last: total.div_ceil(SIZE).max(1) }
    }

    /// The ways to the portions before and after, if there are any.
    pub(super) fn ways(&self) -> Markup {
        let to = |number: usize| self.address.with(self.name, &number.to_string());
        html! {
            @if self.last > 1 || self.number > 1 {
                nav.portions aria-label=(format!("Portions, by {}", self.name)) {
                    @if self.number > 1 { a rel="prev" href=(to((self.number - 1).min(self.last))) { "← Previous" } }
                    span { (self.number) " of " (self.last) }
                    @if self.number < self.last { a rel="next" href=(to(self.number + 1)) { "Next →" } }
                }
            }
        }
    }
}
