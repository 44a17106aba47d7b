//! The one place that reads the environment.

use std::{collections::HashMap, ffi::OsString};

/// Configuration from the environment: names as they were set, with their values.
pub(super) type Ours = HashMap<String, String>;

/// What marks a variable as configuration. `RIG_HOME` and `RIG_CONFIG` are arguments of the command line, not this.
pub(super) const PREFIX: &str = "RIG__";

/// The variables that configure the rig.
#[expect(clippy::disallowed_methods, reason = "the one lawful reader of the environment: the start of the program")]
pub(super) fn ours() -> Ours {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect()
}

/// Where programs are sought: what agents' programs and git are started with.
#[expect(clippy::disallowed_methods, reason = "the one lawful reader of the environment: the start of the program")]
pub(crate) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into())
}

/// The variable that sets a key: `ingest.listen` is `RIG__INGEST__LISTEN`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}
