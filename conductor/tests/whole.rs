//! From filed to live over a real channel: the played GitHub posts its webhooks, ingest stores them, the driver decides,
//! the door does what is ordered, the probe looks at the site. Only the agents are played here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test says so by failing")]

#[path = "whole/agents.rs"]
mod agents;
#[path = "whole/rig.rs"]
mod rig;
#[path = "github_door/scene.rs"]
#[expect(dead_code, reason = "shared with the door's own test")]
mod scene;
mod stage;

use std::ops::ControlFlow;

use bus::{
    Sequenced,
    told::{Speaker, Told},
};
use rig::Rig;
use scene::REPOSITORY;
use serde_json::Value;
use stage::until;

/// One issue, one round of changes, nobody touches a key between.
#[tokio::test]
async fn an_issue_becomes_a_live_change() {
    let rig = Rig::new().await;
    let issue = rig.file("Greet the visitor by name", "The page says Hello, and the name.").await;
    rig.is_live(issue).await;

    let kinds = rig.course_of(issue).await;
    let once = |kind: &str| kinds.iter().filter(|known| *known == kind).count();
    for (kind, count) in
        [("claimed", 4), ("opened", 1), ("changes_requested", 1), ("landing", 1), ("merged", 1), ("live", 1)]
    {
        assert_eq!(once(kind), count, "{kind} in {kinds:?}");
    }
    let pulls = rig.get("pulls?state=all").await;
    assert_eq!(pulls.as_array().unwrap().len(), 1, "one pull request an issue");
    assert_eq!(rig.get(&format!("issues/{issue}")).await["state"], "closed");
    let pull = pulls[0]["number"].as_u64().unwrap();
    let says = |thread: &Value| thread["body"].as_str().unwrap().to_owned();
    for (thread, words) in [(issue, format!("**live** · #{pull}\n")), (pull, format!("**live** · for #{issue}\n"))] {
        let comments = until("the last word on the thread", async || {
            let comments = rig.get(&format!("issues/{thread}/comments")).await;
            let comments: Vec<String> = comments.as_array().unwrap().iter().map(says).collect();
            if comments.iter().any(|text| text.starts_with(&words)) {
                ControlFlow::Break(comments)
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!(comments.await.len(), 1, "one comment on #{thread}, edited in place");
    }
    rig.finish().await;
}

/// No chat door is open here, and nobody misses it.
#[tokio::test]
async fn invariant_10_work_goes_on_without_chat_and_each_step_is_told() {
    let rig = Rig::new().await;
    assert!(!rig.has_chat().await);
    let issue = rig.file("Greet the visitor by name", "").await;
    rig.is_live(issue).await;
    let records = rig.records().await;
    let steps: Vec<_> = records.iter().filter(|record| record.subject.starts_with("rig.evt.work.")).collect();
    assert!(steps.len() > 10, "from filed to live: {}", steps.len());
    for step in steps {
        assert!(!step.decode().unwrap().1.say().is_empty(), "{} says nothing", step.subject);
    }
    let told = told_in(&records, &format!("{REPOSITORY}#{issue}"));
    for (speaker, words) in [
        (Speaker::Conductor, format!("#{issue} goes to dev-e.")),
        (Speaker::Agent("dev-e".to_owned()), "done".to_owned()),
        (Speaker::Agent("review-e".to_owned()), "done".to_owned()),
        (Speaker::Conductor, "goes to review".to_owned()),
        (Speaker::Conductor, "Landed as".to_owned()),
        (Speaker::Conductor, format!("#{issue} is live")),
    ] {
        let is_told = told.iter().any(|told| told.speaker == speaker && told.say.contains(&words));
        assert!(is_told, "{words:?} by {speaker:?} is not in {told:#?}");
    }
    rig.finish().await;
}

/// What people are told in a room.
fn told_in(records: &[Sequenced], room: &str) -> Vec<Told> {
    let told = records.iter().filter_map(|record| {
        let (subject, envelope) = record.decode().ok()?;
        Told::of(&subject, &envelope)
    });
    told.filter(|told| told.rooms.iter().any(|known| known == room)).collect()
}

/// Two issues, the second after the first.
#[tokio::test]
async fn f_017_the_second_begins_when_the_first_is_live() {
    let rig = Rig::new().await;
    let first = rig.file("Greet the visitor by name", "").await;
    let second = rig.file("Remember the name", &format!("Depends on #{first}")).await;
    rig.is_live(second).await;
    let log = rig.work().await;
    let place =
        |issue: u64, kind: &str| log.iter().position(|(number, known)| *number == issue && known == kind).unwrap();
    assert!(place(first, "live") < place(second, "claimed"));
    rig.finish().await;
}

/// What a person asks in a comment is answered under it, and done.
#[tokio::test]
async fn what_is_asked_on_github_is_answered_on_github() {
    let rig = Rig::new().await;
    let issue = rig.file("Greet the visitor by name", "").await;
    for (asked, answer) in [
        ("Wait.\n/rig hold", "nora holds #1."),
        ("/rig wyh", "Did you mean `why`?"),
        ("/rig why", "    waits for nora to release it, since "),
        ("/rig release", "nora let #1 go on."),
    ] {
        rig.comment(issue, asked).await;
        until("the answer", async || {
            let comments = rig.get(&format!("issues/{issue}/comments")).await;
            let said = comments.as_array().unwrap().iter().any(|comment| {
                comment["user"]["login"] == "conductor-e[bot]" && comment["body"].as_str().unwrap().starts_with(answer)
            });
            if said { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await;
    }
    rig.is_live(issue).await;
    rig.finish().await;
}
