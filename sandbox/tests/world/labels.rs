//! Labels, assignees and locks.

use serde_json::json;

use crate::stage::Stage;

const SITE: &str = "/repos/acme/hello.site";
const ISSUES: &str = "/repos/acme/hello.site/issues";

#[test]
fn a_label_is_made_renamed_and_removed() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    let labels = format!("{SITE}/labels");
    let new = json!({"name": "agent-ready", "color": "AABBCC", "description": "An agent may take it"});
    let made = stage.post(&ada, &labels, new.clone()).expect(201);
    assert_eq!((&made["color"], &made["default"]), (&json!("aabbcc"), &json!(false)));
    stage.post(&ada, &labels, new.clone()).expect(422);
    stage.post(&ada, &labels, json!({"name": "AGENT-ready"})).expect(422);
    stage.post(&ada, &labels, json!({"name": "odd", "color": "red"})).expect(422);
    stage.post(&ada, &labels, json!({"name": "long", "description": "x".repeat(101)})).expect(422);
    stage.post(&sam, &labels, json!({"name": "mine"})).expect(403);
    stage.post(&sam, ISSUES, json!({"title": "Greet"})).expect(201);
    stage.post(&ada, &format!("{ISSUES}/1/labels"), json!({"labels": ["agent-ready"]})).expect(200);
    let change = json!({"new_name": "ready to go", "color": "000000", "description": ""});
    let changed = stage.patch(&ada, &format!("{labels}/agent-ready"), change).expect(200);
    assert_eq!((&changed["name"], &changed["description"]), (&json!("ready to go"), &json!("")));
    stage.patch(&ada, &format!("{labels}/ready%20to%20go"), json!({"new_name": "bug"})).expect(422);
    assert_eq!(stage.get(&sam, &format!("{labels}/Ready%20to%20go")).expect(200)["color"], "000000");
    stage.delete(&ada, &format!("{labels}/ready%20to%20go")).expect(204);
    stage.get(&ada, &format!("{labels}/ready%20to%20go")).expect(404);
    assert_eq!(stage.get(&ada, &format!("{ISSUES}/1")).expect(200)["labels"], json!([]));
    assert_eq!(stage.get(&ada, &labels).expect(200).as_array().unwrap().len(), 9);
    assert_eq!(stage.told(), ["label.created", "issues.opened", "issues.labeled", "label.edited", "label.deleted"]);
}

#[test]
fn labels_come_to_issues_and_go() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    stage.post(&sam, ISSUES, json!({"title": "Greet"})).expect(201);
    let own = format!("{ISSUES}/1/labels");
    let names = |told: serde_json::Value| {
        let mut names: Vec<_> = told.as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        names.sort_by_key(ToString::to_string);
        json!(names)
    };
    assert_eq!(
        names(stage.post(&ada, &own, json!({"labels": ["bug", "question"]})).expect(200)),
        json!(["bug", "question"])
    );
    assert_eq!(
        names(stage.post(&ada, &own, json!({"labels": ["bug", "new"]})).expect(200)),
        json!(["bug", "new", "question"])
    );
    assert_eq!(names(stage.put(&ada, &own, json!({"labels": ["bug"]})).expect(200)), json!(["bug"]));
    stage.delete(&ada, &format!("{own}/question")).expect(404);
    stage.delete(&ada, &format!("{own}/never")).expect(404);
    stage.post(&sam, &own, json!({"labels": ["bug"]})).expect(403);
    assert_eq!(stage.delete(&ada, &format!("{own}/bug")).expect(200), json!([]));
    stage.post(&ada, &own, json!({"labels": ["bug"]})).expect(200);
    stage.delete(&ada, &own).expect(204);
    assert_eq!(stage.get(&sam, &own).expect(200), json!([]));
    stage.get(&sam, &format!("{ISSUES}/9/labels")).expect(404);
    let told = stage.told();
    assert_eq!(told.iter().filter(|event| *event == "issues.labeled").count(), 4);
    assert_eq!(told.iter().filter(|event| *event == "issues.unlabeled").count(), 4);
}

#[test]
fn people_are_assigned_and_relieved() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    stage.post(&sam, ISSUES, json!({"title": "Greet"})).expect(201);
    let people = stage.get(&ada, &format!("{SITE}/assignees")).expect(200);
    assert_eq!(people.as_array().unwrap().len(), 2);
    stage.get(&ada, &format!("{SITE}/assignees/nora")).expect(204);
    stage.get(&ada, &format!("{SITE}/assignees/sam")).expect(404);
    stage.get(&ada, &format!("{ISSUES}/1/assignees/nora")).expect(204);
    let own = format!("{ISSUES}/1/assignees");
    let assigned = stage.post(&ada, &own, json!({"assignees": ["nora", "sam", "ada"]})).expect(201);
    assert_eq!(assigned["assignees"].as_array().unwrap().len(), 2, "who cannot be is passed over");
    let left = stage.ask("DELETE", &ada, &own, Some(&json!({"assignees": ["nora"]}))).expect(200);
    assert_eq!(left["assignee"]["login"], "ada");
    stage.patch(&ada, &format!("{ISSUES}/1"), json!({"assignees": ["sam"]})).expect(422);
    let told = stage.told();
    assert_eq!(told, ["issues.opened", "issues.assigned", "issues.assigned", "issues.unassigned"]);
}

#[test]
fn a_locked_conversation_is_for_who_triages() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    stage.post(&sam, ISSUES, json!({"title": "Greet"})).expect(201);
    let lock = format!("{ISSUES}/1/lock");
    stage.put(&sam, &lock, json!({"lock_reason": "spam"})).expect(403);
    stage.put(&ada, &lock, json!({"lock_reason": "boring"})).expect(422);
    stage.put(&ada, &lock, json!({"lock_reason": "too heated"})).expect(204);
    let locked = stage.get(&sam, &format!("{ISSUES}/1")).expect(200);
    assert_eq!((&locked["locked"], &locked["active_lock_reason"]), (&json!(true), &json!("too heated")));
    stage.post(&sam, &format!("{ISSUES}/1/comments"), json!({"body": "But"})).expect(403);
    stage.post(&ada, &format!("{ISSUES}/1/comments"), json!({"body": "Enough"})).expect(201);
    stage.delete(&ada, &lock).expect(204);
    stage.delete(&ada, &lock).expect(204);
    stage.post(&sam, &format!("{ISSUES}/1/comments"), json!({"body": "So"})).expect(201);
    let told = stage.told();
    let expected =
        ["issues.opened", "issues.locked", "issue_comment.created", "issues.unlocked", "issue_comment.created"];
    assert_eq!(told, expected);
}
