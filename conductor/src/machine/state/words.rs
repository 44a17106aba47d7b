//! What people said about items, for whoever works on them.

use std::collections::BTreeMap;

use bus::{RecordId, number::ItemKey, service::run::Word};
use serde::{Deserialize, Serialize};

use super::pairs;
use crate::machine::fact::Said;

/// How many are kept of an item: the last ones.
const KEPT: usize = 16;

/// The longest that is kept of one, in characters.
const LONGEST: usize = 4000;

/// What was said about open items, the oldest first.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Words(#[serde(with = "pairs")] BTreeMap<ItemKey, Vec<Word>>);

impl Words {
    /// Keeps what was said; what comes twice is kept once.
    pub fn note(&mut self, of: ItemKey, said: &Said) {
        let words = self.0.entry(of).or_default();
        if words.iter().any(|word| word.id == said.record) {
            return;
        }
        if words.len() == KEPT {
            words.remove(0);
        }
        let say = said.say.chars().take(LONGEST).collect();
        words.push(Word { id: said.record, who: said.who.clone(), say });
    }

    /// What was said of an item after these words; all, where they are not known.
    #[must_use]
    pub fn after(&self, of: ItemKey, last: Option<RecordId>) -> &[Word] {
        let words = self.0.get(&of).map_or(&[][..], Vec::as_slice);
        let known = words.iter().position(|word| Some(word.id) == last).map_or(0, |at| at + 1);
        words.get(known..).unwrap_or_default()
    }

    /// Forgets what was said of an item.
    pub fn forget(&mut self, of: ItemKey) {
        self.0.remove(&of);
    }
}

#[cfg(test)]
mod tests {
    use bus::number::{IssueNumber, RepositoryId};

    use super::*;

    #[test]
    fn the_last_words_are_kept_each_once() {
        let (mut words, of) = (Words::default(), ItemKey { repository: RepositoryId(1), issue: IssueNumber(2) });
        let said = |n: u128| Said {
            record: RecordId::from(uuid::Uuid::from_u128(n)),
            who: "nora".to_owned(),
            repository: "acme/site".to_owned(),
            issue: of.issue,
            say: n.to_string(),
        };
        (0..20).chain(10..20).for_each(|n| words.note(of, &said(n)));
        let after = |last| words.after(of, last).iter().map(|word| word.say.clone()).collect::<Vec<_>>();
        assert_eq!(after(None), (4..20).map(|n| n.to_string()).collect::<Vec<_>>());
        assert_eq!(after(Some(said(17).record)), ["18", "19"]);
        assert_eq!(after(Some(said(2).record)).len(), KEPT, "the ones it was told last are forgotten");
        words.forget(of);
        assert!(words.after(of, None).is_empty());
    }
}
