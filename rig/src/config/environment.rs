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

/// The sections that say what this machine has, whatever is run on it.
const OF_THE_MACHINE: [&str; 2] = ["SERVERS__", "HEALTH__"];

/// Those of the variables that say what this machine has.
pub(super) fn of_the_machine() -> Ours {
    ours().into_iter().filter(|(name, _)| is_of_the_machine(name)).collect()
}

/// The variables that say something else: what runs by a configuration of its own does not hand them on.
pub(crate) fn not_of_the_machine() -> Vec<String> {
    ours().into_keys().filter(|name| !is_of_the_machine(name)).collect()
}

fn is_of_the_machine(name: &str) -> bool {
    let said = name.strip_prefix(PREFIX).unwrap_or_default().to_uppercase();
    OF_THE_MACHINE.iter().any(|section| said.starts_with(section))
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
