//! What goes between a terminal and its door.

use bus::RecordId;
use serde::{Deserialize, Serialize};

/// A request to say something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// The room, as people write it.
    pub room: String,
    /// The words.
    pub text: String,
    /// The record's id: asked again with the same one, the words stand once. Without it the door draws one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RecordId>,
}

/// The words are a record, flushed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stored {
    /// Its number in LOG.
    pub sequence: u64,
    /// Its id.
    pub id: RecordId,
}

/// What the door answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Answer {
    /// They are stored.
    Stored(Stored),
    /// They are not.
    Not {
        /// Why, as a sentence for the person.
        error: String,
        /// Whether the same request may succeed another time.
        later: bool,
    },
}

impl Answer {
    pub(super) const fn refused(error: String) -> Self {
        Self::not_stored(error, false)
    }

    pub(super) const fn not_stored(error: String, later: bool) -> Self {
        Self::Not { error, later }
    }
}

/// How the door is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Health {
    /// Whether the channel can be reached from there.
    pub up: bool,
    /// As whom it speaks.
    pub operator: String,
    /// Why the last words could not be stored; nothing when they were. It stays until the next ones are.
    pub trouble: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_read_as_documented() {
        let id = RecordId::of_delivery("guid");
        let stored = serde_json::to_value(Answer::Stored(Stored { sequence: 7, id })).unwrap();
        assert_eq!(stored, serde_json::json!({"sequence": 7, "id": id.to_string()}));
        let refused = serde_json::to_value(Answer::refused("no".to_owned())).unwrap();
        assert_eq!(refused, serde_json::json!({"error": "no", "later": false}));
    }

    #[test]
    fn each_answer_comes_back_as_itself() {
        let id = RecordId::of_delivery("guid");
        for answer in [Answer::Stored(Stored { sequence: 7, id }), Answer::not_stored("full".to_owned(), true)] {
            let bytes = serde_json::to_vec(&answer).unwrap();
            assert_eq!(serde_json::from_slice::<Answer>(&bytes).unwrap(), answer);
        }
    }
}
