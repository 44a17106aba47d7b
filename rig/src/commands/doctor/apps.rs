//! Our Apps: whether each one's key counts, and whether GitHub knows it by the login that stands in `rig.toml`.

use std::fs;

use conductor::github::{
    client::{Client, Identity},
    examine::{Known, Unseen},
    principal::Principal,
};

use futures::future::join_all;

use super::{Ours, finding::Findings};
use crate::{
    config::{self, Apps, Github},
    exit::{Failure, sentence},
};

/// Those that can be asked as.
pub(super) async fn look(findings: &mut Findings, github: &Github, named: &Apps) -> Result<Vec<Ours>, Failure> {
    let of = |principal| match principal {
        Principal::Implementer => &named.implementer,
        Principal::Reviewer => &named.reviewer,
        Principal::Conductor => &named.conductor,
    };
    // At once: where GitHub is away, that is waited for once.
    let asked = Principal::ALL.map(|principal| ask(&github.api, of(principal)));
    let mut ours = Vec::new();
    for (principal, answer) in Principal::ALL.into_iter().zip(join_all(asked).await) {
        match answer {
            Ok((client, known)) => {
                if is_known(findings, principal, of(principal), known, github)? {
                    ours.push(Ours { principal, login: of(principal).login.clone(), client });
                }
            }
            Err(why) => findings.wrong(principal.name(), &why, &again(principal))?,
        }
    }
    Ok(ours)
}

async fn ask(api: &str, app: &config::App) -> Result<(Client, Result<Known, Unseen>), String> {
    let client = client(api, app)?;
    let known = client.known().await;
    Ok((client, known))
}

fn client(api: &str, app: &config::App) -> Result<Client, String> {
    let key = fs::read(&app.key_file).map_err(|error| format!("{} cannot be read: {error}", app.key_file.display()))?;
    Client::new(api, &Identity { app: app.id, key, login: app.login.clone() }).map_err(|error| sentence(&error))
}

fn is_known(
    findings: &mut Findings,
    principal: Principal,
    app: &config::App,
    known: Result<Known, Unseen>,
    github: &Github,
) -> Result<bool, Failure> {
    let (role, api) = (principal.name(), &github.api);
    match known {
        Ok(known) if format!("{}[bot]", known.slug).eq_ignore_ascii_case(&app.login) => {
            told_of(findings, principal, &known, github)?;
            findings.good(role, &format!("GitHub knows App {} as {}", app.id, app.login))?;
            Ok(true)
        }
        Ok(known) => {
            let what = format!("GitHub knows App {} as {}[bot], and rig.toml says {}", app.id, known.slug, app.login);
            findings.wrong(role, &what, &format!("in rig.toml, [github.{role}]: login = \"{}[bot]\"", known.slug))?;
            Ok(false)
        }
        Err(Unseen::Credential(answer) | Unseen::Absent(answer)) => {
            let what = format!("GitHub does not take {} for App {}: {answer}", app.key_file.display(), app.id);
            findings.wrong(role, &what, &again(principal))?;
            Ok(false)
        }
        Err(unseen) => {
            findings.wrong(role, &format!("{api}: {unseen}"), &format!("curl {api}"))?;
            Ok(false)
        }
    }
}

/// What an App is not told of, nobody hears.
fn told_of(findings: &mut Findings, principal: Principal, known: &Known, github: &Github) -> Result<(), Failure> {
    let missing: Vec<&str> =
        principal.events().iter().copied().filter(|event| !known.events.contains(*event)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let what = format!("its App is not told of {}", missing.join(", "));
    let page = format!("{}/permissions", known.settings(&github.web));
    findings.wrong(principal.name(), &what, &format!("tick them at {page}, under Subscribe to events"))
}

fn again(principal: Principal) -> String {
    let role = principal.name();
    format!("draw a new key on the App's page, or take [github.{role}] out: rig github setup --role {role}")
}
