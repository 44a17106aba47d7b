//! Words that are almost an order.

use strsim::osa_distance;

use super::{Address, Parsed, Which};
use crate::ask::word::WORDS;

/// From this length on a word that nobody addressed to us is looked at: short ones are near to too many others.
const LONG_ENOUGH: usize = 5;

/// No word of ours is as long as this, so that whatever is longer is far from all of them.
const LONGEST: usize = 16;

/// A first word that is none of ours.
pub(super) fn near(address: Address, word: &str, tail: &str) -> Parsed {
    let about = Which::named(tail);
    let lower: String = word.to_lowercase().chars().take(LONGEST).collect();
    let (distance, name) = nearest(&lower);
    let length = word.chars().count();
    let meant = match address {
        Address::None => {
            distance == 1 && (about.is_some() || (tail.is_empty() && length >= LONG_ENOUGH && name != "file"))
        }
        Address::Name | Address::Command => {
            distance == 1 || (distance == 2 && length > LONG_ENOUGH) || lower.starts_with(name)
        }
    };
    let tail = about.map(|which| format!(" {which}")).unwrap_or_default();
    match address {
        _ if meant => super::near(word, format!("{name}{tail}")),
        Address::Command => super::near(word, "help".to_owned()),
        Address::Name | Address::None => Parsed::None,
    }
}

/// The word of ours that is nearest, by letters put in, left out, changed, or swapped with their neighbour; one
/// that is the beginning, as of `cancelled`, before all others.
fn nearest(word: &str) -> (usize, &'static str) {
    let found =
        WORDS.iter().map(|word| word.name).min_by_key(|name| (!word.starts_with(name), osa_distance(word, name)));
    found.map_or((usize::MAX, "help"), |name| (osa_distance(word, name), name))
}
