//! Orders about one item.

use bus::{
    ask::Order as Wanted,
    catalogue::{
        outcome::PullState,
        work::{
            Deploying, Gated, Hold, Kind, Need, Offered, Parked, Permit, Place, Queued, Standing, Task, Waiting, Why,
        },
    },
};

use crate::machine::{
    fact::Asked,
    matter::Matter,
    output::{Output, Step},
    settle::to_the_gates,
    why::why,
};

/// What follows from an order; in words, where nothing does.
pub(super) fn act(matter: Matter<'_>, asked: &Asked, order: &Wanted) -> Result<Output, String> {
    let Matter { key, item, .. } = matter;
    let on_its_way =
        matches!(item.course.standing, Standing::Landing(_) | Standing::Deploying(_) | Standing::Verifying(_));
    if on_its_way && matches!(order, Wanted::Stop | Wanted::Cancel)
        || matches!(order, Wanted::Stop) && item.course.landed.is_some()
    {
        return Err(format!("{} is {}; undoing it is a change of its own.", key.issue, item.course.standing.name()));
    }
    Ok(match order {
        Wanted::Why => return Err(why(matter.state, matter.rules, key).join("\n")),
        Wanted::Approve => approve(matter, asked)?,
        Wanted::Reject(why) => reject(matter, asked, why)?,
        Wanted::Hold => hold(matter, asked)?,
        Wanted::Release => release(matter, asked)?,
        Wanted::Stop => stop(matter, asked)?,
        Wanted::Resume => resume(matter, asked)?,
        Wanted::Retry => retry(matter, asked)?,
        Wanted::Cancel => cancel(matter, asked),
        Wanted::Land(because) => land(matter, asked, because)?,
    })
}

fn approve(matter: Matter<'_>, asked: &Asked) -> Result<Output, String> {
    let Matter { key, item, .. } = matter;
    let Standing::Waiting(Waiting { what: Need::Approval { head }, .. }) = &item.course.standing else {
        return Err(match permit_of(matter) {
            Some(Permit { by, head, because: None }) => {
                format!("{by} approved {} of {} already.", head.short(), key.issue)
            }
            Some(Permit { by, head, .. }) => format!("{by} lands {} of {} already.", head.short(), key.issue),
            None => format!("{} asks for no approval; it is {}.", key.issue, item.course.standing.name()),
        });
    };
    let permit = Permit { by: asked.who.clone(), head: *head, because: None };
    Ok(Step::of(matter, Kind::Permitted, format!("{} approved {}.", asked.who, head.short()))
        .at(*head)
        .by(&asked.who)
        .with(|course| course.permit = Some(permit))
        .done())
}

/// The word that was given for the head as it is.
fn permit_of<'a>(Matter { state, key, item, .. }: Matter<'a>) -> Option<&'a Permit> {
    let head = state.pull_of(key)?.head;
    item.course.permit.as_ref().filter(|permit| permit.head == head)
}

fn reject(matter: Matter<'_>, asked: &Asked, why: &str) -> Result<Output, String> {
    let Matter { key, item, .. } = matter;
    if !matches!(&item.course.standing, Standing::Waiting(_)) {
        return Err(format!("{} asks for nothing; it is {}.", key.issue, item.course.standing.name()));
    }
    let because = format!("{} rejected it: {why}", asked.who);
    let say = format!("{} rejected {}: {why}", asked.who, key.issue);
    Ok(Step::of(matter, Kind::Cancelled, say).to(Standing::Cancelled { because }).by(&asked.who).done())
}

/// Nothing begins any more: what was offered waits in its place again, and whoever claims it comes too late.
fn hold(matter: Matter<'_>, asked: &Asked) -> Result<Output, String> {
    let Matter { state, rules, key, item } = matter;
    if item.course.landed.is_some() {
        return Err(format!("{} has landed; there is nothing to hold.", key.issue));
    }
    if let Some(Hold { by, .. }) = &item.course.hold {
        return Err(format!("{by} holds {} already.", key.issue));
    }
    let late = if matches!(item.course.standing, Standing::Landing(_)) { "; its merge is ordered already" } else { "" };
    let hold = Hold { by: asked.who.clone(), since: state.now };
    let held = Step::of(matter, Kind::Held, format!("{} holds {}{late}.", asked.who, key.issue))
        .by(&asked.who)
        .with(|course| course.hold = Some(hold));
    Ok(match &item.course.standing {
        Standing::Offered(Offered { task, since, .. }) | Standing::Queued(Queued { task, since, .. }) => {
            let until = state.now + rules.limits.parked;
            held.to(Standing::Queued(Queued { task: task.clone(), since: *since, until })).done()
        }
        _ => held.done(),
    })
}

/// What waited while it was held did not wait for its turn then.
fn release(matter: Matter<'_>, asked: &Asked) -> Result<Output, String> {
    let Matter { state, rules, key, item } = matter;
    let Some(hold) = &item.course.hold else {
        return Err(format!("Nobody holds {}.", key.issue));
    };
    let released = Step::of(matter, Kind::Released, format!("{} let {} go on.", asked.who, key.issue))
        .by(&asked.who)
        .with(|course| course.hold = None);
    Ok(match &item.course.standing {
        Standing::Queued(queued) => {
            let since = queued.since + (state.now - hold.since.max(queued.since));
            let until = state.now + rules.limits.queue;
            released.to(Standing::Queued(Queued { since, until, ..queued.clone() })).done()
        }
        _ => released.done(),
    })
}

/// Whoever works on it is told at its next turn; what it pushed stays.
fn stop(matter: Matter<'_>, asked: &Asked) -> Result<Output, String> {
    let Matter { state, rules, key, item } = matter;
    if let Standing::Parked(Parked { why: Why::Stopped { by }, .. }) = &item.course.standing {
        return Err(format!("{by} stopped {} already.", key.issue));
    }
    let why = Why::Stopped { by: asked.who.clone() };
    let standing = Standing::Parked(Parked { why, since: state.now, until: state.now + rules.limits.parked });
    let say = format!("{} stopped {}; `resume` lets it go on.", asked.who, key.issue);
    Ok(Step::of(matter, Kind::Parked, say).to(standing).by(&asked.who).done())
}

fn resume(matter: Matter<'_>, asked: &Asked) -> Result<Output, String> {
    let Matter { key, item, .. } = matter;
    if !matches!(&item.course.standing, Standing::Parked(Parked { why: Why::Stopped { .. }, .. })) {
        return Err(format!("{} is not stopped; it is {}.", key.issue, item.course.standing.name()));
    }
    Ok(from_here(matter, format!("{} resumed {}.", asked.who, key.issue)))
}

fn retry(matter: Matter<'_>, asked: &Asked) -> Result<Output, String> {
    let Matter { key, item, .. } = matter;
    if !matches!(item.course.standing.place(), Place::Waiting | Place::Parked) {
        return Err(format!("{} is under way; it is {}.", key.issue, item.course.standing.name()));
    }
    Ok(from_here(matter, format!("{} retries {}.", asked.who, key.issue)))
}

/// From where it stands, with nothing counted against it.
fn from_here(matter: Matter<'_>, say: String) -> Output {
    let Matter { state, rules, key, .. } = matter;
    let standing = match state.pull_of(key).map(|pull| pull.state) {
        Some(PullState::Merged { commit }) => {
            Standing::Deploying(Deploying { commit, since: state.now, until: state.now + rules.limits.deploy })
        }
        Some(PullState::Open) => {
            Standing::Gated(Gated { reasons: Vec::new(), since: state.now, until: state.now + rules.limits.gate })
        }
        Some(PullState::Closed) | None => {
            Standing::Queued(Queued { task: Task::Build, since: state.now, until: state.now + rules.limits.queue })
        }
    };
    Step::of(matter, Kind::Retried, say)
        .to(standing)
        .with(|course| {
            (course.strikes, course.resumes, course.rounds, course.repairs, course.merges) = (0, 0, 0, 0, 0);
            course.asked_for = true;
        })
        .done()
}

fn cancel(matter: Matter<'_>, asked: &Asked) -> Output {
    let Matter { key, .. } = matter;
    let because = format!("{} cancelled it", asked.who);
    Step::of(matter, Kind::Cancelled, format!("{} cancelled {}.", asked.who, key.issue))
        .to(Standing::Cancelled { because })
        .by(&asked.who)
        .done()
}

/// The way round the review, for when the review itself is what does not work (F-003): said, recorded, and only with
/// green checks.
fn land(matter: Matter<'_>, asked: &Asked, because: &str) -> Result<Output, String> {
    let Matter { state, key, .. } = matter;
    let Some(pull) = state.pull_of(key).filter(|pull| pull.is_open()) else {
        return Err(format!("{} has no open pull request.", key.issue));
    };
    if because.trim().is_empty() {
        return Err("Say why: `land #n because …`".to_owned());
    }
    let permit = Permit { by: asked.who.clone(), head: pull.head, because: Some(because.trim().to_owned()) };
    let say = format!("{} lands {} without its review: {}", asked.who, pull.head.short(), because.trim());
    let Output::Moved(key, _, mut transition) = to_the_gates(matter, Kind::Permitted, say) else {
        return Err("nothing to land".to_owned());
    };
    transition.actor = Some(asked.who.clone());
    transition.commit = Some(pull.head);
    transition.course.permit = Some(permit);
    Ok(Output::Moved(key, Kind::Permitted, transition))
}
