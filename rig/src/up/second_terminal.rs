//! The commands for a second terminal, in full: to be copied, from whichever folder.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use crate::{
    home::{Home, UpFile},
    screen::{self, FAINT},
};

/// Tells them.
pub(super) fn tell(home: &Home, up: &UpFile, psql: &Path) {
    screen::say(&format!("  {FAINT}home{FAINT:#}  {}, with logs/ and secrets/\n", home.path().display()));
    screen::say("  Open a second terminal:\n");
    for (word, command) in commands(&rig(), home.path(), up, psql) {
        screen::say(&format!("  {word:<7} {command}"));
    }
    screen::say("\n  Ctrl-C here stops everything; what was stored is there again at the next start.");
}

fn commands(rig: &Path, home: &Path, up: &UpFile, psql: &Path) -> Vec<(&'static str, String)> {
    let rig = |command: &str| format!("{} {command} --home {}", quoted(rig), quoted(home));
    let mut commands = vec![("Listen", rig("tail")), ("Look", rig("status"))];
    if up.webhooks.is_some() {
        commands.insert(0, ("Talk", rig("chat")));
    }
    commands.push(("Rows", format!("{} \"$(cat {})\"", quoted(psql), quoted(&up.files.postgres_url))));
    commands
}

/// This program, as it can be started again.
fn rig() -> PathBuf {
    std::env::current_exe().map_or_else(|_| PathBuf::from("rig"), without_mark)
}

/// A program that was built anew while it ran is marked so by Linux; at its path stands the new one.
fn without_mark(program: PathBuf) -> PathBuf {
    program.to_str().and_then(|path| path.strip_suffix(" (deleted)")).map(PathBuf::from).unwrap_or(program)
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,".contains(c);
    if text.chars().all(is_plain) { text } else { Cow::Owned(format!("'{}'", text.replace('\'', r"'\''"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_built_anew_is_named_by_its_path() {
        assert_eq!(without_mark("/srv/bin/rig (deleted)".into()), Path::new("/srv/bin/rig"));
        assert_eq!(without_mark("/srv/bin/rig".into()), Path::new("/srv/bin/rig"));
    }

    #[test]
    fn paths_survive_a_shell() {
        assert_eq!(quoted(Path::new("/srv/rig-1/.rig")), "/srv/rig-1/.rig");
        assert_eq!(quoted(Path::new("/my home/it's $1")), r"'/my home/it'\''s $1'");
    }
}
