//! What may happen by chance, as lines of a scenario: only what can happen there and then.

use bus::catalogue::work::{Expected, Leased, Offered, Standing, Task};
use proptest::prelude::*;

use super::stage::Stage;

/// Something that may happen, drawn by chance: what it is, and which of the things there are it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happening {
    kind: u8,
    which: u8,
    how: u8,
}

/// How many kinds there are; the first ones are what GitHub tells.
const KINDS: u8 = 60;
const OF_GITHUB: u8 = 13;
const BY_CHANCE: u8 = 26;

impl Happening {
    /// Whether what follows from it is the same whenever it is told. Which of two equal titles, or of two issues that wait
    /// for each other, was there first is not; nor whether work had begun when a label was put on or taken off, an issue opened again, or a check
    /// that was red was run again.
    pub(crate) const fn is_free_of_order(self) -> bool {
        match self.kind {
            0 => matches!(self.how, 3..=9),
            1 => false,
            2 => self.how.is_multiple_of(3),
            7 => self.how < 4,
            10 | 11 => matches!(self.how % 5, 0 | 1 | 3),
            kind => kind < OF_GITHUB,
        }
    }
}

impl Arbitrary for Happening {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        (0..KINDS, 0..12_u8, 0..12_u8).prop_map(|(kind, which, how)| Self { kind, which, how }).boxed()
    }
}

/// The line for it; nothing where it cannot happen now.
pub(crate) fn line_of(stage: &mut Stage, happening: Happening) -> Option<String> {
    let Happening { kind, which, how } = happening;
    let issue = u64::from(which % 4) + 1;
    match kind {
        0..OF_GITHUB => of_github(stage, kind, issue, which, how),
        OF_GITHUB..BY_CHANCE => of_others(stage, kind, issue, which, how),
        _ => goes_well(stage, issue),
    }
}

fn of_github(stage: &Stage, kind: u8, issue: u64, which: u8, how: u8) -> Option<String> {
    const TITLES: [&str; 4] = ["Greet the visitor by name", "Slow", "Say goodbye as well", "Count the visits of today"];
    let (who, how_many) = (["sam", "ada", "dev-e", "review-e"][usize::from(how % 4)], how % 3);
    let known = stage.issues.contains_key(&issue);
    let pull = pull_of(stage, which);
    Some(match kind {
        0 | 1 if !known && how < 3 => {
            format!("issue {issue} is \"{}\" with \"Depends on #{}\"", TITLES[3], how % 4 + 1)
        }
        0 | 1 if !known && how > 9 => format!("issue {issue} is \"Greet the visitor again\""),
        0 | 1 if !known => format!("issue {issue} is \"{}\"", TITLES[usize::try_from(issue).unwrap() % 4]),
        0 => format!("issue {issue} says \"It is about the greeting, {how}.\""),
        1 => format!("issue {issue} {} agent-ready", if how.is_multiple_of(2) { "loses" } else { "gets" }),
        2 if known && how_many == 0 => format!("issue {issue} is closed by {who}"),
        2 if known => format!("issue {issue} is opened again"),
        3 | 4 => format!("pull {} opens for {issue} at h{} by {who}", free_pull(stage), stage.pulls.len() * 10),
        5 => format!("pull {} is pushed to h{}-{how} by {who}", is_not_merged(stage, pull?)?, which),
        6 if how_many == 0 => format!("pull {} is closed", is_not_merged(stage, pull?)?),
        6 if how_many == 1 => format!("pull {} is opened again", is_not_merged(stage, pull?)?),
        6 => format!(
            "pull {} is {}",
            is_not_merged(stage, pull?)?,
            if how.is_multiple_of(2) { "a draft" } else { "ready" }
        ),
        7 if how < 4 => format!("pull {} is merged as m{} by {who}", is_open(stage, pull?)?, stage.told_count()),
        7 => format!("pull {} {} do-not-merge", pull?, if how.is_multiple_of(2) { "gets" } else { "loses" }),
        8 | 9 => {
            let says = ["approves", "rejects", "comments", "approves", "dismissed"][usize::from(which % 5)];
            format!("review {} of {} by {who} {says}", stage.told_count(), pull?)
        }
        10 | 11 => {
            let says = ["green", "red", "running", "green", "cancelled"][usize::from(how % 5)];
            format!("check build run {} on {} is {says}", stage.told_count(), stage.head_of(pull?))
        }
        12 => format!("main moves to b{}", stage.told_count()),
        _ => return None,
    })
}

fn of_others(stage: &mut Stage, kind: u8, issue: u64, which: u8, how: u8) -> Option<String> {
    let agent = ["dev-e", "dev-f", "review-e", "review-f"][usize::from(how % 4)];
    let pull = pull_of(stage, which);
    Some(match kind {
        13 | 14 => format!("{agent} claims {}", stage.was_offered(issue)?),
        15 => {
            let word = ["pushed h7 for", "leaves nothing of", "breaks on", "runs out on", "is full on", "is alive on"];
            format!("{agent} {} {}", word[usize::from(which % 6)], stage.was_offered(issue)?)
        }
        16 => format!("{agent} gives up {} \"I cannot\"", stage.was_offered(issue)?),
        17 => {
            let word = ["approves", "rejects", "comments on"][usize::from(which % 3)];
            format!("{agent} {word} {} of {}", stage.head_of(pull?), stage.was_offered(issue)?)
        }
        18 => format!("{agent} late claims {issue} of {}", how % 5),
        19 => {
            let word = ["approve", "hold", "release", "stop", "resume", "retry", "cancel", "why", "inbox", "status"];
            let word = word[usize::from(which % 10)];
            format!("nora says \"{word} #{issue}\"")
        }
        20 => format!("nora says \"land #{issue} because it is known\""),
        21 => format!("nora says \"reject #{issue} no\""),
        22 | 23 => ends(stage, how)?,
        24 => format!("{} min pass", [1, 3, 10, 70][usize::from(how % 4)]),
        25 if how == 11 => "given github does not answer look".to_owned(),
        25 if how < 4 => format!("site shows {}", stage.landed(which)?),
        25 if stage.is_open("smoke") => {
            let end = ["passes", "fails", "passes"][usize::from(how % 3)];
            format!("smoke {end} at {}{}", stage.landed(which)?, if end == "fails" { " \"it is broken\"" } else { "" })
        }
        _ => return None,
    })
}

/// What has to happen next for an item to go on.
fn goes_well(stage: &Stage, issue: u64) -> Option<String> {
    let Some(item) = stage.state.items.get(&Stage::key(issue)) else {
        let is_new = !stage.issues.contains_key(&issue);
        return is_new.then(|| format!("issue {issue} is \"A wish of its own, number {issue}\""));
    };
    let new = stage.told_count();
    let pull = item.course.pull.map(|pull| pull.0);
    let head = || pull.map(|pull| stage.head_of(pull));
    Some(match &item.course.standing {
        Standing::Offered(Offered { task, .. }) => {
            format!("{} claims {issue}", if task.is_review() { "review-e" } else { "dev-e" })
        }
        Standing::Leased(Leased { task: Task::Review { .. }, agent, .. }) => {
            format!("{agent} approves {} of {issue}", head()?)
        }
        Standing::Leased(Leased { agent, .. }) => format!("{agent} pushed h{new} for {issue}"),
        Standing::Expected(Expected { task: Task::Review { .. }, .. }) if stage.is_open("review") => {
            "github takes the review".to_owned()
        }
        Standing::Expected(Expected { task: Task::Review { .. }, .. }) => {
            format!("review {new} of {} by review-e approves", pull?)
        }
        Standing::Expected(Expected { task: Task::Build, .. }) if stage.is_open("open") => {
            format!("github opens {} for {issue} at h{new}", free_pull(stage))
        }
        Standing::Expected(_) => format!("pull {} is pushed to h{new} by dev-e in its run", pull?),
        Standing::Gated(_) if stage.is_open("update") => format!("github updates {} to h{new}", pull?),
        Standing::Gated(_) => format!("check build run {new} on {} is green", head()?),
        Standing::Landing(_) if stage.pull_that_lands() == pull => format!("github merges {} as m{new}", pull?),
        Standing::Deploying(deploying) => format!("site shows {}", stage.names.shown(&deploying.commit.short())),
        Standing::Verifying(verifying) if stage.is_open("smoke") => {
            format!("smoke passes at {}", stage.names.shown(&verifying.commit.short()))
        }
        Standing::Waiting(_) => format!("nora says \"retry #{issue}\""),
        _ => return None,
    })
}

/// An end for the oldest order that is open and is not answered by itself.
fn ends(stage: &mut Stage, how: u8) -> Option<String> {
    let verb = ["open", "review", "update", "merge", "file"].into_iter().find(|verb| stage.is_open(verb))?;
    let refusals = ["moved", "conflict", "unmergeable", "forbidden", "invalid"];
    Some(match how {
        0..5 => format!("github refuses to {verb} {}", refusals[usize::from(how)]),
        5 | 6 => format!("github fails to {verb}"),
        _ => match (verb, stage.pull_that_lands()) {
            ("merge", Some(pull)) => format!("github merges {pull} as m{}", stage.told_count()),
            ("review", _) => "github takes the review".to_owned(),
            _ => format!("github fails to {verb}"),
        },
    })
}

fn free_pull(stage: &Stage) -> u64 {
    10 + u64::try_from(stage.pulls.len()).unwrap()
}

fn pull_of(stage: &Stage, which: u8) -> Option<u64> {
    let count = stage.pulls.len().max(1);
    stage.pulls.keys().nth(usize::from(which) % count).copied()
}

fn is_not_merged(stage: &Stage, pull: u64) -> Option<u64> {
    let state = stage.pulls[&pull].pull.state;
    (!matches!(state, bus::catalogue::outcome::PullState::Merged { .. })).then_some(pull)
}

fn is_open(stage: &Stage, pull: u64) -> Option<u64> {
    (stage.pulls[&pull].pull.state == bus::catalogue::outcome::PullState::Open).then_some(pull)
}
