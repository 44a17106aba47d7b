//! What is put on GitHub for people: one comment an issue, one a pull request, edited in place; the check `rig / gate`.

use bus::{
    catalogue::{
        cmd::GithubOrder,
        work::{Standing, Waiting},
    },
    number::{ItemKey, PullKey},
};

use super::{
    gate::{self, Case, Verdict},
    order::{Order, Target},
    output::Output,
    rules::Rules,
    state::{Item, State, digest},
    why,
};

/// What is to be said for an item that stays where it is.
pub(super) fn orders(state: &State, rules: &Rules, key: ItemKey, item: &Item) -> Vec<Output> {
    let comment = comment(state, rules, key, item);
    comment.into_iter().chain(check(state, rules, key)).map(Output::Ordered).collect()
}

/// The comment on the issue, where what it would say now is not what it says.
fn comment(state: &State, rules: &Rules, key: ItemKey, item: &Item) -> Option<Order> {
    let text = text(state, rules, key, item);
    let thread = key.issue.0;
    let said = item.told == Some(digest(&[&text])) || state.outbox.is_busy(&Target::Thread(key.repository, thread));
    (!said).then(|| github(key, GithubOrder::Tell { thread, text }))
}

/// Where it stands, without moments: those would make a new text each time.
fn text(state: &State, rules: &Rules, key: ItemKey, item: &Item) -> String {
    let standing = &item.course.standing;
    // GitHub makes a link of `#`, not of our `!`.
    let pull = item.course.pull.map_or_else(String::new, |pull| format!(" · #{}", pull.0));
    let first = format!("**{}**{pull}", standing.name().replace('_', " "));
    match standing {
        Standing::Waiting(waiting @ Waiting { whom, .. }) => format!("{first}\n\n@{whom}: {}", why::need(waiting)),
        Standing::Live { .. } => format!("{first}\n\n{}", rules_site(state, rules, key).unwrap_or_default()),
        _ => first,
    }
}

fn rules_site(state: &State, rules: &Rules, key: ItemKey) -> Option<String> {
    rules.repository(&state.repositories.get(&key.repository)?.name)?.site.clone()
}

/// The check on the head, where what it would say now is not what it says.
fn check(state: &State, rules: &Rules, key: ItemKey) -> Option<Order> {
    let case = Case::of(state, rules, key).filter(|case| case.pull.is_open())?;
    let head = case.pull.head;
    let verdicts = gate::judge(&case);
    let open = verdicts.iter().all(|(_, verdict)| *verdict == Verdict::Pass);
    let lines: Vec<String> = verdicts
        .iter()
        .map(|(name, verdict)| match gate::reason(name, verdict) {
            None => format!("✓ {name}"),
            Some(reason) => format!("✗ {name}: {}", reason.say),
        })
        .collect();
    let summary = lines.join("\n");
    let text = digest(&[&summary, if open { "open" } else { "shut" }]);
    let said = case.pull.judged == Some((head, text)) || state.outbox.is_busy(&Target::Gate(key.repository, head));
    (!said).then(|| github(key, GithubOrder::Judge { head, open, summary }))
}

fn github(key: ItemKey, order: GithubOrder) -> Order {
    Order::Github { repository: key.repository, order: Box::new(order) }
}

/// A pull request of our implementer's that is for no issue is told what to add (F-070).
pub(super) fn stray(state: &State, rules: &Rules, key: PullKey) -> Option<Output> {
    let pull = state.pulls.get(&key)?;
    let text =
        "This pull request names no issue, so it cannot land here. Add a line `Closes #…` to its text.".to_owned();
    let ours = pull.author == rules.principals.implementer;
    let said = pull.told == Some(digest(&[&text])) || state.outbox.is_busy(&Target::Thread(key.repository, key.pull.0));
    let order = GithubOrder::Tell { thread: key.pull.0, text };
    (ours && pull.is_open() && !said)
        .then(|| Output::Ordered(Order::Github { repository: key.repository, order: Box::new(order) }))
}

/// Whether an ended item has said its last word.
pub(super) fn is_over(state: &State, rules: &Rules, key: ItemKey) -> bool {
    let Some(item) = state.items.get(&key).filter(|item| item.course.standing.is_end()) else {
        return false;
    };
    let quiet = !state.outbox.is_busy(&Target::Thread(key.repository, key.issue.0));
    quiet && item.told == Some(digest(&[&text(state, rules, key, item)]))
}
