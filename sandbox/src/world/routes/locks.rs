//! A conversation is locked, and opened again.

use http::Method;
use serde::Deserialize;

use super::issues::{
    named,
    telling::{note, tell},
    triage::issue_mut,
};
use crate::world::{
    answer::{self, Answer},
    call::Call,
    history::What,
    lock::LockReason,
    permission::Permission,
    refusal::Stop,
    router::{Route, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::PUT, "/repos/{owner}/{repo}/issues/{issue_number}/lock", write(Permission::Issues), lock),
    route(Method::DELETE, "/repos/{owner}/{repo}/issues/{issue_number}/lock", write(Permission::Issues), unlock),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Why {
    lock_reason: Option<LockReason>,
}

fn lock(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Why { lock_reason } = call.body()?;
    let number = named(call)?.number;
    if std::mem::replace(&mut issue_mut(call, number)?.locked, true) {
        return Ok(answer::no_content());
    }
    if let Some(reason) = lock_reason {
        call.repository_mut()?.issues.lock_reasons.insert(number, reason);
    }
    note(call, number, What::Locked(lock_reason))?;
    tell(call, "locked", number)?;
    Ok(answer::no_content())
}

fn unlock(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let number = named(call)?.number;
    if !std::mem::replace(&mut issue_mut(call, number)?.locked, false) {
        return Ok(answer::no_content());
    }
    call.repository_mut()?.issues.lock_reasons.remove(&number);
    note(call, number, What::Unlocked)?;
    tell(call, "unlocked", number)?;
    Ok(answer::no_content())
}
