//! What became of an order.

use bus::{
    RecordId,
    catalogue::{
        cmd::GithubOrder,
        outcome::{End, Left, Look, Refusal},
        work::Standing,
    },
    commit::Oid,
    number::{IssueNumber, ItemKey, PullKey, RepositoryId},
};

use super::{GENERAL, touch_landed};
use crate::machine::{
    order::{Order, Target},
    rules::Rules,
    state::{After, Pending, State, UNKNOWN_WORDS},
    words,
};

pub(super) fn apply_outcome(state: &mut State, rules: &Rules, command: RecordId, end: &End) {
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
            rest_of_gate(state, rules, &order, left);
        }
        End::Refused { why, answer } => {
            apply_refusal(state, rules, &order, *why, answer);
            if *why == Refusal::NotMergeable {
                rest(state, rules, &order, After::Unready);
            }
        }
        End::Failed { .. } => {
            unsay(state, &order);
            rest(state, rules, &order, if is_passing(&order) { After::Words } else { After::Failure });
        }
    }
    touch_order(state, &order);
}

/// GitHub is not asked the same again at once.
fn rest(state: &mut State, rules: &Rules, order: &Order, after: After) {
    let until = state.now + rules.limits.backoff;
    state.outbox.rest(order, until, after);
}

/// That a head still waits: how it ended is said at once, also where this was not taken.
fn is_passing(order: &Order) -> bool {
    let Order::Github { order, .. } = order else {
        return false;
    };
    matches!(order.as_ref(), GithubOrder::Judge { open: false, landed: false, .. })
}

/// What was said stands for a while, but for what asks somebody to act: that is taken back as soon as it is done.
fn rest_of_words(state: &mut State, rules: &Rules, order: &Order) {
    let Order::Github { repository, order: words } = order else {
        return;
    };
    let stands = match words.as_ref() {
        GithubOrder::Tell { thread, .. } => {
            let item = state.item_of_thread(*repository, *thread).and_then(|key| state.items.get(&key));
            !item.is_some_and(|item| matches!(item.course.standing, Standing::Waiting(_)))
        }
        GithubOrder::Judge { open, .. } => !open,
        _ => false,
    };
    if stands {
        state.outbox.rest(order, state.now + rules.limits.words, After::Words);
    }
}

/// A head that we ourselves brought up to date often lands at once, or is brought up to date again: that it waits is said
/// only where it does so for a while.
fn rest_of_gate(state: &mut State, rules: &Rules, order: &Order, left: &Left) {
    let (Order::Github { repository, order }, Left::Commit { commit, .. }) = (order, left) else {
        return;
    };
    let (repository, head) = (*repository, *commit);
    let is_update = matches!(order.as_ref(), GithubOrder::Update { .. });
    if is_update && state.outbox.at(&Target::Gate(repository, head)).is_none() {
        let judge = GithubOrder::Judge { head, open: false, landed: false, summary: String::new() };
        let order = Order::Github { repository, order: Box::new(judge) };
        state.outbox.rest(&order, state.now + rules.limits.words, After::Words);
    }
}

/// What did not come to stand there is said again.
fn unsay(state: &mut State, order: &Order) {
    let Order::Github { repository, order } = order else {
        return;
    };
    match order.as_ref() {
        GithubOrder::Tell { thread, .. } => state.note_told(*repository, *thread, Some(UNKNOWN_WORDS)),
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
    if let GithubOrder::Merge { pull, .. } | GithubOrder::Update { pull, .. } | GithubOrder::Review { pull, .. } =
        order.as_ref()
    {
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
    let who = rules.principals.of(order);
    let say = format!("GitHub refuses {who} to `{}` in {name}: {first}", order.verb().name());
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
pub(super) fn touch_order(state: &mut State, order: &Order) {
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
