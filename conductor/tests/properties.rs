//! Whatever happens, in whatever order: the machine keeps its promises. What happens is written as lines of a scenario, so
//! that a history that shows a fault can be read, and kept as a scenario.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test says so by failing")]

mod scenario;

use std::collections::{BTreeMap, BTreeSet};

use bus::{
    RecordId,
    catalogue::work::{Need, Parked, Place, Standing, Waiting, Why},
    number::ItemKey,
};
use conductor::machine::{
    Fact, Output, Record, State,
    fact::Due,
    run::{Next, next},
    step, why,
};
use proptest::{collection::vec, prelude::*, sample::Index};
use scenario::{Happening, Stage, is_kept_whole, line_of, play};

/// Plays what can happen, and says what did.
fn played(stage: &mut Stage, happenings: &[Happening]) -> String {
    let mut lines = String::new();
    for happening in happenings {
        if let Some(line) = line_of(stage, *happening) {
            lines.push_str(&line);
            lines.push('\n');
            play(stage, &line);
            lines.push_str(&stage.take_said());
        }
    }
    is_kept_whole(&stage.state);
    lines
}

/// How it stands with each open issue, in what does not depend on the way there; and with each closed one that somebody
/// works on all the same.
fn standings(stage: &Stage) -> BTreeMap<u64, String> {
    let is_work = |standing: &Standing| matches!(standing, Standing::Queued(_) | Standing::Offered(_));
    let items = stage.state.items.iter().filter(|(key, item)| {
        let standing = &item.course.standing;
        !standing.is_end() && (stage.issues[&key.issue.0].open || is_work(standing))
    });
    items
        .map(|(key, item)| {
            let on_its_way = matches!(item.course.standing, Standing::Deploying(_));
            let pull = item.course.pull.filter(|_| !on_its_way).map_or_else(String::new, |pull| pull.to_string());
            (key.issue.0, format!("{} {pull}", item.course.standing.name()))
        })
        .collect()
}

/// A person is named in it, or the item is where a person's word is.
fn names_a_person(said: &str, state: &State, key: ItemKey) -> bool {
    let name = key.issue.to_string();
    let told = said.lines().any(|line| line.contains('@') && (line.contains(&name) || line.contains("still stopped")));
    let asked = state
        .items
        .get(&key)
        .is_none_or(|item| item.course.standing.is_end() || matches!(item.course.standing, Standing::Waiting(_)));
    told || asked
}

/// What was ordered of a head that is another one by now is answered: what follows is then the same.
fn answers_updates(stage: &mut Stage) {
    for _ in 0..stage.pulls.len() * 2 {
        if stage.is_open("update") {
            play(stage, "github refuses to update moved");
        }
    }
}

/// What an item waits for, in the three lines that people read, says a person or an event and a moment; and at that moment
/// something happens to it.
fn ends_as_it_says(stage: &Stage, key: ItemKey) -> Result<(), String> {
    let Stage { state, rules, .. } = stage;
    let [waits, next, can] = why(state, rules, key);
    let said = |line: &str, word: &str| line.strip_prefix(word).is_some_and(|rest| !rest.trim().is_empty());
    if !(said(&waits, "waits for ") && said(&next, "next ") && next.contains(" at ") && said(&can, "you can ")) {
        return Err(format!("{waits}\n{next}\n{can}"));
    }
    let until = state.items[&key].course.standing.until().ok_or("no deadline")?;
    let due = Due { item: key, generation: state.items[&key].course.generation, due_at: until };
    let due = Record { id: RecordId::new(), at: until, fact: Fact::Due(due) };
    let outputs = step(&mut state.clone(), rules, &due);
    let moved = outputs.iter().any(|output| matches!(output, Output::Moved(of, ..) if *of == key));
    moved.then_some(()).ok_or_else(|| format!("nothing happens at its deadline, and this was said:\n{next}"))
}

/// The items that an item waits for.
fn awaited(state: &State, key: ItemKey) -> Vec<ItemKey> {
    match &state.items[&key].course.standing {
        Standing::Parked(Parked { why: Why::After { items }, .. }) => {
            items.iter().map(|first| ItemKey { issue: first.issue, ..key }).collect()
        }
        Standing::Waiting(Waiting { what: Need::Duplicate { of }, .. }) => vec![ItemKey { issue: *of, ..key }],
        Standing::Gated(_) => state
            .items
            .iter()
            .filter(|(other, item)| **other != key && matches!(item.course.standing, Standing::Landing(_)))
            .map(|(other, _)| *other)
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether whoever follows what an item waits for comes back to it.
fn waits_for_itself(state: &State, key: ItemKey) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), awaited(state, key));
    while let Some(next) = open.pop() {
        if next == key {
            return true;
        }
        if state.items.contains_key(&next) && seen.insert(next) {
            open.extend(awaited(state, next));
        }
    }
    false
}

/// Where each item lies, looked for in every place there is; what ended and was forgotten lies among the ended.
fn places(state: &State) -> BTreeMap<ItemKey, Vec<&'static str>> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for (place, name) in PLACES {
        state.lying(place).for_each(|(key, _)| found.entry(key).or_default().push(name));
    }
    state.ended.keys().for_each(|key| found.entry(*key).or_default().push("ended"));
    found
}

const PLACES: [(Place, &str); 7] = [
    (Place::Queued, "queued"),
    (Place::Offered, "offered"),
    (Place::Leased, "leased"),
    (Place::Gated, "gated"),
    (Place::Parked, "parked"),
    (Place::Waiting, "waiting"),
    (Place::Terminal, "terminal"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 600, ..ProptestConfig::default() })]

    /// The stage looks at every promise after every record: replay, one place, a wait with an end, one order a target.
    #[test]
    fn no_history_breaks_a_promise(happenings in vec(any::<Happening>(), 1..120)) {
        played(&mut Stage::new(), &happenings);
    }

    /// What was once taken up lies in one place from then on, and in one alone; what is in work is counted where agents are.
    #[test]
    fn i_11_every_item_lies_in_exactly_one_place(happenings in vec(any::<Happening>(), 1..120)) {
        let mut stage = Stage::new();
        let mut taken_up = BTreeSet::new();
        for happening in &happenings {
            let line = played(&mut stage, &[*happening]);
            taken_up.extend(stage.state.items.keys().copied());
            let found = places(&stage.state);
            prop_assert!(found.values().all(|places| places.len() == 1), "{found:?} after {line}");
            prop_assert!(taken_up.iter().all(|key| found.contains_key(key)), "one of {taken_up:?} is lost by {line}");
            let in_work = stage.state.lying(Place::Offered).chain(stage.state.lying(Place::Leased)).count();
            let busy: u32 = stage.rules.pools.iter().map(|pool| stage.state.queue.busy(pool.skill, &pool.name)).sum();
            prop_assert_eq!(usize::try_from(busy).unwrap(), in_work, "after {}", line);
        }
    }

    /// Reachable: whatever happened, each open item names what it waits for, until when, and what happens then; and so it does.
    #[test]
    fn every_wait_says_how_it_ends_and_ends_so(happenings in vec(any::<Happening>(), 1..100)) {
        let mut stage = Stage::new();
        for happening in &happenings {
            let line = played(&mut stage, &[*happening]);
            for (key, item) in &stage.state.items {
                if !item.course.standing.is_end() {
                    let ends = ends_as_it_says(&stage, *key);
                    prop_assert!(ends.is_ok(), "{}: {} after {}", key.issue, ends.unwrap_err(), line);
                }
            }
        }
    }

    /// Nobody waits for who waits for them, over however many others; whatever is written into the issues.
    #[test]
    fn f_004_no_wait_goes_in_a_circle(edits in vec((1..=5_u64, 1..=5_u64, 0..8_u8), 1..60)) {
        let mut stage = Stage::new();
        let mut lines = String::new();
        for (issue, other, how) in edits {
            let line = match how {
                _ if !stage.issues.contains_key(&issue) => format!("issue {issue} is \"Wish {issue}\" with \"Depends on #{other}\""),
                0 => format!("issue {issue} says \"It depends on nothing.\""),
                1 => format!("nora says \"stop #{issue}\""),
                2 => format!("nora says \"retry #{issue}\""),
                _ => format!("issue {issue} says \"Depends on #{other}\""),
            };
            play(&mut stage, &line);
            lines.push_str(&format!("{line}\n{}", stage.take_said()));
            let circle = stage.state.items.keys().find(|key| waits_for_itself(&stage.state, **key));
            prop_assert!(circle.is_none(), "{circle:?} waits for itself after\n{lines}");
        }
    }

    /// However many claim the same work, and in whatever order: one has it, and is the first.
    #[test]
    fn f_010_of_two_to_twenty_claims_one_wins(claims in Just((1..=20).collect::<Vec<u32>>()).prop_shuffle(), count in 2_usize..=20) {
        let mut stage = Stage::new();
        play(&mut stage, "given 1 is filed");
        for n in &claims[..count] {
            play(&mut stage, &format!("dev-{n} claims 1"));
        }
        let winner = format!("dev-{}", claims[0]);
        prop_assert_eq!(stage.take_said(), format!("    #1 goes to {winner}.  [claimed · leased]\n"));
        for n in &claims[..count] {
            let agent = format!("dev-{n}");
            let told = next(&stage.state, &stage.rules, &agent, stage.last_fence(1), None);
            prop_assert_eq!(matches!(told, Next::Go(_)), agent == winner);
        }
    }

    /// Left alone, every open item comes to an end or to a named person, within a bounded time.
    #[test]
    fn nothing_waits_for_ever_unseen(happenings in vec(any::<Happening>(), 1..80)) {
        let mut stage = Stage::new();
        let lines = played(&mut stage, &happenings);
        let open: Vec<_> = stage.state.items.keys().copied().collect();
        let mut said = String::new();
        for _ in 0..120 {
            play(&mut stage, "15 min pass");
            said.push_str(&stage.take_said());
        }
        for key in open {
            prop_assert!(names_a_person(&said, &stage.state, key), "{} stands for ever:\n{lines}{said}", key.issue);
        }
    }

    /// What GitHub says, doubled and in another order, comes to the same.
    #[test]
    fn order_and_number_of_words_do_not_count(
        happenings in vec(any::<Happening>(), 1..90),
        order in vec(any::<Index>(), 80),
    ) {
        let happenings: Vec<_> = happenings.into_iter().filter(|one| one.is_free_of_order()).collect();
        let (mut plain, mut other) = (Stage::new(), Stage::new());
        // What was ordered to land is on its way, and nothing turns it back; and whoever comes first takes a narrow place.
        for line in ["given autonomy propose", "given a window of 9"] {
            play(&mut plain, line);
            play(&mut other, line);
        }
        let lines = played(&mut plain, &happenings);
        play(&mut other, "nothing of github arrives");
        played(&mut other, &happenings);
        other.comes_up(|held| {
            let mut doubled: Vec<_> = held.iter().chain(&held).cloned().collect();
            let len = doubled.len();
            for (place, index) in (0..len).zip(&order) {
                doubled.swap(place, index.index(len));
            }
            doubled
        });
        [&mut plain, &mut other].into_iter().for_each(answers_updates);
        let told = other.take_said();
        prop_assert_eq!(standings(&plain), standings(&other), "\n{}---\n{}", lines, told);
    }
}

/// An agent that does the same wrong thing with whatever it takes keeps nobody waiting unseen: within five hours, and
/// fifty offers, a person is named (F-012, F-022, F-041).
#[test]
fn a_bad_habit_becomes_a_person_s_matter() {
    const HABITS: [(&str, &str); 9] = [
        ("given 1 is filed", "dev-e is full on 1"),
        ("given 1 is filed", "dev-e is told to stop 1"),
        ("given 1 is filed", "dev-e leaves nothing of 1"),
        ("given 1 is filed", "dev-e breaks on 1"),
        ("given 1 is filed", "dev-e runs out on 1"),
        ("given 1 is filed", "dev-e pushed h1 for 1"),
        ("given 1 is up as 3 at h1", "review-e comments on h1 of 1"),
        ("given 1 is up as 3 at h1", "review-e approves h9 of 1"),
        ("given 1 is up as 3 at h1", "review-e approves h1 of 1"),
    ];
    for (begin, habit) in HABITS {
        let mut stage = Stage::new();
        play(&mut stage, begin);
        let (begun, agent, mut offers) = (stage.now, habit.split(' ').next().unwrap(), 0);
        let mut said = String::new();
        while !said.contains("@nora") {
            let key = *stage.state.items.keys().next().unwrap();
            if matches!(stage.state.items[&key].course.standing, Standing::Offered(_)) {
                offers += 1;
                play(&mut stage, &format!("{agent} claims 1"));
            }
            if matches!(stage.state.items[&key].course.standing, Standing::Leased(_)) {
                play(&mut stage, habit);
            }
            play(&mut stage, "5 min pass");
            said.push_str(&stage.take_said());
            assert!(stage.now - begun < time::Duration::hours(5) && offers < 50, "{habit}: {offers} offers\n{said}");
        }
    }
}
