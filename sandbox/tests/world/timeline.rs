//! What happened to issues.

use serde_json::{Value, json};

use crate::stage::Stage;

const ISSUES: &str = "/repos/acme/hello.site/issues";

fn events(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[test]
fn what_happens_to_an_issue_is_kept_in_order() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    let one = format!("{ISSUES}/1");
    stage.post(&sam, ISSUES, json!({"title": "Greet"})).expect(201);
    stage.patch(&ada, &one, json!({"labels": ["bug"], "assignees": ["nora"], "title": "Greet me"})).expect(200);
    stage.post(&sam, &format!("{one}/comments"), json!({"body": "Please"})).expect(201);
    stage.put(&ada, &format!("{one}/lock"), json!({"lock_reason": "resolved"})).expect(204);
    stage.delete(&ada, &format!("{one}/lock")).expect(204);
    stage.patch(&ada, &one, json!({"state": "closed", "state_reason": "not_planned"})).expect(200);
    let again = stage.patch(&ada, &one, json!({"state": "closed", "state_reason": "duplicate"})).expect(200);
    assert_eq!((&again["state_reason"], &again["closed_by"]["login"]), (&json!("duplicate"), &json!("ada")));
    stage.patch(&ada, &one, json!({"state": "open", "labels": []})).expect(200);
    stage.post(&sam, ISSUES, json!({"title": "Likewise", "body": "As in #1, and #9."})).expect(201);
    stage.post(&sam, &format!("{ISSUES}/2/comments"), json!({"body": "See #1"})).expect(201);
    let own = stage.get(&sam, &format!("{one}/events")).expect(200);
    let expected =
        ["renamed", "labeled", "assigned", "locked", "unlocked", "closed", "closed", "unlabeled", "reopened"];
    assert_eq!(events(&own), expected);
    assert_eq!(own[0]["rename"], json!({"from": "Greet", "to": "Greet me"}));
    let timeline = stage.get(&sam, &format!("{one}/timeline")).expect(200);
    let told = events(&timeline);
    assert_eq!((told[3], told[told.len() - 1], told.len()), ("commented", "cross-referenced", 11));
    assert_eq!(timeline[10]["source"]["issue"]["number"], 2);
    let all = stage.get(&sam, &format!("{ISSUES}/events")).expect(200);
    assert_eq!((events(&all)[0], &all[0]["issue"]["number"]), ("reopened", &json!(1)));
    let id = &all[0]["id"];
    assert_eq!(&stage.get(&sam, &format!("{ISSUES}/events/{id}")).expect(200)["id"], id);
    stage.get(&sam, &format!("{ISSUES}/events/1")).expect(404);
}
