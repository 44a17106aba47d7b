//! The repositories that are looked after: our Apps there, the label, the checks, and whether a change may land.

use conductor::{
    github::{
        examine::{Target, Unseen},
        principal::{Need, Principal},
    },
    machine::rules::Autonomy,
};

use super::{Ours, finding::Findings, person};
use crate::{
    config::{Config, Repository},
    exit::Failure,
};

pub(super) async fn look(
    findings: &mut Findings,
    config: &Config,
    repository: &Repository,
    ours: &[Ours],
) -> Result<(), Failure> {
    let mut may_ask = false;
    for app in ours {
        let is_installed = is_installed(findings, &config.github.web, repository, app).await?;
        may_ask |= is_installed && app.principal == Principal::Conductor;
    }
    let conductor = ours.iter().find(|app| app.principal == Principal::Conductor).filter(|_| may_ask);
    let Some(conductor) = conductor else {
        return Ok(());
    };
    label(findings, repository, conductor).await?;
    person::look(findings, &config.operator.name, repository, conductor).await?;
    match conductor.client.target(&repository.name).await {
        Ok(target) => {
            checks(findings, repository, &target)?;
            landing(findings, repository, &target)
        }
        Err(unseen) => findings.unsure(&repository.name, &unseen.to_string(), "rig doctor, once more later"),
    }
}

/// Whether it is there, and may do what it has to.
async fn is_installed(
    findings: &mut Findings,
    web: &str,
    repository: &Repository,
    app: &Ours,
) -> Result<bool, Failure> {
    let (name, login) = (&repository.name, &app.login);
    let installed = match app.client.installed(name).await {
        Ok(installed) => installed,
        Err(Unseen::Absent(_)) => {
            let page = format!("{web}/apps/{}/installations/new", login.trim_end_matches("[bot]"));
            findings.wrong(name, &format!("{login} is not installed there"), &format!("install it: {page}"))?;
            return Ok(false);
        }
        Err(unseen) => {
            findings.unsure(name, &format!("{login}: {unseen}"), "rig doctor, once more later")?;
            return Ok(false);
        }
    };
    let missing = |need: &&Need| {
        let has = installed.permissions.get(need.permission);
        !has.is_some_and(|has| need.access.is_met_by(has))
    };
    let missing: Vec<String> = app
        .principal
        .needs()
        .iter()
        .filter(missing)
        .map(|need| format!("{}: {}", need.permission, need.access.name()))
        .collect();
    if let Some(since) = &installed.suspended_at {
        findings.wrong(
            name,
            &format!("{login} is suspended there since {since}"),
            "wake it under Installed GitHub Apps",
        )?;
    } else if missing.is_empty() {
        findings.good(name, &format!("{login} is there and may do what it has to"))?;
        return Ok(true);
    } else {
        let what = format!("{login} lacks {}", missing.join(", "));
        findings.wrong(name, &what, "add it on the App's page, under Permissions, and accept it in the repository")?;
    }
    Ok(false)
}

async fn label(findings: &mut Findings, repository: &Repository, conductor: &Ours) -> Result<(), Failure> {
    let (name, label) = (&repository.name, &repository.label);
    match conductor.client.has_label(name, label).await {
        Ok(true) => findings.good(name, &format!("has the label `{label}`")),
        Ok(false) => findings.wrong(
            name,
            &format!("has no label `{label}`, so no issue can be given to the Rig by one"),
            &format!("gh label create '{label}' --repo {name}"),
        ),
        Err(unseen) => findings.unsure(name, &format!("its labels: {unseen}"), "rig doctor, once more later"),
    }
}

fn checks(findings: &mut Findings, repository: &Repository, target: &Target) -> Result<(), Failure> {
    let name = &repository.name;
    if repository.checks.is_empty() {
        let what = "no check is named that must be green, so nothing lands";
        return findings.wrong(name, what, &format!("in rig.toml, [[repository]] {name}: checks = [\"…\"]"));
    }
    let unseen: Vec<&str> =
        repository.checks.iter().map(String::as_str).filter(|check| !target.checks.contains(*check)).collect();
    let seen: Vec<&str> = target.checks.iter().map(String::as_str).collect();
    match (unseen.is_empty(), seen.is_empty()) {
        (true, _) => findings.good(name, &format!("its checks were seen: {}", repository.checks.join(", "))),
        (false, true) => findings.unsure(
            name,
            &format!("no check was ever seen there; named are {}", repository.checks.join(", ")),
            "open a pull request and see that its checks are called so",
        ),
        (false, false) => findings.wrong(
            name,
            &format!("the check {} was never seen; there are {}", unseen.join(", "), seen.join(", ")),
            &format!("in rig.toml, [[repository]] {name}: checks = [\"{}\"]", seen.join("\", \"")),
        ),
    }
}

/// What stands in the way of a merge, where the Rig is to merge.
fn landing(findings: &mut Findings, repository: &Repository, target: &Target) -> Result<(), Failure> {
    let (name, base) = (&repository.name, &target.base);
    if repository.autonomy == Autonomy::Watch {
        return findings.good(name, "nothing lands there, as rig.toml says");
    }
    let mut obstacles = of_the_merge(name, target);
    obstacles.extend(of_the_checks(repository, target));
    obstacles.extend(of_the_reviews(name, target));
    for (what, advice) in &obstacles {
        findings.wrong(name, what, advice)?;
    }
    if obstacles.is_empty() {
        findings.good(name, &format!("nothing that can be seen keeps the conductor from merging to {base}"))?;
    }
    Ok(())
}

/// What is in the way, and what to do about it.
type Obstacle = (String, String);

fn settings(name: &str) -> String {
    format!("under Settings, Rules and Branches of {name}")
}

fn of_the_merge(name: &str, target: &Target) -> Vec<Obstacle> {
    let (base, settings) = (&target.base, settings(name));
    let squash = (target.squashes == Some(false)).then(|| {
        ("it does not let a change land as one commit".to_owned(), format!("allow squash merging, {settings}"))
    });
    let forbids = |rule: &&str| target.rules.contains(*rule);
    let rules = ["update", "merge_queue", "required_signatures"].into_iter().filter(forbids).map(|rule| {
        let what = format!("the rule `{rule}` on {base} keeps the conductor from merging");
        (what, format!("let the conductor's App bypass it, {settings}"))
    });
    squash.into_iter().chain(rules).collect()
}

fn of_the_checks(repository: &Repository, target: &Target) -> Option<Obstacle> {
    let (name, base) = (&repository.name, &target.base);
    let more: Vec<&str> =
        target.required.iter().map(String::as_str).filter(|check| !is_waited_for(repository, check)).collect();
    (!more.is_empty()).then(|| {
        let what = format!("GitHub waits on {base} for checks that the Rig does not: {}", more.join(", "));
        (what, format!("name them in rig.toml, [[repository]] {name}: checks"))
    })
}

fn of_the_reviews(name: &str, target: &Target) -> impl Iterator<Item = Obstacle> {
    let (base, settings) = (&target.base, settings(name));
    let approvals = (target.approvals > 1).then(|| {
        let what = format!("GitHub waits on {base} for {} approvals, and there is one reviewer", target.approvals);
        (what, format!("ask for one, {settings}; or review beside it"))
    });
    let owners = target.wants_owners.then(|| {
        let what = format!("GitHub waits on {base} for the owners of code, and an App is nobody's owner");
        (what, format!("let the conductor's App bypass that, {settings}; or approve beside it"))
    });
    let remarks = target.wants_resolved.then(|| {
        let what = format!("GitHub waits on {base} until each remark is resolved, and the Rig resolves none");
        (what, format!("do not require conversation resolution, {settings}; or resolve them"))
    });
    [approvals, owners, remarks].into_iter().flatten()
}

/// The Rig's own gate is a check too.
fn is_waited_for(repository: &Repository, check: &str) -> bool {
    check == "rig / gate" || repository.checks.iter().any(|known| known == check)
}
