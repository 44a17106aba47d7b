//! What is put on GitHub for people: one comment an issue, one a pull request, edited in place; the check `rig / gate`.

mod closed;

use bus::{
    catalogue::{
        cmd::GithubOrder,
        outcome::PullState,
        work::{Expected, Leased, Offered, Standing, Task, Waiting},
    },
    commit::Oid,
    number::{ItemKey, PullKey},
};

use super::{
    gate::{self, Case, Verdict},
    matter::Matter,
    order::{Order, Target},
    output::Output,
    rules::Rules,
    state::{KnownPull, State, digest},
    turn, why,
};

/// What is to be said for an item that stays where it is.
pub(super) fn orders(matter: Matter<'_>) -> Vec<Output> {
    let comments = threads(matter).filter_map(|thread| comment(matter, &thread));
    comments.chain(check(matter)).chain(closed::last_words(matter)).map(Output::Ordered).collect()
}

/// A thread of an item's, which has one comment of ours.
struct Thread<'a> {
    number: u64,
    /// What stands there, as a digest.
    told: Option<u64>,
    tells: Tells<'a>,
}

/// What a thread is to tell.
enum Tells<'a> {
    OnIssue,
    OnPull(&'a KnownPull),
    /// What a pull request said of itself would stand there for ever.
    SetAside,
}

impl Thread<'_> {
    fn text(&self, matter: Matter<'_>) -> String {
        match self.tells {
            Tells::OnIssue => on_issue(matter),
            Tells::OnPull(pull) => on_pull(matter, pull),
            Tells::SetAside => format!("**set aside** · for #{}", matter.key.issue.0),
        }
    }

    fn says(&self, text: &str) -> bool {
        self.told == Some(digest(&[text]))
    }

    /// Its first words, its last, and what is asked of a person come at once.
    fn is_urgent(&self, standing: &Standing) -> bool {
        self.told.is_none() || standing.is_end() || matches!(standing, Standing::Waiting(_))
    }
}

/// The issue, and the pull requests that carry it or did.
fn threads(matter: Matter<'_>) -> impl Iterator<Item = Thread<'_>> {
    let Matter { state, key, item, .. } = matter;
    let issue = Thread { number: key.issue.0, told: item.told, tells: Tells::OnIssue };
    let pulls = state.carriers(key).filter_map(move |(number, pull)| {
        let tells = match item.course.pull {
            Some(own) if own == number => Tells::OnPull(pull),
            _ if pull.told.is_some() && !is_merged(pull) => Tells::SetAside,
            _ => return None,
        };
        Some(Thread { number: number.0, told: pull.told, tells })
    });
    std::iter::once(issue).chain(pulls)
}

/// The comment on a thread, where what it would say now is not what it says.
fn comment(matter: Matter<'_>, thread: &Thread<'_>) -> Option<Order> {
    let Matter { state, key, item, .. } = matter;
    let standing = &item.course.standing;
    let at_once = thread.is_urgent(standing);
    if !state.outbox.may_say(&Target::Thread(key.repository, thread.number), at_once) {
        return None;
    }
    let mention = match standing {
        Standing::Waiting(waiting) => Some(waiting.whom.clone()),
        _ => None,
    };
    let text = thread.text(matter);
    (!thread.says(&text)).then(|| github(key, GithubOrder::Tell { thread: thread.number, text, mention }))
}

/// Where it stands, and in which pull request.
fn on_issue(matter: Matter<'_>) -> String {
    let course = &matter.item.course;
    // GitHub makes a link of `#`, not of our `!`.
    let pull = course.pull.map_or_else(String::new, |pull| format!(" · #{}", pull.0));
    paragraphs(format!("**{}**{pull}", stands(&course.standing)), more(matter))
}

/// Where it stands, and for which issue.
fn on_pull(matter: Matter<'_>, pull: &KnownPull) -> String {
    let standing = &matter.item.course.standing;
    let waits = pull.is_open() && !standing.is_end() && !matches!(standing, Standing::Landing(_));
    let gate = waits.then(|| "The check `rig / gate` says what it waits for.".to_owned());
    paragraphs(format!("**{}** · for #{}", stands(standing), matter.key.issue.0), more(matter).or(gate))
}

fn paragraphs(first: String, more: Option<String>) -> String {
    more.map_or_else(|| first.clone(), |more| format!("{first}\n\n{more}"))
}

/// What a person has to know besides; without moments: those would make a new text each time.
fn more(matter: Matter<'_>) -> Option<String> {
    let Matter { state, rules, key, item } = matter;
    let standing = &item.course.standing;
    let more = match standing {
        Standing::Waiting(waiting @ Waiting { whom, .. }) => {
            let (need, default) = (why::need(waiting), why::default(standing).unwrap_or_default());
            let limit = turn::span(rules.limits.person);
            Some(format!("@{whom}: {need}\n\nNo answer in {limit}: {default}."))
        }
        Standing::Parked(_) => {
            let [waits, next, can] = why::lasting(matter);
            Some(format!("Waits for {waits}; {next}. You can: {can}."))
        }
        Standing::Live { .. } => rules_site(state, rules, key),
        _ => None,
    };
    let all: Vec<String> = held(matter).into_iter().chain(more).collect();
    (!all.is_empty()).then(|| all.join("\n\n"))
}

/// Who holds it, where that still keeps something from being done.
fn held(Matter { rules, item, .. }: Matter<'_>) -> Option<String> {
    let goes_on = item.course.landed.is_none() && !item.course.standing.is_end();
    let by = &item.course.hold.as_ref().filter(|_| goes_on)?.by;
    let limit = turn::span(rules.limits.parked);
    Some(format!("{by} holds it: until `release` nothing begins and nothing lands; {by} is reminded after {limit}."))
}

fn is_merged(pull: &KnownPull) -> bool {
    matches!(pull.state, PullState::Merged { .. })
}

/// Where it stands, in people's words: who took an offer, and whether its end was seen yet, is for `why` to say.
fn stands(standing: &Standing) -> String {
    match standing {
        Standing::Offered(Offered { task: Task::Build, .. }) => "queued".to_owned(),
        Standing::Leased(Leased { task: Task::Build, .. }) | Standing::Expected(Expected { task: Task::Build, .. }) => {
            "in work".to_owned()
        }
        Standing::Verifying(_) => "deploying".to_owned(),
        _ => standing.name().replace('_', " "),
    }
}

fn rules_site(state: &State, rules: &Rules, key: ItemKey) -> Option<String> {
    rules.repository(&state.repositories.get(&key.repository)?.name)?.site.clone()
}

/// The check on the head, where what it would say now is not what it says. That it may land, or needs a person for that
/// alone, comes at once.
fn check(matter: Matter<'_>) -> Option<Order> {
    let Matter { state, rules, key, .. } = matter;
    let case = Case::of(state, rules, key)?;
    let head = case.pull.head;
    let target = Target::Gate(key.repository, head);
    let may_wait = || case.pull.is_open() && !gate::is_open(&case);
    if !state.outbox.may_say(&target, true) || (!state.outbox.may_say(&target, false) && may_wait()) {
        return None;
    }
    let Word { open, landed, summary } = word(matter, &case)?;
    (!is_judged(&case, open, landed, &summary)).then(|| github(key, GithubOrder::Judge { head, open, landed, summary }))
}

fn is_judged(case: &Case<'_>, open: bool, landed: bool, summary: &str) -> bool {
    case.pull.judged == Some((case.pull.head, digest_of_check(summary, open, landed)))
}

/// What a check says, as a digest.
pub(super) fn digest_of_check(summary: &str, open: bool, landed: bool) -> u64 {
    digest(&[summary, if open { "open" } else { "shut" }, if landed { "landed" } else { "" }])
}

/// What the check is to say.
struct Word {
    /// The head may land, and nobody has to be asked.
    open: bool,
    /// Somebody merged it all the same.
    landed: bool,
    /// Why.
    summary: String,
}

fn word(matter: Matter<'_>, case: &Case<'_>) -> Option<Word> {
    match case.pull.state {
        PullState::Open => Some(open_word(matter, case)),
        PullState::Merged { commit } => Some(last_word(case, commit)),
        PullState::Closed => None,
    }
}

/// As long as it waits, for what, what happens next and what a person can do.
fn open_word(matter: Matter<'_>, case: &Case<'_>) -> Word {
    let verdicts = gate::judge(case);
    let all_open = verdicts.iter().all(|(_, verdict)| verdict.is_open());
    let open = all_open && case.is_permitted();
    let mut summary = lines(&verdicts);
    if !open {
        let [waits, next, can] = why::lasting(matter);
        summary.push_str(&format!("\n\nwaits for {waits}\nnext      {next}\nyou can   {can}"));
    }
    Word { open, landed: false, summary }
}

fn lines(verdicts: &[(&'static str, Verdict)]) -> String {
    let line = |(name, verdict): &(&'static str, Verdict)| match (verdict, gate::reason(name, verdict)) {
        (Verdict::Waived(word), _) => format!("✓ {name}: {word}"),
        (_, None) => format!("✓ {name}"),
        (_, Some(reason)) => format!("✗ {name}: {}", reason.say),
    };
    verdicts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a check says for good, so that no landed head waits for ever: what stood open and shut when it was merged.
fn last_word(case: &Case<'_>, commit: Oid) -> Word {
    let course = &case.item.course;
    let waived = course.permit.as_ref().filter(|permit| permit.head == case.pull.head && permit.because.is_some());
    let judge = |gate: gate::Gate| match course.passed_by.iter().find(|reason| reason.gate == gate.name) {
        Some(reason) => Verdict::Wait(reason.say.clone()),
        None if waived.is_some() && gate.name == "approval" => (gate.judge)(case),
        None => Verdict::Pass,
    };
    let all = lines(&gate::GATES.map(|gate| (gate.name, judge(gate))));
    let is_known = case.pull.ordered == Some(case.pull.head) || course.landed.is_some();
    if is_known && course.passed_by.is_empty() {
        return Word { open: true, landed: false, summary: all };
    }
    let gates = if is_known { format!("\n\n{all}") } else { String::new() };
    let summary = format!("Merged by hand, as {}.{gates}", commit.short());
    Word { open: false, landed: true, summary }
}

/// Whether nothing more is to be said of a head that landed.
fn is_judged_for_good(matter: Matter<'_>) -> bool {
    let Matter { state, rules, key, .. } = matter;
    let Some(case) = Case::of(state, rules, key).filter(|case| is_merged(case.pull)) else {
        return true;
    };
    let is_said = |word: Word| is_judged(&case, word.open, word.landed, &word.summary);
    word(matter, &case).is_some_and(is_said) && state.outbox.at(&Target::Gate(key.repository, case.pull.head)).is_none()
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
    let said = pull.told == Some(digest(&[&text]));
    let may_say = state.outbox.may_say(&Target::Thread(key.repository, key.pull.0), true);
    let order = GithubOrder::Tell { thread: key.pull.0, text, mention: None };
    (ours && pull.is_open() && !said && may_say)
        .then(|| Output::Ordered(Order::Github { repository: key.repository, order: Box::new(order) }))
}

/// Whether an ended item has said its last word, on each of its threads.
pub(super) fn is_over(state: &State, rules: &Rules, key: ItemKey) -> bool {
    let Some(matter) = Matter::of(state, rules, key).filter(|matter| matter.item.course.standing.is_end()) else {
        return false;
    };
    let quiet = |thread: &Thread<'_>| state.outbox.at(&Target::Thread(key.repository, thread.number)).is_none();
    let told = threads(matter).all(|thread| quiet(&thread) && thread.says(&thread.text(matter)));
    told && is_judged_for_good(matter) && closed::is_over(matter)
}
