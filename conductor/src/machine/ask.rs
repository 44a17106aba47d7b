//! What people ask: orders about items, and questions. Always answered in words, where it was asked.

mod act;
mod which;

use bus::{
    ask::{Ask, Order as Wanted, Which, word},
    catalogue::{cmd::GithubOrder, work::Place},
    number::{ItemKey, RepositoryId},
    service::why::Needed,
};

use super::{
    fact::{Asked, Heard},
    matter::Matter,
    order::Order,
    output::Output,
    rules::Rules,
    state::{Ending, State},
    why::{self, why},
    words,
};
pub use which::find;

/// What follows from what a person asks: what is done, and the answer. What is done later is answered later.
pub(super) fn answer(state: &State, rules: &Rules, asked: &Asked) -> Vec<Output> {
    let done = match &asked.heard {
        Heard::Ask(ask) => follows(state, rules, asked, ask),
        Heard::Near(meant) => Err(format!("Did you mean `{meant}`?")),
    };
    match done {
        Ok(Output::Moved(key, kind, transition)) => {
            let say = transition.say.clone();
            let moved = Output::Moved(key, kind, transition);
            std::iter::once(moved).chain(said(asked, say)).collect()
        }
        Ok(ordered) => vec![ordered],
        Err(say) => said(asked, say).collect(),
    }
}

/// The words. Whoever has no say in a repository does not make us write there: their answer stays in the room.
fn said(asked: &Asked, say: String) -> impl Iterator<Item = Output> {
    let orders = match asked.here.filter(|_| asked.may_order) {
        Some(here) => words::said(&asked.origin, here.repository, say),
        None => vec![words::in_room(&asked.origin, say)],
    };
    orders.into_iter().map(Output::Ordered)
}

/// What is done; in words, where nothing is.
fn follows(state: &State, rules: &Rules, asked: &Asked, ask: &Ask) -> Result<Output, String> {
    match ask {
        Ask::File(text) => file(state, rules, asked, text),
        Ask::Status => Err(status(state)),
        Ask::Queue => Err(queue(state)),
        Ask::Inbox => Err(inbox(state, &asked.who)),
        Ask::Help => Err(word::help()),
        Ask::Item(which, order) => about_item(state, rules, asked, which, order),
    }
}

fn file(state: &State, rules: &Rules, asked: &Asked, text: &str) -> Result<Output, String> {
    if !asked.may_order {
        return Err(refused(asked, "file"));
    }
    let id = repository_here(state, rules, asked)?;
    let name = state.repositories.get(&id).map_or("", |repository| &repository.name);
    let label = rules.repository(name).map(|rules| rules.label.clone());
    let (title, body) = text.split_once('\n').unwrap_or((text, ""));
    let order = GithubOrder::File {
        title: title.trim().to_owned(),
        body: body.trim().to_owned(),
        labels: label.into_iter().collect(),
        origin: Some(asked.origin.clone()),
    };
    let order = Order::Github { repository: id, order: Box::new(order) };
    if order.target().is_some_and(|target| state.outbox.is_busy(&target)) {
        return Err("That is being filed already.".to_owned());
    }
    Ok(Output::Ordered(order))
}

/// The repository that goes without saying: the one whose room it is, or the only one that is looked after.
fn repository_here(state: &State, rules: &Rules, asked: &Asked) -> Result<RepositoryId, String> {
    let room = asked.origin.room.as_str();
    let of_item = Which::named(room).and_then(|item| item.repository);
    match (asked.here, of_item, rules.repositories.keys().collect::<Vec<_>>().as_slice()) {
        (Some(here), ..) => Ok(here.repository),
        (None, Some(name), _) => which::repository_named(state, rules, &name),
        (None, None, _) if room.contains('/') => which::repository_named(state, rules, room),
        (None, None, [name]) => which::repository_named(state, rules, name),
        (None, None, []) => Err("No repository is looked after here.".to_owned()),
        (None, None, [name, ..]) => Err(format!("In which repository? Say it in its room, as `{name}`.")),
    }
}

fn refused(asked: &Asked, word: &str) -> String {
    format!("{} may not `{word}` here; an operator may.", asked.who)
}

fn status(state: &State) -> String {
    let count = |place| state.lying(place).count();
    let work = count(Place::Offered) + count(Place::Leased);
    let way = count(Place::Gated);
    format!(
        "{} waiting, {work} in work, {way} on the way to live, {} for a person, {} put aside.",
        count(Place::Queued),
        count(Place::Waiting),
        count(Place::Parked),
    )
}

fn queue(state: &State) -> String {
    let lines: Vec<String> =
        why::queue(state).iter().map(|queued| format!("{} {}", queued.item, queued.title)).collect();
    if lines.is_empty() { "Nothing waits for its turn.".to_owned() } else { lines.join("\n") }
}

fn inbox(state: &State, who: &str) -> String {
    let line = |needed: &Needed| {
        let Needed { item, whom, what, default, until, .. } = needed;
        format!("{item} needs {whom}: {what} · no answer by {}: {default}", why::clock(state, *until))
    };
    let lines: Vec<String> = why::inbox(state).iter().map(line).collect();
    if lines.is_empty() { format!("Nothing needs {who}.") } else { lines.join("\n") }
}

fn about_item(state: &State, rules: &Rules, asked: &Asked, which: &Which, order: &Wanted) -> Result<Output, String> {
    let key = find(state, rules, which, asked.here)?;
    if *order == Wanted::Why {
        return Err(why(state, rules, key).join("\n"));
    }
    if let Some(end) = state.end_of(key) {
        return Err(ended(state, key, &end));
    }
    let Some(matter) = Matter::of(state, rules, key) else {
        return Err(format!("{} is not known here.", state.name_of(key)));
    };
    if order.changes() && !asked.may_order {
        return Err(refused(asked, order.word()));
    }
    act::act(matter, asked, order)
}

/// The first answer stands, and whoever comes after it is told whose it was.
fn ended(state: &State, key: ItemKey, end: &Ending) -> String {
    let name = state.name_of(key);
    match end {
        Ending::Landed { commit } => format!("{name} landed as {}.", commit.short()),
        Ending::Live { commit } => format!("{name} is live at {}.", commit.short()),
        Ending::Superseded { by } => format!("{name} is superseded: {by} stands for it."),
        Ending::Cancelled { because } => format!("{name} is cancelled: {because}."),
    }
}
