//! Commit statuses.

use serde_json::{Value, json};

use crate::stage::Stage;

const REPO: &str = "/repos/acme/hello.site";

#[test]
fn the_newest_word_of_each_context_counts() {
    let mut stage = Stage::new();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    let head = stage.branch("main").unwrap().to_string();
    let place = format!("{REPO}/statuses/{head}");
    let combined = format!("{REPO}/commits/main/status");
    assert_eq!(stage.get(&sam, &combined).expect(200)["state"], "pending", "nobody has said anything");
    let first = stage.post(&nora, &place, json!({"state": "pending", "context": "ci"})).expect(201);
    assert_eq!((&first["creator"]["login"], &first["description"]), (&json!("nora"), &Value::Null));
    stage.post(&nora, &place, json!({"state": "success", "target_url": "https://ci.example/1"})).expect(201);
    assert_eq!(stage.get(&sam, &combined).expect(200)["state"], "pending");
    stage.post(&nora, &place, json!({"state": "error", "context": "ci", "description": "Broken"})).expect(201);
    assert_eq!(stage.get(&sam, &combined).expect(200)["state"], "failure");
    stage.post(&nora, &place, json!({"state": "success", "context": "ci"})).expect(201);
    let both = stage.get(&sam, &combined).expect(200);
    assert_eq!((&both["state"], &both["total_count"], &both["sha"]), (&json!("success"), &json!(2), &json!(head)));
    let all = stage.get(&sam, &format!("{REPO}/commits/heads/main/statuses?per_page=2")).expect(200);
    let words: Vec<_> = all.as_array().unwrap().iter().map(|status| status["state"].clone()).collect();
    assert_eq!(words, ["success", "error"]);
    assert_eq!(stage.told(), ["status"; 4]);
}

#[test]
fn what_is_wrong_is_said() {
    let mut stage = Stage::new();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    let head = stage.branch("main").unwrap();
    let place = format!("{REPO}/statuses/{head}");
    stage.post(&sam, &place, json!({"state": "success"})).expect(403);
    stage.post(&nora, &place, json!({})).expect(422);
    stage.post(&nora, &place, json!({"state": "fine"})).expect(422);
    stage.post(&nora, &place, json!({"state": "success", "description": "x".repeat(141)})).expect(422);
    stage.post(&nora, &place, json!({"state": "success", "target_url": "ftp://x"})).expect(422);
    let nowhere = format!("{REPO}/statuses/00000000000000000000000000000000000000ff");
    let said = stage.post(&nora, &nowhere, json!({"state": "success"})).expect(422);
    assert_eq!(said["message"], "No commit found for SHA: 00000000000000000000000000000000000000ff");
    assert_eq!(stage.told(), [""; 0]);
}
