//! Rulesets, and the rules that they have for a branch.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::world::{
    answer::{self, Answer},
    before::Before,
    call::Call,
    id::RulesetId,
    page::Page,
    permission::Permission,
    refusal::{Code, Refusal, Stop},
    render,
    router::{Route, read, route, write},
    ruleset::{Bypass, Conditions, Enforcement, Rule, Ruleset, Target},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/rulesets", read(Permission::Metadata), list),
    route(Method::POST, "/repos/{owner}/{repo}/rulesets", write(Permission::Administration), create),
    route(Method::GET, "/repos/{owner}/{repo}/rulesets/{ruleset_id}", read(Permission::Metadata), get),
    route(Method::PUT, "/repos/{owner}/{repo}/rulesets/{ruleset_id}", write(Permission::Administration), update),
    route(Method::DELETE, "/repos/{owner}/{repo}/rulesets/{ruleset_id}", write(Permission::Administration), delete),
    route(Method::GET, "/repos/{owner}/{repo}/rules/branches/{branch}", read(Permission::Metadata), of_branch),
];

/// GitHub asks for ten reviews at most.
const MOST: usize = 10;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    /// Separated by commas; all where it is empty.
    targets: String,
}

fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (filter, at): (Filter, _) = (call.query()?, call.repository()?);
    let wanted = |ruleset: &&Ruleset| {
        filter.targets.is_empty() || filter.targets.split(',').any(|target| target.trim() == ruleset.target.name())
    };
    let page = Page::of(call, at.rulesets.values().filter(wanted))?;
    Ok(page.answer(|ruleset| render::ruleset::Ruleset::of(call.state, at, ruleset)))
}

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Ruleset, Refusal> {
    let id: RulesetId = call.parameter("ruleset_id")?;
    call.repository()?.rulesets.get(&id).ok_or_else(Refusal::not_found)
}

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&shown(call, named(call)?)?))
}

/// Whom it leaves alone is told to those who may change it.
fn shown<'a>(call: &'a Call<'_>, ruleset: &'a Ruleset) -> Result<render::ruleset::Ruleset<'a>, Refusal> {
    let at = call.repository()?;
    let shown = render::ruleset::Ruleset::whole(call.state, at, ruleset).seen_by(call.state, at, ruleset, &call.who);
    let may_change = call.may(Permission::Administration, crate::world::permission::Access::Write);
    Ok(if may_change { shown.with_bypass(ruleset) } else { shown })
}

#[derive(Deserialize)]
struct Wish {
    name: Option<String>,
    target: Option<Target>,
    enforcement: Option<Enforcement>,
    bypass_actors: Option<Vec<Bypass>>,
    conditions: Option<Conditions>,
    rules: Option<Vec<Rule>>,
}

fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wish: Wish = call.body()?;
    lawful(call, &wish, None)?;
    let missing = |field| Refusal::invalid("Ruleset", field, Code::MissingField);
    let Wish { name, target, enforcement, bypass_actors, conditions, rules } = wish;
    let (id, now) = (RulesetId(call.state.draw.id()), call.state.now);
    let ruleset = Ruleset {
        id,
        name: name.ok_or_else(|| missing("name"))?,
        target: target.unwrap_or_default(),
        enforcement: enforcement.ok_or_else(|| missing("enforcement"))?,
        bypass: bypass_actors.unwrap_or_default(),
        conditions: conditions.unwrap_or_default(),
        rules: rules.unwrap_or_default(),
        created_at: now,
        updated_at: now,
    };
    tell(call, "created", &ruleset, None)?;
    let answer = answer::created(&shown(call, &ruleset)?);
    call.repository_mut()?.rulesets.insert(id, ruleset);
    Ok(answer)
}

fn lawful(call: &Call<'_>, wish: &Wish, own: Option<RulesetId>) -> Result<(), Refusal> {
    let mut others = call.repository()?.rulesets.values().filter(|other| Some(other.id) != own);
    if others.any(|other| wish.name.as_ref() == Some(&other.name)) {
        return Err(Refusal::custom("Ruleset", "name", "Name must be unique"));
    }
    if wish.bypass_actors.iter().flatten().any(|bypass| !bypass.is_known(call)) {
        return Err(Refusal::custom("Ruleset", "bypass_actors", "Actor must be somebody"));
    }
    for rule in wish.rules.iter().flatten() {
        if let Rule::PullRequest { parameters } = rule {
            let is_lawful = parameters.required_approving_review_count <= MOST;
            let fault = || Refusal::invalid("Ruleset", "rules", Code::Invalid);
            (is_lawful && !parameters.allowed_merge_methods.is_empty()).then_some(()).ok_or_else(fault)?;
        }
    }
    Ok(())
}

/// What it was before.
#[derive(Default, Serialize)]
struct Changes {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Before<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enforcement: Option<Before<Enforcement>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<ChangedRules>,
}

#[derive(Serialize)]
struct ChangedRules {
    added: Vec<Rule>,
    deleted: Vec<Rule>,
}

impl Changes {
    fn between(before: &Ruleset, after: &Ruleset) -> Self {
        let but = |some: &[Rule], others: &[Rule]| -> Vec<Rule> {
            some.iter().filter(|rule| !others.contains(rule)).cloned().collect()
        };
        let rules =
            || ChangedRules { added: but(&after.rules, &before.rules), deleted: but(&before.rules, &after.rules) };
        Self {
            name: (before.name != after.name).then(|| Before { from: before.name.clone() }),
            enforcement: (before.enforcement != after.enforcement).then_some(Before { from: before.enforcement }),
            rules: (before.rules != after.rules).then(rules),
        }
    }
}

/// What is not named stays.
fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let wish: Wish = call.body()?;
    let before = named(call)?.clone();
    lawful(call, &wish, Some(before.id))?;
    let Wish { name, target, enforcement, bypass_actors, conditions, rules } = wish;
    let known = before.clone();
    let after = Ruleset {
        name: name.unwrap_or(known.name),
        target: target.unwrap_or(known.target),
        enforcement: enforcement.unwrap_or(known.enforcement),
        bypass: bypass_actors.unwrap_or(known.bypass),
        conditions: conditions.unwrap_or(known.conditions),
        rules: rules.unwrap_or(known.rules),
        updated_at: call.state.now,
        ..before.clone()
    };
    call.repository_mut()?.rulesets.insert(after.id, after.clone());
    tell(call, "edited", &after, Some(&Changes::between(&before, &after)))?;
    get(call)
}

fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let gone = named(call)?.clone();
    call.repository_mut()?.rulesets.remove(&gone.id);
    tell(call, "deleted", &gone, None)?;
    Ok(answer::no_content())
}

fn tell(
    call: &mut Call<'_>,
    action: &'static str,
    ruleset: &Ruleset,
    changes: Option<&Changes>,
) -> Result<(), Refusal> {
    call.tell("repository_ruleset", action, changes, |state, at, payload| {
        let shown = render::ruleset::Ruleset::whole(state, at, ruleset).with_bypass(ruleset);
        payload.field("repository_ruleset", &shown);
    })
}

/// The rules that active rulesets have for a branch, whether or not it is there.
fn of_branch(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (at, reference) = (call.repository()?, format!("refs/heads/{}", call.text("branch")?));
    let active = at.rulesets.values().filter(|ruleset| ruleset.enforcement == Enforcement::Active);
    let named = active.filter(|ruleset| ruleset.names(at, &reference));
    let rules = named.flat_map(|ruleset| ruleset.rules.iter().map(move |rule| (ruleset, rule)));
    let page = Page::of(call, rules)?;
    Ok(page.answer(|(ruleset, rule)| render::ruleset::Detailed::of(call.state, at, ruleset, rule)))
}
