//! What a person asks at the terminal: `rig file`, `rig why`, `rig why-not`, `rig inbox`, and the words in the channel.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

#[path = "asks/town.rs"]
mod town;
mod world;

use serde_json::Value;
use town::Town;
use world::process::Ended;

fn json(ended: &Ended) -> Value {
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(ended.stdout.trim()).unwrap()
}

/// A person's sentence becomes an issue, and each step of it leads back to that sentence.
#[tokio::test]
async fn what_is_filed_is_told_back_to_its_cause() {
    let town = Town::new().await;
    town.rig.until_said("implementer         off    no [[agent]] makes changes").await;
    town.rig.until_said("reviewer            off    no [[agent]] judges changes").await;
    let filed = json(&town.rig(&["file", "Add a dark mode", "--json"]).await);
    assert_eq!((filed["item"].as_str(), filed["number"].as_u64()), (Some("acme/hello.site#1"), Some(1)));
    assert!(filed["url"].as_str().unwrap().ends_with("/acme/hello.site/issues/1"), "{filed}");
    let after = town.rig(&["file", "--repo", "acme/hello.site", "Remember it", "--after", "1"]).await;
    assert!(after.stdout.starts_with("acme/hello.site#2 is filed: Remember it\nhttp"), "{after:?}");

    let why = town.until_why(&["2"], "parked").await;
    assert!(why["lines"][0].as_str().unwrap().starts_with("waits for #1, since "), "{why:#}");
    let why = town.until_why(&["1"], "queued").await;
    let [step] = why["steps"].as_array().unwrap().as_slice() else { panic!("{why:#}") };
    assert_eq!(step["kind"], "work.queued");
    let because: Vec<(&str, &str)> = step["because"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["kind"].as_str().unwrap(), line["who"].as_str().unwrap()))
        .collect();
    let chain = [("github.issues", "GitHub"), ("cmd.file", "conductor-e"), ("chat.said", "nora")];
    assert_eq!(because, chain, "{why:#}");
    assert_eq!(step["because"][2]["sequence"], filed["sequence"]);

    let shown = town.rig(&["why", "acme/hello.site#1"]).await;
    assert!(shown.stdout.starts_with("acme/hello.site#1 Add a dark mode · queued as of "), "{}", shown.stdout);
    assert!(shown.stdout.contains("\nwaits for its turn, since "), "{}", shown.stdout);
    assert!(!shown.stdout.contains('\u{1b}'), "colour in a pipe");
    town.finish().await;
}

/// The answer to what was filed may be lost: filed again under the same id, it is the same issue.
#[tokio::test]
async fn what_is_filed_again_under_its_id_is_one_issue() {
    let town = Town::new().await;
    let id = bus::RecordId::new().to_string();
    let file = async || json(&town.rig(&["file", "Add a dark mode", "--id", &id, "--json"]).await);
    let (first, second) = (file().await, file().await);
    assert_eq!(first, second);
    json(&town.rig(&["file", "Something else", "--json"]).await);
    assert_eq!(town.rig(&["why", "3"]).await.code, Some(4), "there are two issues");
    town.finish().await;
}

/// The past is told as it was; who is asked stands in the inbox; what is no item says so.
#[tokio::test]
async fn the_past_and_the_inbox_are_told() {
    let town = Town::new().await;
    assert!(town.rig(&["inbox"]).await.stdout.starts_with("Nothing waits for a person."));
    json(&town.rig(&["file", "Add a dark mode", "--json"]).await);
    let before = town.until_why(&["1"], "queued").await["as_of"].as_u64().unwrap();
    town.said("hold #1", "nora holds #1.").await;
    let held = json(&town.rig(&["why", "1", "--json"]).await);
    assert!(held["lines"][0].as_str().unwrap().starts_with("waits for nora to release it"), "{held}");
    let past = json(&town.rig(&["why", "1", "--at", &before.to_string(), "--json"]).await);
    assert!(past["lines"][0].as_str().unwrap().starts_with("waits for its turn"), "{past}");
    assert_eq!(past["steps"].as_array().unwrap().len(), 1, "{past}");
    assert_eq!(past["as_of"].as_u64(), Some(before));

    json(&town.rig(&["file", "Add a dark mode", "--json"]).await);
    let inbox = town.until_inbox().await;
    let [needed] = inbox["waiting"].as_array().unwrap().as_slice() else { panic!("{inbox:#}") };
    assert_eq!(
        (needed["item"].as_str(), needed["what"].as_str()),
        (Some("acme/hello.site#2"), Some("is it the same as #1?"))
    );
    for key in ["whom", "since", "until", "default", "you_can"] {
        assert!(needed[key].as_str().is_some_and(|value| !value.is_empty()), "{key} in {needed}");
    }
    let told = town.rig(&["status", "--json"]).await;
    let told: Value = serde_json::from_str(told.stdout.trim()).unwrap();
    assert_eq!(told["work"]["items"], serde_json::json!({"queued": 1, "waiting": 1}));
    assert_eq!(told["work"]["queue"][0]["item"], "acme/hello.site#1");

    let unknown = town.rig(&["why", "9"]).await;
    assert_eq!((unknown.code, unknown.stderr.contains("There is no #9 here.")), (Some(4), true), "{unknown:?}");
    assert_eq!(town.rig(&["why", "nine"]).await.code, Some(2));
    let elsewhere = town.rig(&["file", "--repo", "acme/elsewhere", "Something"]).await;
    assert_eq!(elsewhere.code, Some(4), "{elsewhere:?}");
    assert!(elsewhere.stderr.contains("acme/elsewhere is not looked after here."), "{}", elsewhere.stderr);
    town.finish().await;
}

/// What keeps a pull request from landing is told gate by gate, with the record that shut it.
#[tokio::test]
async fn why_not_names_each_gate_and_what_shut_it() {
    let town = Town::new().await;
    json(&town.rig(&["file", "Add a dark mode", "--json"]).await);
    town.until_why(&["1"], "queued").await;
    let pull = town.opens_a_pull_request_for(1).await;
    let mentions = |why: &Value| why["pull"].as_u64() == Some(pull);
    let why = town.until(&["why-not", "1", "--json"], mentions).await;
    let gates = why["gates"].as_array().unwrap();
    assert_eq!(gates.len(), 7, "{why:#}");
    let gate = |name: &str| gates.iter().find(|gate| gate["name"] == name).unwrap();
    assert_eq!(gate("linked issue")["shut"], Value::Null);
    let approval = gate("approval");
    assert!(approval["shut"].is_string(), "{why:#}");
    assert_eq!(approval["evidence"]["kind"], "github.pull_request", "{why:#}");
    let by_pull = json(&town.rig(&["why", &format!("!{pull}"), "--json"]).await);
    assert_eq!(by_pull["number"], 1);
    let shown = town.rig(&["why-not", "1"]).await;
    assert!(shown.stdout.contains("  ✓ linked issue\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains("  ✗ approval "), "{}", shown.stdout);
    town.finish().await;
}

/// What shut a gate is found however much was told of others since, and for a moment of the past as it was then.
#[tokio::test]
async fn why_not_finds_what_shut_a_gate_however_long_ago() {
    let town = Town::new().await;
    json(&town.rig(&["file", "Add a dark mode", "--json"]).await);
    town.until_why(&["1"], "queued").await;
    let pull = town.opens_a_pull_request_for(1).await;
    let gate = |why: &Value, name: &str| {
        why["gates"].as_array().unwrap().iter().find(|gate| gate["name"] == name).unwrap().clone()
    };
    let is_judged = |why: &Value| why["pull"].as_u64() == Some(pull) && gate(why, "base")["shut"].is_null();
    let before = town.until(&["why-not", "1", "--json"], is_judged).await;
    assert_eq!(gate(&before, "approval")["evidence"]["kind"], "github.pull_request", "{before:#}");
    let at = before["as_of"].as_u64().unwrap();
    town.much_is_told_of_others(1_200).await;
    let later = json(&town.rig(&["why-not", "1", "--json"]).await);
    assert_eq!(gate(&later, "approval")["evidence"]["kind"], "github.pull_request", "{later:#}");
    // The same line, so that GitHub cannot merge the two.
    town.pushes("main", "three\n");
    let contradicts = |why: &Value| gate(why, "base")["shut"].as_str().is_some_and(|shut| shut.contains("contradicts"));
    let moved = town.until(&["why-not", "1", "--json"], contradicts).await;
    let push = gate(&moved, "base")["evidence"].clone();
    assert_eq!(push["kind"], "github.push", "{moved:#}");
    assert!(push["sequence"].as_u64() > Some(at), "the push that moved main: {moved:#}");

    let past = json(&town.rig(&["why-not", "1", "--at", &at.to_string(), "--json"]).await);
    assert_eq!(past["as_of"].as_u64(), Some(at));
    assert_eq!(gate(&past, "base")["shut"], Value::Null, "it contradicted nothing then: {past:#}");
    let evidence = gate(&past, "approval")["evidence"].clone();
    assert_eq!(evidence["kind"], "github.pull_request", "{past:#}");
    assert!(evidence["sequence"].as_u64() <= Some(at), "{past:#}");
    town.finish().await;
}

/// A terminal shows what is answered, near misses too; nothing is answered twice.
#[tokio::test]
async fn a_terminal_shows_every_answer() {
    let town = Town::new().await;
    let mut chat = town.rig.terminal(&["chat"]);
    chat.until_shown("general> ").await;
    chat.press("retyr\r");
    chat.until_shown("conductor-e    Did you mean `retry`?").await;
    chat.press("status\r");
    chat.until_shown("conductor-e    0 waiting, 0 in work").await;
    chat.press("file Add a dark mode\r");
    chat.until_shown("conductor-e    acme/hello.site#1 is filed: Add a dark mode").await;
    town.until_why(&["1"], "queued").await;
    chat.press("hold on, I think\r");
    chat.until_shown("  nora           hold on, I think").await;
    chat.press("stop #1\r");
    chat.until_shown("conductor-e    nora stopped #1; `resume` lets it go on.").await;
    chat.press("/room acme/hello.site#1\r");
    chat.until_shown("you are in acme/hello.site#1").await;
    chat.press("resume\r");
    chat.until_shown("conductor-e    nora resumed #1.").await;
    assert_eq!(chat.times("Did you mean"), 1);
    chat.press("/quit\r");
    assert_eq!(chat.ended().await, 0);
    town.every_word_has_an_outcome().await;
    town.finish().await;
}

/// Work is told where it is worked on; whoever is asked finds that in `general`, and hears there who answered.
#[tokio::test]
async fn f_155_who_is_asked_is_told_in_general_and_each_step_in_its_room() {
    let town = Town::new().await;
    let mut chat = town.rig.terminal(&["chat"]);
    chat.until_shown("general> ").await;
    json(&town.rig(&["file", "Add a dark mode", "--json"]).await);
    town.until_why(&["1"], "queued").await;
    chat.until_shown("news in acme/hello.site#1: /room acme/hello.site#1").await;
    json(&town.rig(&["file", "Add a dark mode", "--json"]).await);
    let asked = "#2 has the title of #1. `retry` does both; no answer in 24 h: #1 stands for it.";
    chat.until_shown(asked).await;
    assert!(chat.screen().contains(&format!("{asked}  acme/hello.site#2")), "{}", chat.screen());
    assert_eq!(chat.times("#1 is next in the queue."), 0, "a step of one item is not everybody's");
    chat.press("retry #2\r");
    chat.until_shown("conductor-e    nora retries #2.").await;
    town.until_why(&["2"], "queued").await;

    let mut room = town.rig.terminal(&["chat", "acme/hello.site#2"]);
    room.until_shown(asked).await;
    room.until_shown("conductor-e    nora retries #2.").await;
    room.until_shown("acme/hello.site#2> ").await;
    assert_eq!(room.times("is offered to"), 0, "what the queue does is for `why`");
    room.press("/room general\r");
    room.until_shown("you are in general").await;
    room.until_shown(&format!("{asked}  acme/hello.site#2")).await;
    for terminal in [&mut chat, &mut room] {
        terminal.press("still there?\r");
        terminal.until_shown("  nora           still there?").await;
    }
    assert_eq!(chat.times("conductor-e    nora retries #2."), 1, "the step, and no second time as its answer");
    for mut terminal in [chat, room] {
        terminal.press("/quit\r");
        assert_eq!(terminal.ended().await, 0);
    }
    town.finish().await;
}

/// Where no conductor runs, an ask says so, and what was said is on record.
#[tokio::test]
async fn without_a_conductor_a_question_says_that_nobody_answers() {
    let rig = world::Rig::up().await;
    for args in [["why", "1"].as_slice(), &["why-not", "1"], &["why", "1", "--at", "3"], &["inbox"]] {
        let ended = rig.command(args).await;
        assert_eq!(ended.code, Some(3), "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("no conductor answers"), "{}", ended.stderr);
    }
    rig.finish().await;
}

/// Without GitHub nothing can be done: it is said, and it is over when GitHub is back.
#[tokio::test]
async fn f_150_without_github_it_is_down_and_says_why() {
    let town = Town::new().await;
    town.rig.until_part("github", "up").await;
    town.github_goes_away();
    let (code, body) = town.rig.until_part("github", "down").await;
    assert_eq!((code, &body["status"]), (503, &"down".into()), "{body}");
    let reason = body["parts"]["github"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("GitHub cannot be asked: ") && reason.contains("502"), "{reason}");
    town.github_comes_back();
    town.rig.until_whole("up").await;
    town.finish().await;
}
