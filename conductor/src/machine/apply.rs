//! `apply`: what is known after a record. Total: a record that says nothing new changes nothing.

use bus::{
    RecordId,
    catalogue::{
        agent::Failure,
        cmd::{DeployOrder, GithubOrder},
        outcome::{End, Left, Look, Refusal},
        work::{Course, Leased, Standing, Transition},
    },
    commit::Oid,
    number::{IssueNumber, ItemKey, PullKey, PullNumber, RepositoryId},
};

use super::{
    fact::{Branch, Check, Claim, Fact, Issue, Place, Pull, Record, Review, Says, Tip},
    order::Order,
    rules::Rules,
    state::{After, Ended, Ending, Item, KnownIssue, KnownPull, KnownRepository, Pending, State, digest},
    tell::digest_of_check,
    words,
};

/// The room where everybody is.
const GENERAL: &str = "general";

/// How our own branches begin: `rig/<issue>-<words>`.
pub(super) const OUR_BRANCHES: &str = "rig/";

/// Takes a record over.
pub fn apply(state: &mut State, rules: &Rules, record: &Record) {
    state.now = state.now.max(record.at);
    match &record.fact {
        Fact::Issue(place, issue) => known(state, rules, place, |state| apply_issue(state, rules, place, issue)),
        Fact::Pull(place, pull) => known(state, rules, place, |state| apply_pull(state, place.id, pull)),
        Fact::Review(place, review) => known(state, rules, place, |state| apply_review(state, place.id, review)),
        Fact::Check(place, check) => known(state, rules, place, |state| apply_check(state, place.id, check)),
        Fact::Branch(place, branch) => known(state, rules, place, |state| apply_branch(state, place.id, branch)),
        Fact::Claim(claim) => apply_claim(state, rules, claim),
        Fact::Outcome(command, end) => apply_outcome(state, rules, *command, end),
        Fact::Observed(repository, commit) => {
            if let Some(known) = state.repositories.get_mut(repository) {
                known.shown = Some(*commit);
                touch_landed(state, *repository);
            }
        }
        Fact::Moved(key, transition) => apply_moved(state, *key, transition),
        Fact::Ordered(order) => apply_order(state, record.id, order),
        Fact::Asked(asked) => drop(state.heard.note(asked.record)),
        Fact::Said(said) => state.note_said(said),
        Fact::Tick => {
            for rest in state.outbox.rested(record.at) {
                touch_order(state, &rest.order);
                state.follow.extend((rest.after == After::Failure).then_some(rest.order));
            }
        }
        Fact::Smoked(..) | Fact::Due(_) | Fact::Other => {}
    }
}

/// Only repositories that are looked after are known; a renamed one is the same one.
fn known(state: &mut State, rules: &Rules, place: &Place, then: impl FnOnce(&mut State)) {
    if rules.repository(&place.name).is_none() {
        return;
    }
    let repository = state.repositories.entry(place.id).or_insert_with(|| KnownRepository::new(place));
    repository.name.clone_from(&place.name);
    repository.base.clone_from(&place.default_branch);
    then(state);
}

fn apply_issue(state: &mut State, rules: &Rules, place: &Place, issue: &Issue) {
    let key = ItemKey { repository: place.id, issue: issue.number };
    let next = KnownIssue::of(issue, &place.name);
    if let Some(item) = state.items.get(&key) {
        if next.updated_at >= item.issue.updated_at {
            state.set_issue(key, next);
        }
        return;
    }
    if !issue.open && state.is_awaited(key) {
        state.note_closed(key);
    }
    let label = rules.repository(&place.name).map_or("", |rules| &rules.label);
    let wanted = next.open && next.has(label);
    if !wanted {
        note_unwanted(state, key, &next);
    }
    let begins = match state.ended.get(&key) {
        Some(ended) => begins_again(ended, &next),
        None => state.unwanted.at(key).is_none_or(|unwanted| next.updated_at > unwanted),
    };
    if wanted && begins {
        let ended = state.ended.remove(&key);
        let generation = ended.as_ref().map_or(0, |ended| ended.generation);
        add_item(state, key, next, generation, ended.and_then(|ended| ended.pull));
    }
}

fn note_unwanted(state: &mut State, key: ItemKey, issue: &KnownIssue) {
    match state.ended.get_mut(&key) {
        Some(ended) => ended.unwanted_at = ended.unwanted_at.max(Some(issue.updated_at)),
        None => state.unwanted.note(key, issue.updated_at),
    }
}

/// An item that ended is taken up again only when its issue was closed, or lost its label, and is wanted again since: any
/// other change of the issue, as our own comment on it, says nothing of that.
fn begins_again(ended: &Ended, issue: &KnownIssue) -> bool {
    let wanted_since = ended.unwanted_at.is_some_and(|unwanted| issue.updated_at > unwanted);
    wanted_since && !matches!(ended.end, Ending::Superseded { .. })
}

fn add_item(state: &mut State, key: ItemKey, issue: KnownIssue, generation: u32, spent: Option<PullNumber>) {
    let course = Course {
        standing: Standing::Filed,
        generation,
        strikes: 0,
        resumes: 0,
        rounds: 0,
        repairs: 0,
        merges: 0,
        pull: None,
        hold: None,
        permit: None,
        landed: None,
        asked_for: false,
    };
    state.add_item(key, Item { issue, course, told: None, refused: None, branch: None, spent });
}

fn apply_pull(state: &mut State, repository: RepositoryId, pull: &Pull) {
    let key = PullKey { repository, pull: pull.number };
    let issue = issue_of(state, repository, pull);
    if let (Some(issue), Some(branch)) = (issue, pull.branch.as_deref().filter(|name| issue_of_branch(name).is_some()))
    {
        note_branch(state, ItemKey { repository, issue }, branch);
    }
    if state.pulls.contains_key(&key) {
        state.change_pull(key, |known| known.follow(pull, issue));
    } else {
        state.add_pull(key, KnownPull::of(pull, issue));
    }
    for review in state.take_early(key) {
        apply_review(state, repository, &review);
    }
}

/// The issue that a pull request is for: by our branch, or the one open item that its text closes.
fn issue_of(state: &State, repository: RepositoryId, pull: &Pull) -> Option<IssueNumber> {
    let is_item = |issue: &IssueNumber| state.items.contains_key(&ItemKey { repository, issue: *issue });
    let by_branch = pull.branch.as_deref().and_then(issue_of_branch);
    by_branch.or_else(|| pull.closes.iter().copied().find(is_item)).or_else(|| pull.closes.first().copied())
}

/// The issue that a branch of ours is for.
#[must_use]
pub(super) fn issue_of_branch(branch: &str) -> Option<IssueNumber> {
    let (number, _) = branch.strip_prefix(OUR_BRANCHES)?.split_once('-')?;
    number.parse().ok().map(IssueNumber)
}

fn apply_review(state: &mut State, repository: RepositoryId, review: &Review) {
    let key = PullKey { repository, pull: review.pull };
    if !state.pulls.contains_key(&key) {
        return state.keep_early(key, review.clone());
    }
    if let Some(pull) = state.pulls.get_mut(&key) {
        pull.judge(review);
    }
    state.touch_pull(key);
}

fn apply_check(state: &mut State, repository: RepositoryId, check: &Check) {
    if let Some(known) = state.repositories.get_mut(&repository) {
        known.commits.note_check(check);
    }
    if let Some(pull) = state.pull_with_head(repository, check.head) {
        state.touch_pull(pull);
    }
}

fn apply_branch(state: &mut State, repository: RepositoryId, branch: &Branch) {
    let Some(Tip { commit, before, tree, run }) = branch.head.clone() else {
        return;
    };
    let Some(known) = state.repositories.get_mut(&repository) else {
        return;
    };
    known.commits.note_tree(commit, tree, run);
    if branch.name == known.base {
        known.note_landed(before, commit);
        touch_open(state, repository);
    } else if let Some(issue) = issue_of_branch(&branch.name) {
        note_branch(state, ItemKey { repository, issue }, &branch.name);
    }
}

fn note_branch(state: &mut State, key: ItemKey, name: &str) {
    if let Some(item) = state.items.get_mut(&key) {
        item.branch.get_or_insert_with(|| name.to_owned());
        state.agenda.insert(key);
    }
}

/// The base branch moved: whatever waits to land on it is looked at again.
fn touch_open(state: &mut State, repository: RepositoryId) {
    let waits = |standing: &Standing| {
        matches!(standing, Standing::Gated(_) | Standing::Landing(_) | Standing::Waiting(_) | Standing::Deploying(_))
    };
    state.touch(repository, waits);
}

fn touch_landed(state: &mut State, repository: RepositoryId) {
    let waits = |standing: &Standing| {
        matches!(standing, Standing::Deploying(_) | Standing::Verifying(_) | Standing::Waiting(_))
    };
    state.touch(repository, waits);
}

fn apply_claim(state: &mut State, rules: &Rules, claim: &Claim) {
    match &claim.what {
        Says::Alive { resting_until, .. } => {
            state.agents.note(&claim.agent, state.now, *resting_until);
            renew(state, rules, claim);
        }
        Says::Failed(Failure::Saturated { until }) => {
            state.agents.rest(&claim.agent, state.now, *until);
        }
        Says::Claimed | Says::Finished(_) | Says::Failed(_) | Says::GaveUp(_) => {
            state.agents.heard(&claim.agent, state.now);
        }
    }
}

/// A sign of life of whoever holds the lease renews it.
fn renew(state: &mut State, rules: &Rules, claim: &Claim) {
    let Some((key, leased)) = state.lease_of(claim) else {
        return;
    };
    let renewed = Leased { until: state.now + rules.limits.lease, ..leased.clone() };
    if let Some(item) = state.items.get(&key) {
        let course = Course { standing: Standing::Leased(renewed), ..item.course.clone() };
        state.set_course(key, course);
    }
}

fn apply_outcome(state: &mut State, rules: &Rules, command: RecordId, end: &End) {
    let Some(Pending { order, .. }) = state.outbox.close(command) else {
        return;
    };
    match end {
        End::Done { left } => {
            apply_left(state, &order, left);
            if matches!(left, Left::Look(look) if look.mergeable.is_none()) {
                rest(state, rules, &order, After::Unready);
            }
            rest_of_words(state, rules, &order);
        }
        End::Refused { why, answer } => {
            apply_refusal(state, rules, &order, *why, answer);
            if *why == Refusal::NotMergeable {
                rest(state, rules, &order, After::Unready);
            }
        }
        End::Failed { .. } => {
            unsay(state, &order);
            rest(state, rules, &order, After::Failure);
        }
    }
    touch_order(state, &order);
}

/// GitHub is not asked the same again at once.
fn rest(state: &mut State, rules: &Rules, order: &Order, after: After) {
    let until = state.now + rules.limits.backoff;
    state.outbox.rest(order, until, after);
}

/// What was said stands for a while, but for what asks somebody to act: that is taken back as soon as it is done.
fn rest_of_words(state: &mut State, rules: &Rules, order: &Order) {
    let Order::Github { repository, order: words } = order else {
        return;
    };
    let stands = match words.as_ref() {
        GithubOrder::Tell { thread, .. } => {
            let item = state.items.get(&ItemKey { repository: *repository, issue: IssueNumber(*thread) });
            !item.is_some_and(|item| matches!(item.course.standing, Standing::Waiting(_)))
        }
        GithubOrder::Judge { open, .. } => !open,
        _ => false,
    };
    if stands {
        state.outbox.rest(order, state.now + rules.limits.words, After::Words);
    }
}

/// What did not come to stand there is said again.
fn unsay(state: &mut State, order: &Order) {
    let Order::Github { repository, order } = order else {
        return;
    };
    match order.as_ref() {
        GithubOrder::Tell { thread, .. } => state.note_told(*repository, *thread, None),
        GithubOrder::Judge { head, .. } => state.note_judged(*repository, *head, None),
        _ => {}
    }
}

fn apply_left(state: &mut State, order: &Order, left: &Left) {
    let Order::Github { repository, order } = order else {
        return;
    };
    match left {
        Left::Look(look) => apply_look(state, *repository, look),
        Left::Commit { commit, tree } => apply_commit(state, *repository, order, *commit, *tree),
        Left::Issue { issue, url } => note_filed(state, *repository, order, *issue, url.as_deref()),
        Left::Nothing | Left::Pull { .. } => {}
    }
}

/// Whoever had it filed hears of it where they asked.
fn note_filed(state: &mut State, repository: RepositoryId, order: &GithubOrder, issue: IssueNumber, url: Option<&str>) {
    let GithubOrder::File { title, origin: Some(origin), .. } = order else {
        return;
    };
    let name = state.name_of(ItemKey { repository, issue });
    let at = url.map(|url| format!(" · {url}")).unwrap_or_default();
    state.follow.extend(words::said(origin, repository, format!("{name} is filed: {title}{at}")));
}

/// A refusal tells something of the pull request, so that what was read back of it no longer holds; or that the item
/// cannot go on this way at all (F-043).
fn apply_refusal(state: &mut State, rules: &Rules, order: &Order, why: Refusal, answer: &str) {
    let Order::Github { repository, order } = order else {
        return;
    };
    if let GithubOrder::Merge { pull, .. } | GithubOrder::Update { pull, .. } = order.as_ref() {
        let key = PullKey { repository: *repository, pull: *pull };
        state.change_pull(key, |known| match (why, &mut known.look) {
            (Refusal::Conflict, Some(look)) => look.mergeable = Some(false),
            (_, look) => *look = None,
        });
    }
    if !matches!(why, Refusal::Forbidden | Refusal::Invalid | Refusal::Gone) {
        return;
    }
    let name = state.repositories.get(repository).map_or("", |known| &known.name);
    let first = answer.lines().next().unwrap_or_default();
    let say = format!("GitHub refuses `{}` in {name}: {first}", order.verb().name());
    if let Some(item) = needed_by(state, *repository, order).and_then(|key| state.items.get_mut(&key)) {
        item.refused = Some(say);
    } else if let GithubOrder::File { title, origin, .. } = order.as_ref() {
        let say = format!("{say}. \"{title}\" is not filed.");
        let elsewhere = origin.as_ref().filter(|origin| origin.room != GENERAL);
        state.follow.extend(elsewhere.into_iter().flat_map(|origin| words::said(origin, *repository, say.clone())));
        let whom = &rules.operator;
        let push = vec![whom.clone()];
        state.follow.push(Order::Say { room: GENERAL.to_owned(), say: format!("@{whom} {say}"), push });
    }
}

/// The item that cannot go on without an order; nothing where it can.
fn needed_by(state: &State, repository: RepositoryId, order: &GithubOrder) -> Option<ItemKey> {
    let issue = match order {
        GithubOrder::Open { issue, .. } => *issue,
        GithubOrder::Review { pull, .. }
        | GithubOrder::Look { pull, .. }
        | GithubOrder::Update { pull, .. }
        | GithubOrder::Merge { pull, .. } => state.pulls.get(&PullKey { repository, pull: *pull })?.issue?,
        GithubOrder::File { .. }
        | GithubOrder::Close { .. }
        | GithubOrder::Tell { .. }
        | GithubOrder::Answer { .. }
        | GithubOrder::Judge { .. } => return None,
    };
    Some(ItemKey { repository, issue })
}

fn apply_look(state: &mut State, repository: RepositoryId, look: &Look) {
    if let Some(known) = state.repositories.get_mut(&repository) {
        known.commits.note_tree(look.head, look.tree, look.run);
        known.note_base(look.base);
    }
    state.change_pull(PullKey { repository, pull: look.pull }, |known| known.look(look.clone()));
}

fn apply_commit(state: &mut State, repository: RepositoryId, order: &GithubOrder, commit: Oid, tree: Oid) {
    if let Some(known) = state.repositories.get_mut(&repository) {
        known.commits.note_tree(commit, tree, None);
        if matches!(order, GithubOrder::Merge { .. }) {
            known.note_landed(None, commit);
        }
    }
    if let GithubOrder::Update { pull, head } = order {
        state.change_pull(PullKey { repository, pull: *pull }, |known| known.note_update(*head, commit));
    }
}

/// Whatever an order was about is looked at again.
fn touch_order(state: &mut State, order: &Order) {
    match order {
        Order::Github { repository, order } => match order.as_ref() {
            GithubOrder::Open { issue, .. } => {
                state.agenda.insert(ItemKey { repository: *repository, issue: *issue });
            }
            GithubOrder::Review { pull, .. }
            | GithubOrder::Look { pull, .. }
            | GithubOrder::Update { pull, .. }
            | GithubOrder::Close { pull, .. }
            | GithubOrder::Merge { pull, .. } => state.touch_pull(PullKey { repository: *repository, pull: *pull }),
            GithubOrder::Judge { head, .. } => {
                if let Some(pull) = state.pull_with_head(*repository, *head) {
                    state.touch_pull(pull);
                }
            }
            GithubOrder::Tell { thread, .. } => state.touch_thread(*repository, *thread),
            GithubOrder::File { .. } | GithubOrder::Answer { .. } => {}
        },
        Order::Deploy { repository, .. } => touch_landed(state, *repository),
        Order::Agent { .. } | Order::Say { .. } => {}
    }
}

fn apply_moved(state: &mut State, key: ItemKey, transition: &Transition) {
    state.set_course(key, transition.course.clone());
}

fn apply_order(state: &mut State, id: RecordId, order: &Order) {
    if let Order::Github { repository, order } = order {
        match order.as_ref() {
            GithubOrder::Tell { thread, text } => state.note_told(*repository, *thread, Some(digest(&[text]))),
            GithubOrder::Judge { head, summary, open, landed } => {
                state.note_judged(*repository, *head, Some(digest_of_check(summary, *open, *landed)));
            }
            GithubOrder::Merge { pull, head, .. } => {
                if let Some(known) = state.pulls.get_mut(&PullKey { repository: *repository, pull: *pull }) {
                    known.ordered = Some(*head);
                }
            }
            GithubOrder::Close { pull, by } => {
                if let Some(known) = state.pulls.get_mut(&PullKey { repository: *repository, pull: *pull }) {
                    known.replaced = Some(*by);
                }
            }
            _ => {}
        }
    }
    if let Order::Deploy { repository, order: DeployOrder::Smoke { commit } } = order {
        state.note_smoke_ordered(*repository, *commit);
    }
    let now = state.now;
    state.outbox.open(id, order.clone(), now);
}
