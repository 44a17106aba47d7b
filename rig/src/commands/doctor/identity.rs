//! Whether each role is somebody of its own. It is read from the file as it stands: the configuration as a whole would be
//! refused too, among other faults.

use std::{
    fs,
    path::{Path, PathBuf},
};

use conductor::github::principal::Principal;
use toml_edit::{DocumentMut, Item};

use crate::exit::Failure;

/// What a role is known by.
struct Identity {
    principal: Principal,
    app: Option<i64>,
    login: Option<String>,
    key: Option<PathBuf>,
}

/// Refuses two roles that are one.
pub(super) fn each_role_has_its_own(config: Option<&Path>) -> Result<(), Failure> {
    let path = config.unwrap_or(Path::new("rig.toml"));
    // What cannot be read is told with the configuration.
    let Some(document) = fs::read_to_string(path).ok().and_then(|text| text.parse::<DocumentMut>().ok()) else {
        return Ok(());
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let all = Principal::ALL.map(|principal| Identity::of(principal, &document, folder));
    for (n, one) in all.iter().enumerate() {
        for other in &all[..n] {
            if let Some(shared) = one.shares_with(other) {
                return Err(refused(one.principal, other.principal, shared));
            }
        }
    }
    Ok(())
}

fn refused(one: Principal, other: Principal, shared: &str) -> Failure {
    let (one, other) = (one.name(), other.name());
    Failure::refused(format!("{one} and {other} have the same {shared}: who wrote a change could judge it"))
        .advice(format!("Take [github.{one}] out of rig.toml, then: rig github setup --role {one}"))
}

impl Identity {
    fn of(principal: Principal, document: &DocumentMut, folder: &Path) -> Self {
        let app = document.get("github").and_then(|github| github.get(principal.name()));
        let text = |key: &str| app.and_then(|app| app.get(key)).and_then(Item::as_str);
        let login = text("login").map(|login| login.trim_end_matches("[bot]").to_lowercase());
        let number = app.and_then(|app| app.get("app")).and_then(Item::as_integer);
        Self { principal, app: number, login, key: text("key_file").map(|key| folder.join(key)) }
    }

    /// What both are known by.
    fn shares_with(&self, other: &Self) -> Option<&'static str> {
        let same_key = || {
            let (one, other) = (self.key.as_ref()?, other.key.as_ref()?);
            (one == other || fs::read(one).ok()? == fs::read(other).ok()?).then_some("private key")
        };
        let app = self.app.filter(|app| other.app == Some(*app)).map(|_| "App");
        let login = || self.login.as_ref().filter(|login| other.login.as_ref() == Some(login)).map(|_| "login");
        app.or_else(login).or_else(same_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i_01_an_app_a_login_or_a_key_of_two_roles_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("a", "one"), ("b", "two"), ("copy", "one")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let refusal = |app: i64, login: &str, key: &str| {
            let file = folder.path().join("rig.toml");
            let text = format!(
                "[github.implementer]\napp = 1\nlogin = \"dev-e[bot]\"\nkey_file = \"a\"\n\
                 [github.reviewer]\napp = {app}\nlogin = \"{login}\"\nkey_file = \"{key}\"\n"
            );
            fs::write(&file, text).unwrap();
            each_role_has_its_own(Some(&file)).err().map(|failure| failure.to_string())
        };
        assert_eq!(refusal(2, "review-e[bot]", "b"), None);
        for (app, login, key, shared) in [
            (1, "review-e[bot]", "b", "the same App"),
            (2, "Dev-E", "b", "the same login"),
            (2, "review-e[bot]", "a", "the same private key"),
            (2, "review-e[bot]", "copy", "the same private key"),
        ] {
            let said = refusal(app, login, key).unwrap_or_default();
            assert!(said.starts_with("reviewer and implementer have") && said.contains(shared), "{said}");
        }
    }
}
