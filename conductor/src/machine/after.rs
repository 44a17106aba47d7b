//! After the merge: the landed tree, the target, the smoke test, live.

use bus::{
    catalogue::{
        cmd::DeployOrder,
        work::{Deploying, Kind, Need, Reason, Standing, Verifying, Waiting},
    },
    commit::Oid,
    number::{ItemKey, RepositoryId},
};

use super::{
    fact::Smoke,
    gate::{self, Case},
    matter::Matter,
    order::{Order, Target},
    output::{Output, Step},
    rules::Rules,
    state::{KnownRepository, State},
    turn,
};

/// What follows for an item whose pull request is merged.
pub(super) fn merged(matter: Matter<'_>, commit: Oid) -> Option<Output> {
    let Matter { state, rules, key, item } = matter;
    let repository = state.repositories.get(&key.repository)?;
    match &item.course.standing {
        Standing::Landing(landing) => landed(matter, landing.tree, commit),
        _ if item.course.landed.is_none() => match ordered(state, rules, key) {
            Some(tree) => landed(matter, tree, commit),
            None => Some(by_hand(matter, commit)),
        },
        Standing::Waiting(Waiting { what: Need::Trouble { tried, .. }, .. }) => {
            let another = has_shown(repository, commit).filter(|shown| Some(*shown) != *tried);
            another.and_then(|_| shown(matter, repository, commit))
        }
        Standing::Deploying(_) => taken_back(matter, repository, commit).or_else(|| shown(matter, repository, commit)),
        Standing::Verifying(_) => taken_back(matter, repository, commit),
        _ => None,
    }
}

/// What landed has to be the very tree that was tested (I-06); until the tree is told, nobody says landed.
fn landed(matter: Matter<'_>, tested: Oid, commit: Oid) -> Option<Output> {
    let Matter { state, key, .. } = matter;
    let repository = state.repositories.get(&key.repository)?;
    let tree = repository.commits.get(commit).and_then(|known| known.tree)?;
    if tree != tested {
        let why = format!("{} landed as another tree than the one that was tested", commit.short());
        let stuck = turn::stuck(matter, why, Some(commit)).at(commit);
        return Some(stuck.with(|course| course.landed = Some(commit)).done());
    }
    let say = format!("Landed as {}, the very tree that was tested.", commit.short());
    Some(on_base(matter, commit, Kind::Merged, say))
}

/// The tree of the head that we ordered to be merged, where the merge is seen only after it was no longer expected.
fn ordered(state: &State, rules: &Rules, key: ItemKey) -> Option<Oid> {
    let pull = state.pull_of(key)?;
    let ours = pull.by.as_deref().is_some_and(|by| by.eq_ignore_ascii_case(&rules.principals.conductor));
    let look = pull.look.as_ref().filter(|look| ours && look.head == pull.head)?;
    Some(look.tree)
}

/// Merged, and not by our order: the state follows GitHub, and it is said (F-064, F-075). People merge what they like;
/// only what is ours has to land by our hand, so of that alone it is said which gates were shut.
fn by_hand(matter: Matter<'_>, commit: Oid) -> Output {
    let Matter { state, rules, key, .. } = matter;
    let case = Case::of(state, rules, key);
    let shut = case.map(|case| gate::passed_by(&case)).unwrap_or_default();
    let by = case.and_then(|case| case.pull.by.as_deref()).unwrap_or("somebody");
    let pull = case.map(|case| case.number.to_string()).unwrap_or_default();
    let is_past = !shut.is_empty() && case.is_some_and(|case| case.pull.is_ours);
    let past = if is_past { past(&shut) } else { String::new() };
    let say = format!("{by} merged {pull} as {}{past}.", commit.short());
    let kind = if is_past { Kind::Ungated } else { Kind::Merged };
    step_on_base(matter, commit, kind, say).by(by).with(|course| course.passed_by = shut).done()
}

fn past(shut: &[Reason]) -> String {
    let names: Vec<String> = shut.iter().map(|reason| format!("`{}`", reason.gate)).collect();
    let says: Vec<&str> = shut.iter().map(|reason| reason.say.as_str()).collect();
    format!(", past {}: {}", names.join(", "), says.join("; "))
}

/// A site that shows what came later does not show it: it is not there any more (F-075).
fn taken_back(matter: Matter<'_>, repository: &KnownRepository, commit: Oid) -> Option<Output> {
    let by = repository.taken_back(commit)?;
    let why = format!("{} landed, and was taken back by {}", commit.short(), by.short());
    Some(turn::stuck(matter, why, None).at(commit).done())
}

fn on_base(matter: Matter<'_>, commit: Oid, kind: Kind, say: String) -> Output {
    step_on_base(matter, commit, kind, say).done()
}

fn step_on_base(matter: Matter<'_>, commit: Oid, kind: Kind, say: String) -> Step {
    let Matter { state, rules, key, .. } = matter;
    let standing = match site(state, rules, key.repository) {
        Some(_) => Standing::Deploying(Deploying { commit, since: state.now, until: state.now + rules.limits.deploy }),
        None => Standing::Landed { commit },
    };
    Step::of(matter, kind, say).to(standing).at(commit).with(|course| course.landed = Some(commit))
}

fn site(state: &State, rules: &Rules, repository: RepositoryId) -> Option<String> {
    let name = &state.repositories.get(&repository)?.name;
    rules.repository(name)?.site.clone()
}

/// The commit that the target tells, where that has the landed one.
fn has_shown(repository: &KnownRepository, commit: Oid) -> Option<Oid> {
    repository.shown.filter(|shown| repository.has(*shown, commit))
}

fn shown(matter: Matter<'_>, repository: &KnownRepository, commit: Oid) -> Option<Output> {
    let Matter { state, rules, key, .. } = matter;
    let seen = has_shown(repository, commit)?;
    let say = format!("{} is on the site, at {}.", key.issue, seen.short());
    let standing = Standing::Verifying(Verifying {
        commit: seen,
        tries: 1,
        ordered: is_being_tried(state, key.repository, seen),
        since: state.now,
        until: state.now + rules.limits.smoke,
    });
    Some(Step::of(matter, Kind::Deployed, say).to(standing).at(commit).done())
}

fn is_being_tried(state: &State, repository: RepositoryId, commit: Oid) -> bool {
    let order = state.outbox.at(&Target::Smoke(repository)).map(|pending| &pending.order);
    matches!(order, Some(Order::Deploy { order: DeployOrder::Smoke { commit: tried }, .. }) if *tried == commit)
}

/// What has to be ordered of the probe while an item is on its way to the target, or tried there.
pub(super) fn orders(matter: Matter<'_>) -> Vec<Output> {
    let Matter { state, rules, key, item } = matter;
    let (target, order) = match &item.course.standing {
        Standing::Deploying(deploying) => {
            let known = state.repositories.get(&key.repository).and_then(|repository| repository.shown);
            (Target::Watch(key.repository), DeployOrder::Observe { commit: deploying.commit, known })
        }
        Standing::Verifying(verifying) if !verifying.ordered => {
            (Target::Smoke(key.repository), DeployOrder::Smoke { commit: verifying.commit })
        }
        _ => return Vec::new(),
    };
    if state.outbox.is_busy(&target) || site(state, rules, key.repository).is_none() {
        return Vec::new();
    }
    vec![Output::Ordered(Order::Deploy { repository: key.repository, order })]
}

/// What follows from a try of the target, for every item that waits for one.
pub(super) fn smoked(state: &State, rules: &Rules, repository: RepositoryId, smoke: &Smoke) -> Vec<Output> {
    let Some(known) = state.repositories.get(&repository) else {
        return Vec::new();
    };
    let tried = state.lying(bus::catalogue::work::Place::Gated).filter(|(key, _)| key.repository == repository);
    tried
        .filter_map(|(key, item)| match &item.course.standing {
            Standing::Verifying(verifying) if known.has(smoke.commit, verifying.commit) => {
                Some(judged(Matter { state, rules, key, item }, verifying, smoke))
            }
            _ => None,
        })
        .collect()
}

/// None named is not passed.
fn judged(matter: Matter<'_>, verifying: &Verifying, smoke: &Smoke) -> Output {
    let Matter { state, rules, key, .. } = matter;
    if smoke.failures.is_empty() && smoke.checks > 0 {
        return live(matter, smoke);
    }
    let first = smoke.failures.first().map_or("no check is named", String::as_str);
    let site = site(state, rules, key.repository).unwrap_or_default();
    if verifying.tries >= rules.limits.smokes {
        let why = format!("{site} fails at {} after {} tries: {first}", smoke.commit.short(), verifying.tries);
        return turn::stuck(matter, why, Some(smoke.commit)).done();
    }
    let say = format!(
        "{site} fails at {}: {first}. Once more in {}.",
        smoke.commit.short(),
        turn::span(rules.limits.backoff)
    );
    let next =
        Verifying { commit: smoke.commit, ordered: true, until: state.now + rules.limits.backoff, ..verifying.clone() };
    Step::of(matter, Kind::SmokeFailed, say).to(Standing::Verifying(next)).at(smoke.commit).done()
}

fn live(matter: Matter<'_>, smoke: &Smoke) -> Output {
    let Matter { state, rules, key, .. } = matter;
    let site = site(state, rules, key.repository);
    let say = format!("{} is live: smoke {} of {}.", key.issue, smoke.checks, smoke.checks);
    let standing = Standing::Live { commit: smoke.commit };
    Step::of(matter, Kind::Live, say).to(standing).at(smoke.commit).seen_at(site).done()
}
