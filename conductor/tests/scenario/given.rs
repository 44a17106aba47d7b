//! What goes before a scenario begins.

use conductor::machine::rules::{Autonomy, Pool, Repository, Skill};

use super::{
    line::{parse, play},
    stage::Stage,
};

pub(crate) fn given(stage: &mut Stage, words: &[&str]) {
    match words {
        ["autonomy", "watch"] => repository(stage).autonomy = Autonomy::Watch,
        ["autonomy", "propose"] => repository(stage).autonomy = Autonomy::Propose,
        ["autonomy", "land"] => repository(stage).autonomy = Autonomy::Land,
        ["checks", names @ ..] => repository(stage).checks = names.iter().map(|name| (*name).to_owned()).collect(),
        ["another", "repository", name] => {
            let like = repository(stage).clone();
            stage.rules.repositories.insert((*name).to_owned(), like);
        }
        ["no", "site"] => repository(stage).site = None,
        ["words", "are", "shown"] => (stage.shows_comments, stage.shows_gates) = (true, true),
        ["comments", "are", "shown"] => stage.shows_comments = true,
        ["gates", "are", "shown"] => stage.shows_gates = true,
        ["github", "does", "not", "answer", verb] => stage.silent.push((*verb).to_owned()),
        ["a", "window", "of", count] => {
            let window = parse(count);
            stage.rules.pools.iter_mut().for_each(|pool| pool.window = window);
        }
        ["no", "implementer"] => stage.rules.pools.retain(|Pool { skill, .. }| *skill != Skill::Implementer),
        ["no", "reviewer"] => stage.rules.pools.retain(|Pool { skill, .. }| *skill != Skill::Reviewer),
        [number, "is", "filed"] => before(stage, number, &[""; 0]),
        [number, "is", "with", "dev-e"] => before(stage, number, &["dev-e claims N"]),
        [number, "is", "up", "as", pull, "at", head] => {
            before(stage, number, &steps(pull, head, "", &UP));
        }
        [number, "is", "approved", "as", pull, "at", head] => {
            before(stage, number, &steps(pull, head, "", &[&UP[..], &APPROVED].concat()));
        }
        [number, "lands", "as", pull, "at", head] => {
            before(stage, number, &steps(pull, head, "", &[&UP[..], &APPROVED, &GREEN].concat()));
        }
        [number, "landed", "as", commit, "from", pull, "at", head] => {
            before(stage, number, &steps(pull, head, commit, &[&UP[..], &APPROVED, &GREEN, &LANDED].concat()));
        }
        [number, "is", "live", "as", commit, "from", pull, "at", head] => {
            let all = [&UP[..], &APPROVED, &GREEN, &LANDED, &LIVE].concat();
            before(stage, number, &steps(pull, head, commit, &all));
        }
        _ => panic!("`given {}` is not known", words.join(" ")),
    }
}

const UP: [&str; 3] = ["dev-e claims N", "dev-e pushed H for N", "github opens P for N at H"];
const APPROVED: [&str; 4] = [
    "review-e claims N",
    "review-e approves H of N",
    "github takes the review",
    "review 10P of P by review-e approves",
];
const GREEN: [&str; 1] = ["check build on H is green"];
const LANDED: [&str; 2] = ["github merges P as C", "issue N is done by its merge"];
const LIVE: [&str; 2] = ["site shows C", "smoke passes at C"];

fn steps(pull: &str, head: &str, commit: &str, lines: &[&str]) -> Vec<String> {
    let name = |word: &str| match word {
        "P" => pull.to_owned(),
        "10P" => format!("10{pull}"),
        "H" => head.to_owned(),
        "C" => commit.to_owned(),
        word => word.to_owned(),
    };
    lines.iter().map(|line| line.split(' ').map(name).collect::<Vec<_>>().join(" ")).collect()
}

/// Plays what usually goes before, and shows nothing of it.
fn before(stage: &mut Stage, number: &str, lines: &[impl AsRef<str>]) {
    const TITLES: [&str; 5] = [
        "Greet the visitor by name",
        "Remember the name",
        "Say goodbye as well",
        "Show the time of day",
        "Count the visits of today",
    ];
    let said = stage.take_said();
    let key: usize = parse(number);
    if !stage.issues.contains_key(&parse(number)) {
        play(stage, &format!("issue {number} is \"{}\"", TITLES[(key - 1) % TITLES.len()]));
    }
    for line in lines {
        let words: Vec<&str> = line.as_ref().split(' ').map(|word| if word == "N" { number } else { word }).collect();
        play(stage, &words.join(" "));
    }
    stage.take_said();
    stage.say_again(&said);
}

fn repository(stage: &mut Stage) -> &mut Repository {
    stage.rules.repositories.values_mut().next().unwrap()
}
