//! What people ask: orders about items, and questions.

use bus::{
    ask::{Ask, Order as Wanted, Which},
    catalogue::{
        cmd::GithubOrder,
        outcome::PullState,
        work::{Deploying, Gated, Hold, Kind, Need, Parked, Permit, Place, Queued, Standing, Task, Waiting, Why},
    },
    number::{ItemKey, PullKey, PullNumber},
};

use super::{
    fact::Asked,
    order::Order,
    output::{Output, Step},
    rules::Rules,
    settle::to_the_gates,
    state::{Item, State},
    why::{self, why},
};

/// What follows from what a person asks: always an answer.
pub(super) fn answer(state: &State, rules: &Rules, asked: &Asked) -> Vec<Output> {
    match &asked.ask {
        Ask::File(text) => file(state, rules, asked, text),
        Ask::Status => vec![reply(asked, status(state))],
        Ask::Queue => vec![reply(asked, list(state, Place::Queued, "Nothing waits for its turn."))],
        Ask::Inbox => vec![reply(asked, inbox(state, &asked.who))],
        Ask::Help => vec![reply(asked, HELP.to_owned())],
        Ask::Item(which, order) => about_item(state, rules, asked, which, order),
    }
}

const HELP: &str = "file … · status · queue · inbox · why #n · approve · reject … · hold · release · stop · resume · \
retry · cancel · land … because … · help";

fn reply(asked: &Asked, say: String) -> Output {
    Output::Ordered(Order::Say { room: asked.room.clone(), say, push: Vec::new() })
}

fn file(state: &State, rules: &Rules, asked: &Asked, text: &str) -> Vec<Output> {
    if !asked.may_order {
        return vec![refuse(asked, "file")];
    }
    let here = asked.here.map(|key| key.repository);
    let only = || state.repositories.keys().next().copied().filter(|_| state.repositories.len() == 1);
    let Some((id, repository)) = here.or_else(only).and_then(|id| Some((id, state.repositories.get(&id)?))) else {
        return vec![reply(asked, "In which repository? Say `file` in its room.".to_owned())];
    };
    let label = rules.repository(&repository.name).map(|rules| rules.label.clone());
    let (title, body) = text.split_once('\n').unwrap_or((text, ""));
    let order = GithubOrder::File {
        title: title.trim().to_owned(),
        body: body.trim().to_owned(),
        labels: label.into_iter().collect(),
    };
    let order = Order::Github { repository: id, order: Box::new(order) };
    if order.target().is_some_and(|target| state.outbox.is_busy(&target)) {
        return vec![reply(asked, "That is being filed already.".to_owned())];
    }
    vec![Output::Ordered(order)]
}

fn refuse(asked: &Asked, word: &str) -> Output {
    reply(asked, format!("{} may not `{word}` here; an operator may.", asked.who))
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

fn list(state: &State, place: Place, none: &str) -> String {
    let lines: Vec<String> =
        state.lying(place).map(|(key, item)| format!("{} {}", state.name_of(key), item.issue.title)).collect();
    if lines.is_empty() { none.to_owned() } else { lines.join("\n") }
}

fn inbox(state: &State, who: &str) -> String {
    let lines: Vec<String> = state
        .lying(Place::Waiting)
        .filter_map(|(key, item)| match &item.course.standing {
            Standing::Waiting(waiting) => {
                Some(format!("{} needs {}: {}", state.name_of(key), waiting.whom, why::need(waiting)))
            }
            _ => None,
        })
        .collect();
    if lines.is_empty() { format!("Nothing needs {who}.") } else { lines.join("\n") }
}

fn about_item(state: &State, rules: &Rules, asked: &Asked, which: &Which, order: &Wanted) -> Vec<Output> {
    let key = match find(state, asked, which) {
        Ok(key) => item_of_thread(state, key),
        Err(say) => return vec![reply(asked, say)],
    };
    let Some(item) = state.items.get(&key) else {
        let end = state.ended.get(&key).map_or("not known here", |ended| ended.standing.name());
        return vec![reply(asked, format!("{} is {end}.", state.name_of(key)))];
    };
    if *order == Wanted::Why {
        return vec![reply(asked, why(state, rules, key).join("\n"))];
    }
    if !asked.may_order {
        return vec![refuse(asked, order.word())];
    }
    match act(state, rules, key, item, asked, order) {
        Ok(outputs) => outputs,
        Err(say) => vec![reply(asked, say)],
    }
}

/// The item that is meant: the one that is named, the one whose room it is, or the only one there is.
fn find(state: &State, asked: &Asked, which: &Which) -> Result<ItemKey, String> {
    let Some(issue) = which.issue else {
        return asked.here.or_else(|| only_waiting(state)).ok_or_else(|| "Which one? Add its number.".to_owned());
    };
    let named = which.repository.as_deref().and_then(|name| state.repository_named(name)).map(|(id, _)| id);
    if let (None, Some(name)) = (named, &which.repository) {
        return Err(format!("{name} is not looked after here."));
    }
    let here = named.or_else(|| asked.here.map(|key| key.repository));
    if let Some(repository) = here {
        return Ok(ItemKey { repository, issue });
    }
    let having = |repository: &&bus::number::RepositoryId| {
        let key = ItemKey { repository: **repository, issue };
        state.items.contains_key(&key) || state.ended.contains_key(&key)
    };
    let found: Vec<_> = state.repositories.keys().filter(having).collect();
    match found.as_slice() {
        [repository] => Ok(ItemKey { repository: **repository, issue }),
        [] => Err(format!("There is no {issue} here.")),
        _ => Err(format!("There are several {issue}; say its repository, as `acme/site{issue}`.")),
    }
}

/// The item that a thread is about: its own, or the one that a pull request is for. GitHub counts both together.
fn item_of_thread(state: &State, thread: ItemKey) -> ItemKey {
    let pull = PullKey { repository: thread.repository, pull: PullNumber(thread.issue.0) };
    let carried = state.pulls.get(&pull).and_then(|pull| pull.issue);
    carried.filter(|_| !state.items.contains_key(&thread)).map_or(thread, |issue| ItemKey { issue, ..thread })
}

fn only_waiting(state: &State) -> Option<ItemKey> {
    let mut waiting = state.lying(Place::Waiting).map(|(key, _)| key);
    waiting.next().filter(|_| waiting.next().is_none())
}

fn act(
    state: &State,
    rules: &Rules,
    key: ItemKey,
    item: &Item,
    asked: &Asked,
    order: &Wanted,
) -> Result<Vec<Output>, String> {
    let on_its_way =
        matches!(item.course.standing, Standing::Landing(_) | Standing::Deploying(_) | Standing::Verifying(_));
    if on_its_way && matches!(order, Wanted::Stop | Wanted::Cancel)
        || matches!(order, Wanted::Stop) && item.course.landed.is_some()
    {
        return Err(format!("{} is {}; undoing it is a change of its own.", key.issue, item.course.standing.name()));
    }
    let output = match order {
        Wanted::Why => return Ok(Vec::new()),
        Wanted::Approve => approve(state, key, item, asked)?,
        Wanted::Reject(why) => reject(state, key, item, asked, why)?,
        Wanted::Hold => hold(state, key, item, asked),
        Wanted::Release => release(state, key, item, asked)?,
        Wanted::Stop => stop(state, rules, key, item, asked),
        Wanted::Resume => resume(state, rules, key, item, asked)?,
        Wanted::Retry => retry(state, rules, key, item, asked)?,
        Wanted::Cancel => cancel(state, key, item, asked),
        Wanted::Land(because) => land(state, rules, key, item, asked, because)?,
    };
    Ok(vec![output])
}

fn approve(state: &State, key: ItemKey, item: &Item, asked: &Asked) -> Result<Output, String> {
    let Standing::Waiting(Waiting { what: Need::Approval { head }, .. }) = &item.course.standing else {
        return Err(format!("{} asks for no approval; it is {}.", key.issue, item.course.standing.name()));
    };
    let permit = Permit { by: asked.who.clone(), head: *head, because: None };
    Ok(Step::of(state, key, item, Kind::Permitted, format!("{} approved {}.", asked.who, head.short()))
        .at(*head)
        .by(&asked.who)
        .with(|course| course.permit = Some(permit))
        .done())
}

fn reject(state: &State, key: ItemKey, item: &Item, asked: &Asked, why: &str) -> Result<Output, String> {
    if !matches!(&item.course.standing, Standing::Waiting(_)) {
        return Err(format!("{} asks for nothing; it is {}.", key.issue, item.course.standing.name()));
    }
    let because = format!("{} rejected it: {why}", asked.who);
    let say = format!("{} rejected {}: {why}", asked.who, key.issue);
    Ok(Step::of(state, key, item, Kind::Cancelled, say).to(Standing::Cancelled { because }).by(&asked.who).done())
}

fn hold(state: &State, key: ItemKey, item: &Item, asked: &Asked) -> Output {
    let hold = Hold { by: asked.who.clone(), since: state.now };
    Step::of(state, key, item, Kind::Held, format!("{} holds {}.", asked.who, key.issue))
        .by(&asked.who)
        .with(|course| course.hold = Some(hold))
        .done()
}

fn release(state: &State, key: ItemKey, item: &Item, asked: &Asked) -> Result<Output, String> {
    if item.course.hold.is_none() {
        return Err(format!("Nobody holds {}.", key.issue));
    }
    Ok(Step::of(state, key, item, Kind::Released, format!("{} let {} go on.", asked.who, key.issue))
        .by(&asked.who)
        .with(|course| course.hold = None)
        .done())
}

/// Whoever works on it is told at its next turn; what it pushed stays.
fn stop(state: &State, rules: &Rules, key: ItemKey, item: &Item, asked: &Asked) -> Output {
    let why = Why::Stopped { by: asked.who.clone() };
    let standing = Standing::Parked(Parked { why, until: state.now + rules.limits.parked });
    let say = format!("{} stopped {}; `resume` lets it go on.", asked.who, key.issue);
    Step::of(state, key, item, Kind::Parked, say).to(standing).by(&asked.who).done()
}

fn resume(state: &State, rules: &Rules, key: ItemKey, item: &Item, asked: &Asked) -> Result<Output, String> {
    if !matches!(&item.course.standing, Standing::Parked(Parked { why: Why::Stopped { .. }, .. })) {
        return Err(format!("{} is not stopped; it is {}.", key.issue, item.course.standing.name()));
    }
    Ok(from_here(state, rules, key, item, format!("{} resumed {}.", asked.who, key.issue)))
}

fn retry(state: &State, rules: &Rules, key: ItemKey, item: &Item, asked: &Asked) -> Result<Output, String> {
    if !matches!(item.course.standing.place(), Place::Waiting | Place::Parked) {
        return Err(format!("{} is under way; it is {}.", key.issue, item.course.standing.name()));
    }
    Ok(from_here(state, rules, key, item, format!("{} retries {}.", asked.who, key.issue)))
}

/// From where it stands, with nothing counted against it.
fn from_here(state: &State, rules: &Rules, key: ItemKey, item: &Item, say: String) -> Output {
    let standing = match state.pull_of(key).map(|pull| pull.state) {
        Some(PullState::Merged { commit }) => {
            Standing::Deploying(Deploying { commit, until: state.now + rules.limits.deploy })
        }
        Some(PullState::Open) => {
            Standing::Gated(Gated { reasons: Vec::new(), since: state.now, until: state.now + rules.limits.gate })
        }
        Some(PullState::Closed) | None => {
            Standing::Queued(Queued { task: Task::Build, since: state.now, until: state.now + rules.limits.queue })
        }
    };
    Step::of(state, key, item, Kind::Retried, say)
        .to(standing)
        .with(|course| {
            (course.strikes, course.resumes, course.rounds, course.repairs, course.merges) = (0, 0, 0, 0, 0);
            course.asked_for = true;
        })
        .done()
}

fn cancel(state: &State, key: ItemKey, item: &Item, asked: &Asked) -> Output {
    let because = format!("{} cancelled it", asked.who);
    Step::of(state, key, item, Kind::Cancelled, format!("{} cancelled {}.", asked.who, key.issue))
        .to(Standing::Cancelled { because })
        .by(&asked.who)
        .done()
}

/// The way round the review, for when the review itself is what does not work (F-003): said, recorded, and only with
/// green checks.
fn land(
    state: &State,
    rules: &Rules,
    key: ItemKey,
    item: &Item,
    asked: &Asked,
    because: &str,
) -> Result<Output, String> {
    let Some(pull) = state.pull_of(key).filter(|pull| pull.is_open()) else {
        return Err(format!("{} has no open pull request.", key.issue));
    };
    if because.trim().is_empty() {
        return Err("Say why: `land #n because …`".to_owned());
    }
    let permit = Permit { by: asked.who.clone(), head: pull.head, because: Some(because.trim().to_owned()) };
    let say = format!("{} lands {} without its review: {}", asked.who, pull.head.short(), because.trim());
    let Output::Moved(key, _, mut transition) = to_the_gates(state, rules, key, item, Kind::Permitted, say) else {
        return Err("nothing to land".to_owned());
    };
    transition.actor = Some(asked.who.clone());
    transition.commit = Some(pull.head);
    transition.course.permit = Some(permit);
    Ok(Output::Moved(key, Kind::Permitted, transition))
}
