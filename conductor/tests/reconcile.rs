//! What no delivery told is found out all the same: deliveries that are lost, a door that is closed for a while, and no
//! door at all.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test says so by failing")]

#[path = "whole/agents.rs"]
mod agents;
#[path = "whole/rig.rs"]
mod rig;
#[path = "github_door/scene.rs"]
#[expect(dead_code, reason = "shared with the door's own test")]
mod scene;
mod stage;

use std::{collections::HashMap, time::Duration};

use bus::Sequenced;
use conductor::github::reconcile::{self, Settings};
use rig::{Deliveries, Rig};
use sandbox::faults::{Often, Post, Rule, Trouble};
use stage::{until, when};
use tokio::sync::watch;

const SOON: Duration = Duration::from_millis(150);
const NEVER: Duration = Duration::from_secs(3600);

/// One pull request an issue, each landed once and live.
async fn ended_well(rig: &Rig, issues: &[u64]) {
    for issue in issues {
        rig.is_live(*issue).await;
        let kinds = rig.course_of(*issue).await;
        for kind in ["opened", "landing", "merged", "live"] {
            assert_eq!(kinds.iter().filter(|known| *known == kind).count(), 1, "{kind} in {kinds:?}");
        }
    }
    assert_eq!(rig.get("pulls?state=all").await.as_array().unwrap().len(), issues.len());
}

/// Each live; whatever had to be tried again on the way.
async fn ended_well_despite(rig: &Rig, issues: &[u64]) {
    for issue in issues {
        rig.is_live(*issue).await;
        let kinds = rig.course_of(*issue).await;
        assert_eq!(kinds.iter().filter(|known| *known == "merged").count(), 1, "{kinds:?}");
    }
}

async fn two_issues(rig: &Rig) -> [u64; 2] {
    let first = rig.file("Greet the visitor by name", "The page says Hello, and the name.").await;
    [first, rig.file("Remember the name", &format!("Depends on #{first}")).await]
}

fn is_observed(record: &Sequenced) -> bool {
    record.decode().is_ok_and(|(_, envelope)| envelope.source == "/rig/reconcile")
}

#[tokio::test]
async fn a_third_of_the_deliveries_is_lost_and_it_ends_as_if_none_were() {
    let settings = Settings { every: SOON, list_every: NEVER, ..Settings::default() };
    let rig = Rig::with(Deliveries::Posted, Some(settings)).await;
    rig.trouble(Rule::Delivery { event: "*".to_owned(), what: Post::Lose, often: Often::Every(3) });
    let issues = two_issues(&rig).await;
    ended_well(&rig, &issues).await;
    rig.finish().await;
}

#[tokio::test]
async fn where_no_delivery_comes_at_all_looking_is_enough() {
    let settings = Settings { every: SOON, list_every: NEVER, ..Settings::default() };
    let rig = Rig::with(Deliveries::Nowhere, Some(settings)).await;
    let issues = two_issues(&rig).await;
    ended_well(&rig, &issues).await;
    rig.finish().await;
}

#[tokio::test]
async fn what_has_not_changed_is_not_told_again() {
    let settings = Settings { every: SOON, list_every: NEVER, ..Settings::default() };
    let rig = Rig::with(Deliveries::Nowhere, Some(settings)).await;
    let issue = rig.file("Greet the visitor by name", "").await;
    ended_well(&rig, &[issue]).await;
    // What the end of an issue leaves on GitHub is looked up, too: its comment, and the checks of what landed.
    let count = async || rig.records().await.iter().filter(|record| is_observed(record)).count();
    let mut before = count().await;
    until("everything is told", async || {
        rig.looks(3).await;
        let now = count().await;
        when(std::mem::replace(&mut before, now) == now)
    })
    .await;
    // Thirteen looks, so that one of them is as thorough as the first; it finds what changed since that one.
    rig.looks(13).await;
    let counted = rig.requests_counted().await;
    rig.looks(13).await;
    assert_eq!(count().await, before);
    assert_eq!(rig.requests_counted().await, counted, "GitHub counts no question to which the answer was known");
    rig.finish().await;
}

#[tokio::test]
async fn a_log_that_began_anew_is_told_everything_again() {
    let settings = Settings { every: SOON, list_every: NEVER, ..Settings::default() };
    let mut rig = Rig::with(Deliveries::Nowhere, Some(settings)).await;
    let epoch = watch::Sender::new("one");
    rig.log_lives(epoch.subscribe()).await;
    let issue = rig.file("Greet the visitor by name", "").await;
    ended_well(&rig, &[issue]).await;
    rig.looks(3).await;
    let issues = async || {
        let records = rig.records().await;
        records.iter().filter(|record| is_observed(record) && record.subject.ends_with(".issues")).count()
    };
    let before = issues().await;
    epoch.send_replace("another");
    until("the issue to be told again", async || when(issues().await > before)).await;
    rig.finish().await;
}

#[tokio::test]
async fn githubs_bad_minutes_only_take_longer() {
    let settings = Settings { every: SOON, list_every: NEVER, ..Settings::default() };
    let rig = Rig::with(Deliveries::Nowhere, Some(settings)).await;
    let path = || "/repos/**".to_owned();
    let get = || Some("GET".to_owned());
    for (what, chance) in [
        (Trouble::Status(502), 0.05),
        (Trouble::Limited(1), 0.02),
        (Trouble::SilentBefore(20), 0.02),
        (Trouble::TokenDies, 0.01),
    ] {
        rig.trouble(Rule::Request { method: get(), path: path(), what, often: Often::Chance(chance) });
    }
    let issues = two_issues(&rig).await;
    ended_well_despite(&rig, &issues).await;
    rig.finish().await;
}

/// Nobody looks at anything but GitHub's list of deliveries; and of comments nothing else tells.
async fn what_was_refused_comes_again(deliveries: Deliveries) {
    let settings = Settings { every: NEVER, list_every: SOON, ..Settings::default() };
    let mut rig = Rig::with(deliveries, Some(settings)).await;
    rig.looks(1).await;
    rig.while_closed(async |rig| {
        let issue = rig.file("Greet the visitor by name", "").await;
        rig.comment(issue, "/rig hold").await;
    })
    .await;
    let kinds = async || rig.course_of(1).await;
    until("the hold", async || when(kinds().await.contains(&"held".to_owned()))).await;
    rig.comment(1, "/rig release").await;
    ended_well(&rig, &[1]).await;
    assert!(rig.records().await.iter().all(|record| !is_observed(record) || record.subject.ends_with(".push")));
    rig.finish().await;
}

#[tokio::test]
async fn what_was_refused_while_the_door_was_closed_is_delivered_again() {
    what_was_refused_comes_again(Deliveries::PostedToTheApp).await;
}

#[tokio::test]
async fn so_it_is_where_the_repository_has_the_webhook() {
    what_was_refused_comes_again(Deliveries::Posted).await;
}

#[tokio::test]
async fn without_an_address_every_delivery_is_read_in_githubs_list() {
    let deliveries = reconcile::Deliveries::Polled;
    let settings = Settings { every: NEVER, list_every: SOON, deliveries, ..Settings::default() };
    let rig = Rig::with(Deliveries::Nowhere, Some(settings)).await;
    rig.looks(1).await;
    let issues = two_issues(&rig).await;
    rig.comment(issues[1], "/rig hold").await;
    rig.is_live(issues[0]).await;
    rig.comment(issues[1], "/rig release").await;
    ended_well(&rig, &issues).await;
    let mut count: HashMap<bus::RecordId, u32> = HashMap::new();
    for record in rig.records().await.iter().filter(|record| record.subject.starts_with("rig.evt.github.")) {
        *count.entry(record.decode().unwrap().1.id).or_default() += 1;
    }
    assert!(count.values().all(|count| *count == 1), "each delivery is one record");
    rig.finish().await;
}
