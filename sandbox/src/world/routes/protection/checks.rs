//! The checks that a protection requires.

use http::StatusCode;
use serde::Deserialize;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    id::AppId,
    protection::{RequiredCheck, RequiredChecks},
    refusal::{Refusal, Stop},
    render,
};

#[derive(Deserialize)]
pub(super) struct NewChecks {
    strict: Option<bool>,
    contexts: Option<Vec<String>>,
    checks: Option<Vec<NewCheck>>,
}

#[derive(Deserialize)]
struct NewCheck {
    context: String,
    /// -1 is any App.
    app_id: Option<i64>,
}

impl NewChecks {
    pub(super) fn required(self) -> RequiredChecks {
        let mut required = RequiredChecks::default();
        self.change(&mut required);
        required
    }

    /// `contexts` is the older spelling of `checks`, which wins where it says something.
    fn change(self, required: &mut RequiredChecks) {
        let Self { strict, contexts, checks } = self;
        required.strict = strict.unwrap_or(required.strict);
        let named: Option<Vec<_>> = contexts.map(|contexts| contexts.into_iter().map(by_anyone).collect());
        let by_app: Option<Vec<_>> = checks.map(|checks| checks.into_iter().map(RequiredCheck::from).collect());
        if let Some(checks) = by_app.filter(|checks| !checks.is_empty()).or(named) {
            required.checks.clear();
            checks.into_iter().for_each(|check| add(&mut required.checks, check));
        }
    }
}

fn by_anyone(context: String) -> RequiredCheck {
    RequiredCheck { context, app_id: None }
}

fn add(checks: &mut Vec<RequiredCheck>, check: RequiredCheck) {
    if !checks.contains(&check) {
        checks.push(check);
    }
}

impl From<NewCheck> for RequiredCheck {
    fn from(check: NewCheck) -> Self {
        let app_id = check.app_id.and_then(|id| u64::try_from(id).ok()).map(AppId);
        Self { context: check.context, app_id }
    }
}

fn named<'a>(call: &'a Call<'_>) -> Result<&'a RequiredChecks, Refusal> {
    super::named(call)?.checks.as_ref().ok_or_else(not_enabled)
}

fn named_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut RequiredChecks, Refusal> {
    super::named_mut(call)?.checks.as_mut().ok_or_else(not_enabled)
}

fn not_enabled() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "Required status checks not enabled")
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::protection::Checks::of(&super::url(call)?, named(call)?)))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let new: NewChecks = call.body()?;
    new.change(named_mut(call)?);
    get(call)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    super::named_mut(call)?.checks.take().ok_or_else(not_enabled)?;
    Ok(answer::no_content())
}

pub(super) fn contexts(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let contexts: Vec<&str> = named(call)?.checks.iter().map(|check| check.context.as_str()).collect();
    Ok(answer::ok(&contexts))
}

/// GitHub takes the list by itself, too.
#[derive(Deserialize)]
#[serde(untagged)]
enum Contexts {
    Named { contexts: Vec<String> },
    Bare(Vec<String>),
}

fn told(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    match call.body()? {
        Contexts::Named { contexts } | Contexts::Bare(contexts) => Ok(contexts),
    }
}

pub(super) fn add_contexts(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let told = told(call)?;
    let required = named_mut(call)?;
    told.into_iter().for_each(|context| add(&mut required.checks, by_anyone(context)));
    contexts(call)
}

pub(super) fn set_contexts(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let told = told(call)?;
    named_mut(call)?.checks.clear();
    let required = named_mut(call)?;
    told.into_iter().for_each(|context| add(&mut required.checks, by_anyone(context)));
    contexts(call)
}

pub(super) fn remove_contexts(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let told = told(call)?;
    named_mut(call)?.checks.retain(|check| !told.contains(&check.context));
    contexts(call)
}
