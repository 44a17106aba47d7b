//! Who comes next, and what is put before agents.

use bus::{
    RecordId,
    catalogue::{
        agent::Fence,
        cmd::Offer,
        work::{About, Kind, Offered, Queued, Standing, Task},
    },
    number::ItemKey,
};

use crate::machine::{
    apply,
    matter::Matter,
    order::Order,
    output::{Output, Step},
    rules::{Pool, Rules, Skill},
    run::run_of,
    state::{Item, State, skill},
};

/// The next that may be offered: while the pool's window has room, nobody holds the item, and the repository works.
pub(in crate::machine) fn dispatch(state: &State, rules: &Rules) -> Option<[Output; 2]> {
    [Skill::Reviewer, Skill::Implementer].into_iter().find_map(|wanted| {
        let pool = rules.pools(wanted).find(|pool| state.queue.busy(wanted, &pool.name) < pool.window)?;
        let key = state.queue.waiting(wanted).find(|key| may_begin(state, *key))?;
        offer(state, rules, key, pool)
    })
}

fn may_begin(state: &State, key: ItemKey) -> bool {
    state.items.get(&key).is_some_and(|item| item.course.hold.is_none())
}

fn offer(state: &State, rules: &Rules, key: ItemKey, pool: &Pool) -> Option<[Output; 2]> {
    let matter = Matter::of(state, rules, key)?;
    let item = matter.item;
    let Standing::Queued(Queued { task, since, .. }) = &item.course.standing else {
        return None;
    };
    let generation = item.course.generation.saturating_add(1);
    let run = run_of(key, generation);
    let (since, until) = (*since, state.now + rules.limits.offer);
    let offered = Offered { task: task.clone(), run, pool: pool.name.clone(), since, until };
    let say = format!("{} is offered to {}.", key.issue, pool.name);
    let step = Step::of(matter, Kind::Offered, say)
        .to(Standing::Offered(offered))
        .with(|course| course.generation = generation);
    Some([step.done(), command(matter, pool, run, generation, task)])
}

fn command(matter: Matter<'_>, pool: &Pool, run: RecordId, generation: u32, task: &Task) -> Output {
    let Matter { state, key, item, .. } = matter;
    let repository = state.repositories.get(&key.repository);
    let offer = Offer {
        say: format!("{} {}{}", word(task), state.name_of(key), cause(state, key, task)),
        fence: Fence { run, generation },
        item: About {
            repository_id: key.repository,
            repository: repository.map_or_else(String::new, |known| known.name.clone()),
            number: key.issue,
            title: item.issue.title.clone(),
        },
        task: task.clone(),
        attempt: item.course.strikes.saturating_add(item.course.resumes).saturating_add(1),
        branch: branch(key, item),
        base: repository.map_or_else(String::new, |known| known.base.clone()),
        pull: item.course.pull,
    };
    Output::Ordered(Order::Agent {
        role: skill(task).name().to_owned(),
        pool: pool.name.clone(),
        offer: Box::new(offer),
    })
}

/// What there is to mend: the failing step, and where it may be looked at (I-18).
fn cause(state: &State, key: ItemKey, task: &Task) -> String {
    let Task::Mend { head, check } = task else {
        return String::new();
    };
    let ran = state.repositories.get(&key.repository).and_then(|known| known.commits.check(*head, check));
    let said = ran.into_iter().flat_map(|ran| [ran.summary.lines().next().unwrap_or_default(), ran.url.as_str()]);
    std::iter::once(format!(": `{check}` is red"))
        .chain(said.filter(|text| !text.is_empty()).map(str::to_owned))
        .collect::<Vec<_>>()
        .join(" · ")
}

const fn word(task: &Task) -> &'static str {
    match task {
        Task::Build => "build",
        Task::Fix { .. } => "answer the review of",
        Task::Mend { .. } => "mend",
        Task::Rebase { .. } => "rebase",
        Task::Review { .. } => "review",
    }
}

/// The branch of an item: the one it has, or a new one, computed from its number and title: letters and digits alone, whatever the title says.
#[must_use]
pub(in crate::machine) fn branch(key: ItemKey, item: &Item) -> String {
    item.branch.clone().unwrap_or_else(|| new_branch(key, item))
}

fn new_branch(key: ItemKey, item: &Item) -> String {
    const LONGEST: usize = 40;
    let plain = item.issue.plain_title();
    let words =
        plain.split_whitespace().map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>());
    let mut slug = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if slug.len() + word.len() >= LONGEST {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word);
    }
    let slug = if slug.is_empty() { "change" } else { &slug };
    format!("{}{}-{slug}", apply::OUR_BRANCHES, key.issue.0)
}
