//! `[[agent]]`: who works here.

use std::fs;

use agents::{
    Character,
    character::{DEV_E, REVIEW_E},
};

use super::reader::Reader;

/// The characters that come along.
const OURS: [(&str, &str); 2] = [("dev-e", DEV_E), ("review-e", REVIEW_E)];

/// The most replicas of one agent: what its consumer may hold at once.
const MOST: u32 = 16;

/// An agent that works here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Agent {
    /// Who it is.
    pub(crate) character: Character,
    /// How many of it work at once at most, here and elsewhere.
    pub(crate) replicas: u32,
}

impl Agent {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let named = reader.required_path("character");
        let replicas = reader.or("replicas", 1, replicas);
        let (text, path) = named?;
        let read = match OURS.iter().find(|(name, _)| *name == text) {
            Some((_, ours)) => Ok((*ours).to_owned()),
            None => fs::read_to_string(&path).map_err(|error| {
                format!("{} cannot be read: {error}; name a file, or dev-e or review-e", path.display())
            }),
        };
        let parsed = read.and_then(|text| Character::parse(&text).map_err(|faults| faults.to_string()));
        let character = parsed.map_err(|what| reader.fault("character", what)).ok()?;
        Some(Self { character, replicas })
    }
}

fn replicas(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count| (1..=MOST).contains(count));
    count.ok_or_else(|| format!("`{text}` is no number of replicas; write 1 to {MOST}"))
}
