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
#[path = "soak/writes.rs"]
mod writes;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use bus::catalogue::work::Transition;
use rand::{SeedableRng as _, rngs::StdRng};
use stage::Stage;

/// How one run goes.
#[derive(Clone, Copy)]
pub struct Plan {
    seed: u64,
    /// How often everybody is killed.
    rounds: u64,
    /// How long everything may take to settle once nothing is killed any more.
    patience: Duration,
}

/// The slice is always the same; a soak draws its seeds. `RIG_SEED` to see a failure again.
fn plans() -> Vec<Plan> {
    let told = std::env::var("RIG_SEED").ok().map(|seed| seed.parse().unwrap());
    let full = std::env::var_os("RIG_SOAK").is_some_and(|soak| soak == "full");
    if full {
        let seeds = told.map_or_else(|| (0..8).map(|_| rand::random()).collect(), |seed| vec![seed]);
        let plan = |seed| Plan { seed, rounds: 3, patience: Duration::from_secs(300) };
        return seeds.into_iter().map(plan).collect();
    }
    vec![Plan { seed: told.unwrap_or(41), rounds: 1, patience: Duration::from_secs(300) }]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_slice_ten_issues_survive_kills_and_faults() {
    for plan in plans() {
        eprintln!("seed {}", plan.seed);
        survive(plan).await;
    }
}

/// Ten issues are filed, and everybody is killed so many times.
async fn survive(plan: Plan) {
    let begun = Instant::now();
    let mut dice = StdRng::seed_from_u64(plan.seed);
    let mut stage = Stage::set(plan).await;
    for issue in &issues::ISSUES {
        stage.town.file(issue.title, issue.body).await;
    }
    storm::rages(&mut stage, plan.rounds, &mut dice).await;
    eprintln!("the storm is over after {:?}", begun.elapsed());
    settle(&stage, plan.patience).await;
    eprintln!("settled after {:?}", begun.elapsed());
    stage.everybody_is_well().await;
    let records = stage.rig.records().await;
    eprint!("{}", course::told(&records));
    let transitions = course::transitions(&records);
    let last = course::last(&transitions);
    verdict::people_are_told(&stage, &last).await;
    verdict::every_order_is_answered(&stage).await;
    let records = stage.rig.records().await;
    let terms = verdict::log_is_sound(&records);
    eprintln!("told after {:?}, {} records, {terms} terms", begun.elapsed(), records.len());
    writes::are_few(&records, issues::ISSUES.len());
    assert!(terms > plan.rounds, "whoever led was killed in each round, and another took over");
    verdict::each_has_its_end(&last);
    verdict::github_shows_each_once(&stage, &last).await;
    verdict::replay_comes_to_the_same(&stage, &last).await;
    stage.finish().await;
}

/// So long the check never takes here: one that takes longer hangs.
const HANGS: Duration = Duration::from_secs(8);

/// Waits until nothing goes on by itself any more. Where a person is asked because of the storm, she has it go on, and
/// where a check hangs she does not wait until she is asked.
async fn settle(stage: &Stage, patience: Duration) {
    stage.rig.until_whole("up").await;
    let deadline = Instant::now() + patience;
    let (mut answered, mut running) = (BTreeSet::new(), BTreeMap::new());
    loop {
        see_to_the_checks(stage, &mut running).await;
        let transitions = course::transitions(&stage.rig.records().await);
        let last = course::last(&transitions);
        let asked = last.values().filter(|transition| is_of_the_storm(transition));
        for transition in asked.filter(|asked| answered.insert((asked.item.number.0, asked.course.generation))) {
            eprintln!("{}", transition.say);
            stage.rig.say("general", &format!("retry {}", transition.item.number)).await;
        }
        let settled =
            |transition: &&Transition| course::is_settled(&transition.course.standing) && !is_of_the_storm(transition);
        if last.len() == issues::ISSUES.len() && last.values().all(settled) {
            return;
        }
        assert!(Instant::now() < deadline, "not settled within {patience:?}:\n{}", course::shown(&last));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Has each run of the check that hangs run again.
async fn see_to_the_checks(stage: &Stage, since: &mut BTreeMap<u64, Instant>) {
    let running = stage.town.running().await;
    since.retain(|run, _| running.contains(run));
    for run in running {
        if since.entry(run).or_insert_with(Instant::now).elapsed() > HANGS {
            since.remove(&run);
            eprintln!("run {run} of the check hangs");
            stage.town.run_again(run).await;
        }
    }
}

/// Whether a person is asked for another reason than that the reviewer never lets it pass.
fn is_of_the_storm(transition: &Transition) -> bool {
    course::trouble(&transition.course.standing).is_some_and(|why| !why.contains("asks for changes"))
}
