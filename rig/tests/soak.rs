//! Issues at once, from filed to live, with every role a process of its own, over a GitHub that has its troubles.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

#[path = "soak/course.rs"]
mod course;
#[path = "soak/issues.rs"]
mod issues;
#[path = "soak/stage.rs"]
mod stage;
#[path = "soak/storm.rs"]
mod storm;
#[path = "soak/town.rs"]
mod town;
#[path = "soak/verdict.rs"]
mod verdict;
mod world;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use bus::catalogue::work::Transition;
use rand::{SeedableRng as _, rngs::StdRng};
use stage::Stage;

/// How long everything may take to settle once nothing is killed any more.
const PATIENCE: Duration = Duration::from_secs(150);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_slice_ten_issues_survive_kills_and_faults() {
    let full = std::env::var_os("RIG_SOAK").is_some_and(|soak| soak == "full");
    let told: Option<u64> = std::env::var("RIG_SEED").ok().map(|seed| seed.parse().unwrap());
    let (seeds, rounds) = match (told, full) {
        (Some(seed), _) => (vec![seed], 1),
        (None, false) => (vec![41], 1),
        (None, true) => ((0..8).map(|_| rand::random()).collect(), 3),
    };
    for seed in seeds {
        eprintln!("seed {seed}");
        survive(seed, rounds).await;
    }
}

/// Ten issues are filed, and everybody is killed so many times.
async fn survive(seed: u64, rounds: usize) {
    let begun = Instant::now();
    let mut dice = StdRng::seed_from_u64(seed);
    let mut stage = Stage::set(seed).await;
    for issue in &issues::ISSUES {
        stage.town.file(issue.title, issue.body).await;
    }
    storm::rages(&mut stage, rounds, &mut dice).await;
    eprintln!("the storm is over after {:?}", begun.elapsed());
    settle(&stage).await;
    eprintln!("settled after {:?}", begun.elapsed());
    verdict::every_order_is_answered(&stage).await;
    let records = stage.rig.records().await;
    let terms = verdict::log_is_sound(&records);
    eprintln!("{} records, {terms} terms", records.len());
    let transitions = course::transitions(&records);
    let last = course::last(&transitions);
    verdict::each_has_its_end(&last);
    verdict::github_shows_each_once(&stage, &last).await;
    verdict::replay_comes_to_the_same(&stage, &last).await;
    stage.finish().await;
}

/// Waits until nothing goes on by itself any more. Where a person is asked because of the storm, she has it go on.
async fn settle(stage: &Stage) {
    stage.rig.until_whole("up").await;
    let deadline = Instant::now() + PATIENCE;
    let mut answered = BTreeSet::new();
    loop {
        let transitions = course::transitions(&stage.rig.records().await);
        let last = course::last(&transitions);
        let asked = last.values().filter(|transition| is_of_the_storm(transition));
        for transition in asked.filter(|transition| answered.insert((transition.item.number.0, transition.say.clone())))
        {
            eprintln!("{}", transition.say);
            stage.rig.say("general", &format!("retry {}", transition.item.number)).await;
        }
        let settled =
            |transition: &&Transition| course::is_settled(&transition.course.standing) && !is_of_the_storm(transition);
        if last.len() == issues::ISSUES.len() && last.values().all(settled) {
            return;
        }
        assert!(Instant::now() < deadline, "not settled within {PATIENCE:?}:\n{}", course::shown(&last));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Whether a person is asked for another reason than that the reviewer never lets it pass.
fn is_of_the_storm(transition: &Transition) -> bool {
    course::trouble(&transition.course.standing).is_some_and(|why| !why.contains("asks for changes"))
}
