//! Issues that are part of others, and issues that wait for others.

use serde_json::{Value, json};

use crate::stage::Stage;

const ISSUES: &str = "/repos/acme/hello.site/issues";

/// Files this many issues; their ids.
fn filed(stage: &mut Stage, count: usize) -> Vec<Value> {
    let sam = stage.sam.clone();
    let ids =
        (1..=count).map(|n| stage.post(&sam, ISSUES, json!({"title": format!("Part {n}")})).expect(201)["id"].clone());
    let ids = ids.collect();
    stage.told();
    ids
}

fn numbers(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|issue| issue["number"].as_u64().unwrap()).collect()
}

#[test]
fn issues_are_parts_of_others_in_an_order() {
    let mut stage = Stage::new();
    let ids = filed(&mut stage, 4);
    let ada = stage.ada.clone();
    let parts = format!("{ISSUES}/1/sub_issues");
    for id in &ids[1..] {
        stage.post(&ada, &parts, json!({"sub_issue_id": id})).expect(201);
    }
    assert_eq!(numbers(&stage.get(&ada, &parts).expect(200)), [2, 3, 4]);
    assert_eq!(stage.told()[..2], ["sub_issues.sub_issue_added", "sub_issues.parent_issue_added"]);
    let moved = json!({"sub_issue_id": ids[3], "before_id": ids[1]});
    stage.patch(&ada, &format!("{parts}/priority"), moved).expect(200);
    assert_eq!(numbers(&stage.get(&ada, &parts).expect(200)), [4, 2, 3]);
    let moved = json!({"sub_issue_id": ids[3], "after_id": ids[1]});
    stage.patch(&ada, &format!("{parts}/priority"), moved).expect(200);
    assert_eq!(numbers(&stage.get(&ada, &parts).expect(200)), [2, 4, 3]);
    stage.patch(&ada, &format!("{parts}/priority"), json!({"sub_issue_id": ids[3]})).expect(422);
    assert_eq!(stage.get(&ada, &format!("{ISSUES}/2/parent")).expect(200)["number"], 1);
    stage.patch(&ada, &format!("{ISSUES}/2"), json!({"state": "closed"})).expect(200);
    let summary = stage.get(&ada, &format!("{ISSUES}/1")).expect(200)["sub_issues_summary"].clone();
    assert_eq!(summary, json!({"total": 3, "completed": 1, "percent_completed": 33}));
    let gone = json!({"sub_issue_id": ids[1]});
    stage.told();
    stage.ask("DELETE", &ada, &format!("{ISSUES}/1/sub_issue"), Some(&gone)).expect(200);
    stage.ask("DELETE", &ada, &format!("{ISSUES}/1/sub_issue"), Some(&gone)).expect(404);
    assert_eq!(stage.told(), ["sub_issues.sub_issue_removed", "sub_issues.parent_issue_removed"]);
    stage.get(&ada, &format!("{ISSUES}/2/parent")).expect(404);
}

#[test]
fn an_issue_is_no_part_of_itself_nor_of_two() {
    let mut stage = Stage::new();
    let ids = filed(&mut stage, 3);
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    let parts = |number: u64| format!("{ISSUES}/{number}/sub_issues");
    stage.post(&sam, &parts(1), json!({"sub_issue_id": ids[1]})).expect(403);
    stage.post(&ada, &parts(1), json!({"sub_issue_id": ids[0]})).expect(422);
    stage.post(&ada, &parts(1), json!({"sub_issue_id": 1})).expect(404);
    stage.post(&ada, &parts(1), json!({"sub_issue_id": ids[1]})).expect(201);
    stage.post(&ada, &parts(2), json!({"sub_issue_id": ids[0]})).expect(422);
    stage.post(&ada, &parts(3), json!({"sub_issue_id": ids[1]})).expect(422);
    stage.post(&ada, &parts(3), json!({"sub_issue_id": ids[1], "replace_parent": true})).expect(201);
    assert_eq!(numbers(&stage.get(&ada, &parts(1)).expect(200)), Vec::<u64>::new());
    assert_eq!(numbers(&stage.get(&ada, &parts(3)).expect(200)), [2]);
}

#[test]
fn issues_wait_for_others() {
    let mut stage = Stage::new();
    let ids = filed(&mut stage, 2);
    let ada = stage.ada.clone();
    let waits = format!("{ISSUES}/1/dependencies/blocked_by");
    stage.post(&ada, &waits, json!({"issue_id": ids[1]})).expect(201);
    stage.post(&ada, &waits, json!({"issue_id": ids[1]})).expect(422);
    stage.post(&ada, &waits, json!({"issue_id": ids[0]})).expect(422);
    stage.post(&ada, &format!("{ISSUES}/2/dependencies/blocked_by"), json!({"issue_id": ids[0]})).expect(422);
    assert_eq!(stage.told(), ["issue_dependencies.blocked_by_added", "issue_dependencies.blocking_added"]);
    assert_eq!(numbers(&stage.get(&ada, &waits).expect(200)), [2]);
    assert_eq!(numbers(&stage.get(&ada, &format!("{ISSUES}/2/dependencies/blocking")).expect(200)), [1]);
    let summary = stage.get(&ada, &format!("{ISSUES}/1")).expect(200)["issue_dependencies_summary"].clone();
    assert_eq!((&summary["blocked_by"], &summary["total_blocked_by"]), (&json!(1), &json!(1)));
    stage.patch(&ada, &format!("{ISSUES}/2"), json!({"state": "closed"})).expect(200);
    let summary = stage.get(&ada, &format!("{ISSUES}/1")).expect(200)["issue_dependencies_summary"].clone();
    assert_eq!((&summary["blocked_by"], &summary["total_blocked_by"]), (&json!(0), &json!(1)));
    stage.told();
    stage.delete(&ada, &format!("{waits}/{}", ids[1])).expect(200);
    stage.delete(&ada, &format!("{waits}/{}", ids[1])).expect(404);
    assert_eq!(stage.told(), ["issue_dependencies.blocked_by_removed", "issue_dependencies.blocking_removed"]);
}
