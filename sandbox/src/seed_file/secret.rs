//! A secret that a seed file names but does not hold.

use std::{fmt, fs};

use super::Outside;
use crate::workflow::table::{Reader, text};

/// Larger ones are no secrets.
const LONGEST: usize = 4096;

/// A secret. It is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// What it is, for the one who signs with it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The secret that `secret_file` or `secret_variable` names, if one does.
    pub(super) fn read(reader: &mut Reader<'_>, outside: Outside<'_>) -> Option<Self> {
        let both = reader.has("secret_file") && reader.has("secret_variable");
        let of_file = reader.optional("secret_file", |value| from_file(&text(value)?, outside));
        let of_variable = reader.optional("secret_variable", |value| from_variable(&text(value)?, outside));
        if reader.has("secret") {
            reader.optional("secret", |_| -> Result<(), String> {
                Err("a secret does not stand in this file; name its file (secret_file) or variable (secret_variable)"
                    .into())
            });
        }
        if both {
            reader.fault(Some("secret_variable"), "secret_file is there too; one of them is enough".into());
        }
        of_file.or(of_variable)
    }
}

fn from_file(name: &str, outside: Outside<'_>) -> Result<Secret, String> {
    let path = outside.folder.join(name);
    let text = fs::read_to_string(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    of(text.trim()).map_err(|sentence| format!("{} {sentence}", path.display()))
}

fn from_variable(name: &str, outside: Outside<'_>) -> Result<Secret, String> {
    let value = (outside.variable)(name).ok_or_else(|| format!("the variable {name} is not set"))?;
    of(value.trim()).map_err(|sentence| format!("the variable {name} {sentence}"))
}

fn of(text: &str) -> Result<Secret, &'static str> {
    match text {
        "" => Err("holds nothing"),
        text if text.len() > LONGEST || text.chars().any(char::is_control) => Err("does not hold one line of text"),
        text => Ok(Secret(text.to_owned())),
    }
}
