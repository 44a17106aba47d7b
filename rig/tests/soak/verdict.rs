//! What must be so when everything has settled, whatever happened on the way.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use bus::{
    RecordId, Sequenced, Subject,
    catalogue::{
        conductor::Step,
        outcome::Outcome,
        work::{Need, Standing, Transition, Waiting},
    },
};
use conductor::{
    machine::{State, state::Ending},
    testing::{conserved, rules},
};
use serde_json::Value;

use crate::{course, issues::ISSUES, stage::Stage, world::until};

/// How long a comment may come after what it tells: where more was written than GitHub takes, words wait for its next
/// minute, and are tried again half a minute after each refusal.
const LAST_WORDS: Duration = Duration::from_secs(240);

/// Who speaks for the conductor on GitHub.
const OURS: &str = "conductor-e[bot]";

/// Every issue is live, but the one that the reviewer never lets pass: a named person was asked about that, and told
/// why.
pub fn each_has_its_end(last: &BTreeMap<u64, &Transition>) {
    assert_eq!(last.keys().copied().collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>(), "{}", course::shown(last));
    for (number, issue) in (1..).zip(&ISSUES) {
        match (&last[&number].course.standing, issue.shows) {
            (Standing::Live { .. }, Some(_)) => {}
            (Standing::Waiting(Waiting { whom, what: Need::Trouble { why, .. }, .. }), None) => {
                assert_eq!(whom, "nora");
                assert!(why.contains("asks for changes"), "{why}");
            }
            _ => panic!("#{number} came to another end:\n{}", course::shown(last)),
        }
    }
}

/// On GitHub: one pull request an issue, merged where the issue is live; each review once;
/// one gate on its head, which has said its last word where that landed; everything that landed is on main, and on the site.
pub async fn github_shows_each_once(stage: &Stage, last: &BTreeMap<u64, &Transition>) {
    let pulls = stage.town.shows("/pulls?state=all&per_page=100").await;
    let pulls = pulls.as_array().unwrap();
    assert_eq!(pulls.len(), ISSUES.len(), "{:?}", pulls.iter().map(|pull| &pull["title"]).collect::<Vec<_>>());
    for (number, issue) in (1..).zip(&ISSUES) {
        let course = &last[&number].course;
        let closes = |pull: &&Value| pull["body"].as_str().unwrap().contains(&format!("Closes #{number}\n"));
        let ends = |pull: &&Value| pull["body"].as_str().unwrap().ends_with(&format!("Closes #{number}"));
        let carriers: Vec<&Value> = pulls.iter().filter(|pull| closes(pull) || ends(pull)).collect();
        assert_eq!(carriers.len(), 1, "#{number} has one pull request: {carriers:?}");
        let pull = carriers[0]["number"].as_u64().unwrap();
        assert_eq!(course.pull.unwrap().0, pull);
        assert_eq!(carriers[0]["merged_at"].is_string(), issue.shows.is_some(), "!{pull} of #{number}");
        each_review_once(stage, pull).await;
        let head = carriers[0]["head"]["sha"].as_str().unwrap();
        gate_is_said(stage, pull, head, issue.shows.is_some()).await;
        if let (Some(landed), Some((page, words))) = (course.landed, issue.shows) {
            let compared = stage.town.shows(&format!("/compare/{landed}...main")).await;
            let status = compared["status"].as_str().unwrap();
            assert!(matches!(status, "identical" | "ahead"), "what #{number} landed as is on main: {status}");
            let shown = stage.town.page(page).await;
            assert!(shown.contains(words), "#{number}: {words:?} is not in {shown}");
        }
    }
}

/// Waits until each issue, and its pull request, tells where it stands, in one comment of ours each. What GitHub did not
/// take is said again after a while.
pub async fn people_are_told(stage: &Stage, last: &BTreeMap<u64, &Transition>) {
    let deadline = Instant::now() + LAST_WORDS;
    for (number, transition) in last {
        let (standing, pull) = (transition.course.standing.name(), transition.course.pull.unwrap().0);
        is_told(stage, *number, &format!("**{standing}** · #{pull}"), deadline).await;
        is_told(stage, pull, &format!("**{standing}** · for #{number}"), deadline).await;
    }
}

/// Waits until our one comment on a thread begins so.
async fn is_told(stage: &Stage, thread: u64, words: &str, deadline: Instant) {
    loop {
        let ours = comments(stage, thread).await;
        assert!(ours.len() <= 1, "two comments of ours on #{thread}: {ours:#?}");
        if ours.iter().any(|said| said.lines().next() == Some(words)) {
            return;
        }
        assert!(Instant::now() < deadline, "#{thread} does not tell that it is {words}: {ours:#?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Waits until the gate of a landed head has said its last word. There is never more than one; that a head waits may still
/// be unsaid.
async fn gate_is_said(stage: &Stage, pull: u64, head: &str, landed: bool) {
    let deadline = Instant::now() + LAST_WORDS;
    loop {
        let gates = stage.town.shows(&format!("/commits/{head}/check-runs?check_name=rig%20%2F%20gate")).await;
        assert!(gates["total_count"].as_u64().unwrap() <= 1, "one gate on the head of !{pull}: {gates}");
        if !landed || gates["check_runs"][0]["status"] == "completed" {
            return;
        }
        assert!(Instant::now() < deadline, "the gate of !{pull} waits for ever: {gates}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn comments(stage: &Stage, thread: u64) -> Vec<String> {
    let comments = stage.town.shows(&format!("/issues/{thread}/comments?per_page=100")).await;
    let ours = comments.as_array().unwrap().iter().filter(|comment| comment["user"]["login"] == OURS);
    ours.map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
}

/// A review holds the id of its order, hidden.
async fn each_review_once(stage: &Stage, pull: u64) {
    let reviews = stage.town.shows(&format!("/pulls/{pull}/reviews?per_page=100")).await;
    let bodies = reviews.as_array().unwrap().iter().map(|review| review["body"].as_str().unwrap());
    let markers: Vec<&str> = bodies.filter_map(|body| Some(body.split_once("<!-- rig:")?.1)).collect();
    let once: BTreeSet<&str> = markers.iter().copied().collect();
    assert_eq!(markers.len(), once.len(), "a review of !{pull} was given twice");
}

/// In the log: no step of an earlier term behind a later one, and none that goes back; what the conductor says and what
/// the doors answer stands there once; nothing is poison or was given up. How many terms there were.
pub fn log_is_sound(records: &[Sequenced]) -> u64 {
    let (mut term, mut through) = (0, 0);
    let mut ids: BTreeMap<RecordId, u64> = BTreeMap::new();
    for record in records {
        let number = record.sequence;
        let (subject, envelope) = record.decode().unwrap();
        match subject {
            Subject::Dead { .. } => panic!("{number}: {}", envelope.say()),
            Subject::ConductorStep => {
                let step: Step = envelope.open().unwrap();
                assert!(step.term >= term && step.through >= through, "{number} goes back: {step:?}");
                (term, through) = (step.term, step.through);
            }
            Subject::Work { .. } | Subject::Outcome { .. } | Subject::CmdGithub { .. } | Subject::CmdDeploy { .. } => {
                let before = ids.insert(envelope.id, number);
                assert_eq!(before, None, "{number} is said a second time: {}", record.subject);
            }
            _ => {}
        }
    }
    term
}

/// The orders for GitHub and the target that have no outcome yet.
fn undone(records: &[Sequenced]) -> BTreeMap<RecordId, String> {
    let mut open = BTreeMap::new();
    for record in records {
        let (subject, envelope) = record.decode().unwrap();
        match subject {
            Subject::CmdGithub { .. } | Subject::CmdDeploy { .. } => {
                open.insert(envelope.id, format!("{} {}", record.sequence, record.subject));
            }
            Subject::Outcome { .. } => {
                open.remove(&envelope.open::<Outcome>().unwrap().command);
            }
            _ => {}
        }
    }
    open
}

/// Waits until every order has its outcome.
pub async fn every_order_is_answered(stage: &Stage) {
    let nothing_open = async || undone(&stage.rig.records().await).is_empty().then_some(());
    until("every order to have its outcome", nothing_open).await;
}

fn standing(end: Ending) -> Standing {
    match end {
        Ending::Landed { commit } => Standing::Landed { commit },
        Ending::Live { commit } => Standing::Live { commit },
        Ending::Superseded { by } => Standing::Superseded { by },
        Ending::Cancelled { because } => Standing::Cancelled { because: because.into() },
    }
}

/// Who reads the log from its beginning knows what was said last of each item, and each lies in one place: with an end,
/// or with a wait that ends.
pub async fn replay_comes_to_the_same(stage: &Stage, last: &BTreeMap<u64, &Transition>) {
    let known = conserved(&stage.rig.operator().await, &rules().build()).await.unwrap();
    let State { items, ended, outbox, .. } = known;
    assert!(outbox.is_empty(), "an order is open");
    let open = items.into_iter().map(|(key, item)| (key.issue.0, item.course.standing));
    let over = ended.into_iter().map(|(key, ended)| (key.issue.0, standing(ended.end)));
    let all: Vec<(u64, Standing)> = open.chain(over).collect();
    let standings: BTreeMap<u64, Standing> = all.iter().cloned().collect();
    assert_eq!(all.len(), standings.len(), "an item lies in two places");
    for (number, transition) in last {
        assert_eq!(standings[number], transition.course.standing, "#{number}");
        assert!(transition.course.standing.is_end() != transition.course.standing.until().is_some());
    }
    assert_eq!(standings.len(), last.len());
}
