//! Webhooks of a repository, and where an App's points.

use std::{collections::BTreeSet, sync::Arc};

use http::Method;
use serde::Deserialize;

use super::apps;
use crate::world::{
    answer::{self, Answer},
    call::Call,
    hook::{Form, Hook, Owner, Target},
    id::HookId,
    page::Page,
    permission::Permission,
    refusal::{Code, Refusal, Stop},
    render,
    router::{Needs, Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/hooks", read(Permission::RepositoryHooks), list),
    route(Method::POST, "/repos/{owner}/{repo}/hooks", write(Permission::RepositoryHooks), create),
    route(Method::GET, "/repos/{owner}/{repo}/hooks/{hook_id}", read(Permission::RepositoryHooks), get),
    route(Method::PATCH, "/repos/{owner}/{repo}/hooks/{hook_id}", write(Permission::RepositoryHooks), update),
    route(Method::DELETE, "/repos/{owner}/{repo}/hooks/{hook_id}", write(Permission::RepositoryHooks), delete),
    route(Method::GET, "/repos/{owner}/{repo}/hooks/{hook_id}/config", read(Permission::RepositoryHooks), config),
    route(Method::PATCH, "/repos/{owner}/{repo}/hooks/{hook_id}/config", write(Permission::RepositoryHooks), point),
    route(Method::POST, "/repos/{owner}/{repo}/hooks/{hook_id}/pings", write(Permission::RepositoryHooks), ping),
    route(Method::POST, "/repos/{owner}/{repo}/hooks/{hook_id}/tests", write(Permission::RepositoryHooks), test),
    route(Method::GET, "/app/hook/config", Needs::App, config),
    route(Method::PATCH, "/app/hook/config", Needs::App, point),
];

/// The webhook that the path names: a repository's, or the one of the App that asks.
pub(super) fn named<'a>(call: &'a Call<'_>) -> Result<&'a Hook, Refusal> {
    match call.repository {
        Some(_) => {
            let id: HookId = call.parameter("hook_id")?;
            call.repository()?.hooks.get(&id).ok_or_else(Refusal::not_found)
        }
        None => call.state.app_hooks.get(&apps::asking(call)?.id).ok_or_else(Refusal::not_found),
    }
}

fn named_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Hook, Refusal> {
    let (id, now, owner) = (named(call)?.id, call.state.now, named(call)?.owner);
    let hook = match owner {
        Owner::Repository(at) => call.state.repository_mut(at)?.hooks.get_mut(&id),
        Owner::App(app) => call.state.app_hooks.get_mut(&app),
    };
    let hook = hook.ok_or_else(Refusal::not_found)?;
    hook.updated_at = now;
    Ok(hook)
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let page = Page::of(call, call.repository()?.hooks.values())?;
    Ok(page.answer(|hook| render::hook::Hook::of(call.state, hook)))
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::hook::Hook::of(call.state, named(call)?)))
}

/// Where a webhook shall point, as far as it is said.
#[derive(Default, Deserialize)]
struct Config {
    url: Option<String>,
    content_type: Option<Form>,
    secret: Option<String>,
    insecure_ssl: Option<Insecure>,
}

/// GitHub takes a text and a number.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Insecure {
    Number(u8),
    Text(Digit),
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Digit {
    #[serde(rename = "0")]
    Zero,
    #[serde(rename = "1")]
    One,
}

impl Config {
    /// What is not said stays.
    fn over(self, before: &Target) -> Result<Target, Refusal> {
        let url = self.url.unwrap_or_else(|| before.url.clone());
        if !(url.starts_with("http://") || url.starts_with("https://")) || url.parse::<http::Uri>().is_err() {
            return Err(Refusal::custom("Hook", "url", "url is missing or is not a valid http(s) address"));
        }
        let insecure = self.insecure_ssl.map(|said| matches!(said, Insecure::Number(1) | Insecure::Text(Digit::One)));
        Ok(Target {
            url,
            secret: self.secret.filter(|secret| !secret.is_empty()).or_else(|| before.secret.clone()),
            form: self.content_type.unwrap_or(before.form),
            insecure: insecure.unwrap_or(before.insecure),
        })
    }
}

const NOWHERE: Target = Target { url: String::new(), secret: None, form: Form::Form, insecure: false };

#[derive(Deserialize)]
struct New {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    config: Config,
    events: Option<BTreeSet<String>>,
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let New { name, config, events, active } = call.body()?;
    if name.is_some_and(|name| name != "web") {
        return Err(Refusal::invalid("Hook", "name", Code::Invalid).into());
    }
    let target = config.over(&NOWHERE)?;
    let events = events.unwrap_or_else(|| BTreeSet::from(["push".to_owned()]));
    let (id, sender) = (call.repository_id()?, call.actor()?);
    let same = |hook: &Hook| hook.target.url == target.url && hook.events == events;
    if call.repository()?.hooks.values().any(same) {
        return Err(Refusal::custom("Hook", "config", "Hook already exists on this repository").into());
    }
    let hook = Hook { active, ..call.state.new_hook(Owner::Repository(id), target, events) };
    call.repository_mut()?.hooks.insert(hook.id, hook.clone());
    if active {
        call.state.ping(&hook, sender);
    }
    Ok(answer::created(&render::hook::Hook::of(call.state, &hook)))
}

#[derive(Deserialize)]
struct Change {
    config: Option<Config>,
    events: Option<BTreeSet<String>>,
    #[serde(default)]
    add_events: BTreeSet<String>,
    #[serde(default)]
    remove_events: BTreeSet<String>,
    active: Option<bool>,
}

fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let change: Change = call.body()?;
    let before = Arc::clone(&named(call)?.target);
    let target = change.config.map(|config| config.over(&before)).transpose()?;
    let hook = named_mut(call)?;
    hook.target = target.map_or(before, Arc::new);
    hook.events = change.events.unwrap_or_else(|| std::mem::take(&mut hook.events));
    hook.events.extend(change.add_events);
    hook.events.retain(|event| !change.remove_events.contains(event));
    hook.active = change.active.unwrap_or(hook.active);
    get(call)
}

fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = named(call)?.id;
    call.repository_mut()?.hooks.remove(&id);
    Ok(answer::no_content())
}

fn config(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&render::hook::Config::of(&named(call)?.target)))
}

fn point(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wanted: Config = call.body()?;
    let target = wanted.over(&named(call)?.target)?;
    named_mut(call)?.target = Arc::new(target);
    config(call)
}

fn ping(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (hook, sender) = (named(call)?.clone(), call.actor()?);
    call.state.ping(&hook, sender);
    Ok(answer::no_content())
}

fn test(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (hook, repository, sender) = (named(call)?.clone(), call.repository_id()?, call.actor()?);
    if hook.wants("push") {
        call.state.try_push(&hook, repository, sender);
    }
    Ok(answer::no_content())
}
