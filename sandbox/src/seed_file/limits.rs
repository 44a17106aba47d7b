//! How much may be asked of the world.

use toml::Value;

use crate::{
    workflow::table::{Reader, number, text},
    world::Limits,
};

const KEYS: &str = "person, installation, anonymous, searches, made_in_a_minute and made_in_an_hour";

/// GitHub's limits, none, or GitHub's with some of them changed.
pub(super) fn read(reader: &mut Reader<'_>) -> Limits {
    if reader.is_text("limits") {
        return reader.optional("limits", named).unwrap_or_default();
    }
    let mut limits = Limits::default();
    let Some(mut inside) = reader.within("limits") else { return limits };
    let Limits { person, installation, anonymous, searches, made_in_a_minute, made_in_an_hour } = &mut limits;
    for (key, limit) in [
        ("person", person),
        ("installation", installation),
        ("anonymous", anonymous),
        ("searches", searches),
        ("made_in_a_minute", made_in_a_minute),
        ("made_in_an_hour", made_in_an_hour),
    ] {
        if let Some(said) = inside.optional(key, number) {
            *limit = said;
        }
    }
    inside.finish(KEYS);
    limits
}

fn named(value: Value) -> Result<Limits, String> {
    match text(value)?.as_str() {
        "github" => Ok(Limits::default()),
        "none" => Ok(Limits::NONE),
        other => Err(format!("{other:?} is unknown; there are \"github\", \"none\", and a table of {KEYS}")),
    }
}
