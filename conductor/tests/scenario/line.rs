//! The lines of a scenario: what happens, one thing a line, as a person would write it down.

use std::time::Duration;

use conductor::machine::Fact;

use super::{
    agent::claim,
    answer::{done, github, nothing_tried, smoke},
    given::given,
    people::{Place, ask},
    stage::{Line, Stage},
    told::{check, issue, issue_of, pull, review},
};

/// Plays one line.
pub(crate) fn play(stage: &mut Stage, line: &str) {
    let words = split(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["given", rest @ ..] => given(stage, rest),
        ["issue", number, "of", other, "is", title] => issue_of(stage, other, parse(number), title),
        ["issue", number, rest @ ..] => issue(stage, parse(number), rest),
        ["pull", number, rest @ ..] => pull(stage, parse(number), rest),
        ["review", id, "of", pull, "by", who, says @ ..] => review(stage, parse(id), parse(pull), who, says),
        ["check", name, "run", run, "on", head, "is", conclusion, summary @ ..] => {
            check(stage, name, parse(run), head, conclusion, summary);
        }
        ["check", name, "on", head, "is", conclusion, summary @ ..] => check(stage, name, 1, head, conclusion, summary),
        ["main", "is", "set", "back", "to", commit] => {
            let before = stage.base;
            stage.pulls.values_mut().for_each(|pull| pull.behind -= 1);
            stage.moves_base(commit, Some(before));
        }
        ["main", "moves", "to", commit] => {
            let before = stage.base;
            stage.pulls.values_mut().for_each(|pull| pull.behind += 1);
            stage.moves_base(commit, Some(before));
        }
        ["site", "shows", commit] => {
            let commit = stage.names.oid(commit);
            stage.tell(Fact::Observed(stage.place().id, commit));
            if stage.is_open("observe") {
                stage.end("observe", done());
            }
        }
        ["smoke", "names", "no", "check", "at", commit] => nothing_tried(stage, commit),
        ["smoke", "passes", "at", commit] => smoke(stage, commit, Vec::new()),
        ["smoke", "fails", "at", commit, why] => smoke(stage, commit, vec![(*why).to_owned()]),
        ["the", "same", "comes", "again"] => stage.comes_again(),
        ["the", "same", "record", "comes", "again"] => stage.is_read_again(),
        ["nothing", "of", "github", "arrives"] => stage.line = Line::Down,
        ["every", "third", "word", "of", "github", "is", "lost"] => stage.line = Line::Lossy(0),
        ["github", "arrives", "after", "all"] => stage.comes_up(|held| held),
        ["github", "arrives", "backwards"] => stage.comes_up(|held| held.into_iter().rev().collect()),
        ["github", "arrives", "twice"] => stage.comes_up(|held| held.iter().cloned().chain(held.clone()).collect()),
        [count, "words", "of", "github", "are", "held", "back"] => stage.has_held(parse(count)),
        ["check", name, "ends", count, "times", "on", head] => {
            (1..=parse(count)).for_each(|run| check(stage, name, run, head, "green", &[]));
        }
        ["github", "is", "read", "again"] => stage.reads_github(),
        ["github", rest @ ..] => github(stage, rest),
        [count, unit, "pass"] => stage.wait(span(count, unit)),
        [who, "says", text] => ask(stage, who, text, true, Place::Room("general")),
        [who, "says", text, "in", room] => ask(stage, who, text, true, Place::Room(room)),
        [who, "says", text, "under", number] => ask(stage, who, text, true, Place::Thread(parse(number))),
        [who, "outside", "says", text] => ask(stage, who, text, false, Place::Room("general")),
        [who, "outside", "says", text, "under", number] => ask(stage, who, text, false, Place::Thread(parse(number))),
        ["agents", from, "to", to, "claim", number] => {
            (parse::<u64>(from)..=parse(to)).for_each(|n| claim(stage, &format!("dev-{n}"), &["claims", number]));
        }
        ["due", number, "again"] => due(stage, parse(number)),
        [agent, rest @ ..] => claim(stage, agent, rest),
        [] => {}
    }
}

pub(crate) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (n, part) in line.split('"').enumerate() {
        if n % 2 == 1 {
            words.push(part.replace("\\n", "\n"));
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

pub(crate) fn parse<T: std::str::FromStr>(text: &str) -> T {
    text.trim_start_matches(['#', '!']).parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

fn span(count: &str, unit: &str) -> Duration {
    let count: u64 = parse(count);
    Duration::from_secs(match unit {
        "s" => count,
        "min" => count * 60,
        "h" => count * 3600,
        _ => panic!("`{unit}` is no unit of time"),
    })
}

fn due(stage: &mut Stage, number: u64) {
    let item = &stage.state.items[&Stage::key(number)];
    let due = conductor::machine::fact::Due {
        item: Stage::key(number),
        generation: item.course.generation.wrapping_sub(1),
        due_at: stage.now,
    };
    stage.tell(Fact::Due(due));
}
