//! Who may push to a protected branch.

use std::collections::BTreeSet;

use http::StatusCode;
use serde::Deserialize;

use crate::world::{
    account::Kind,
    answer::{self, Answer},
    call::Call,
    id::{AccountId, AppId},
    protection::Pushers,
    refusal::{Refusal, Stop},
    render,
};

/// By login and slug. There are no teams here, so whoever names one names nothing.
#[derive(Deserialize)]
pub(super) struct NewPushers {
    users: Vec<String>,
    teams: Vec<String>,
    #[serde(default)]
    apps: Vec<String>,
}

impl NewPushers {
    pub(super) fn pushers(&self, call: &Call<'_>) -> Result<Pushers, Refusal> {
        let owner = call.state.accounts.get(call.repository()?.owner);
        if owner.is_none_or(|owner| owner.kind != Kind::Organization) {
            let message = "Only organization repositories can have users and team restrictions";
            return Err(Refusal::unprocessable(message));
        }
        if let Some(team) = self.teams.first() {
            return Err(nobody("team", team));
        }
        Ok(Pushers { users: people(call, &self.users)?, apps: apps(call, &self.apps)? })
    }
}

fn nobody(kind: &str, name: &str) -> Refusal {
    Refusal::unprocessable(format!("There is no {kind} {name} that may write here."))
}

fn people(call: &Call<'_>, logins: &[String]) -> Result<BTreeSet<AccountId>, Refusal> {
    let person = |login: &String| call.state.accounts.named(login).map(|account| account.id);
    logins.iter().map(|login| person(login).ok_or_else(|| nobody("user", login))).collect()
}

fn apps(call: &Call<'_>, slugs: &[String]) -> Result<BTreeSet<AppId>, Refusal> {
    let app = |slug: &String| call.state.apps.slug(slug).map(|app| app.id);
    slugs.iter().map(|slug| app(slug).ok_or_else(|| nobody("App", slug))).collect()
}

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Pushers, Refusal> {
    super::named(call)?.pushers.as_ref().ok_or_else(not_enabled)
}

fn not_enabled() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "Push restrictions not enabled")
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let restrictions = render::protection::Restrictions::of(call.state, &super::url(call)?, named(call)?);
    Ok(answer::ok(&restrictions))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    super::named_mut(call)?.pushers.take().ok_or_else(not_enabled)?;
    Ok(answer::no_content())
}

/// Which of the lists.
#[derive(Clone, Copy)]
pub(super) enum Who {
    Users,
    Apps,
}

/// What becomes of a list.
#[derive(Clone, Copy)]
pub(super) enum How {
    Add,
    Set,
    Remove,
}

pub(super) fn list(call: &mut Call<'_>, who: Who) -> Result<Answer, Stop> {
    let pushers = named(call)?;
    Ok(match who {
        Who::Users => answer::ok(&render::protection::users(call.state, pushers)),
        Who::Apps => answer::ok(&render::protection::apps(call.state, pushers)),
    })
}

/// GitHub takes the list by itself, too.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Users { users: Vec<String> },
    Apps { apps: Vec<String> },
    Bare(Vec<String>),
}

pub(super) fn change(call: &mut Call<'_>, who: Who, how: How) -> Result<Answer, Stop> {
    let (Told::Users { users: told } | Told::Apps { apps: told } | Told::Bare(told)) = call.body()?;
    named(call)?;
    match who {
        Who::Users => {
            let told = people(call, &told)?;
            turn(&mut named_mut(call)?.users, told, how);
        }
        Who::Apps => {
            let told = apps(call, &told)?;
            turn(&mut named_mut(call)?.apps, told, how);
        }
    }
    list(call, who)
}

fn named_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Pushers, Refusal> {
    super::named_mut(call)?.pushers.as_mut().ok_or_else(not_enabled)
}

fn turn<T: Ord>(known: &mut BTreeSet<T>, told: BTreeSet<T>, how: How) {
    match how {
        How::Add => known.extend(told),
        How::Set => *known = told,
        How::Remove => known.retain(|one| !told.contains(one)),
    }
}
