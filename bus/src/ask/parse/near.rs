//! Words that are almost an order.

use super::{Address, Parsed, verb::NAMES, which};

/// From this length on a word that nobody addressed to us is looked at: short ones are near to too many others.
const LONG_ENOUGH: usize = 5;

/// A first word that is none of ours.
pub(super) fn near(address: Address, word: &str, tail: &str) -> Parsed {
    let about = which(tail);
    let lower = word.to_lowercase();
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

/// The word of ours that is nearest; one that is the beginning, as of `cancelled`, before all others.
fn nearest(word: &str) -> (usize, &'static str) {
    let found = NAMES.into_iter().min_by_key(|name| (!word.starts_with(name), distance(word, name)));
    found.map_or((usize::MAX, "help"), |name| (distance(word, name), name))
}

/// How many letters have to be put in, left out, changed or swapped with their neighbour. No word of ours is long, so that
/// whatever is much longer is far.
fn distance(word: &str, name: &str) -> usize {
    let (word, name): (Vec<char>, Vec<char>) = (word.chars().take(16).collect(), name.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (n, letter) in word.iter().enumerate() {
        let mut next = vec![n + 1];
        for (m, wanted) in name.iter().enumerate() {
            let at = |row: &[usize], m: usize| row.get(m).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&row, m) + usize::from(letter != wanted);
            let least = changed.min(at(&row, m + 1) + 1).min(at(&next, m) + 1);
            let crossed = n > 0 && m > 0 && word.get(n - 1) == Some(wanted) && name.get(m - 1) == Some(letter);
            next.push(if crossed { least.min(at(&before, m - 1) + 1) } else { least });
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_one() {
        for word in ["retyr", "rety", "rettry", "retr", "ratry", "eretry"] {
            assert_eq!(distance(word, "retry"), 1, "{word}");
        }
        assert_eq!(distance("retry", "retry"), 0);
        assert_eq!(distance("", "hold"), 4);
        assert_eq!(distance("landed", "land"), 2);
    }
}
