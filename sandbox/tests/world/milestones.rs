//! Milestones.

use serde_json::json;

use crate::stage::Stage;

const MILESTONES: &str = "/repos/acme/hello.site/milestones";
const ISSUES: &str = "/repos/acme/hello.site/issues";

#[test]
fn a_milestone_is_set_reached_and_removed() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    let new = json!({"title": "First light", "description": "It greets", "due_on": "2026-12-24T08:00:00Z"});
    let made = stage.post(&ada, MILESTONES, new.clone()).expect(201);
    assert_eq!((&made["number"], &made["due_on"]), (&json!(1), &json!("2026-12-24T08:00:00Z")));
    stage.post(&ada, MILESTONES, new).expect(422);
    stage.post(&ada, MILESTONES, json!({"title": "Odd", "due_on": "tomorrow"})).expect(422);
    stage.post(&sam, MILESTONES, json!({"title": "Mine"})).expect(403);
    let filed = stage.post(&ada, ISSUES, json!({"title": "Greet", "milestone": 1})).expect(201);
    assert_eq!(filed["milestone"]["title"], "First light");
    stage.post(&ada, ISSUES, json!({"title": "Greet again", "milestone": 7})).expect(422);
    stage.patch(&ada, &format!("{ISSUES}/1"), json!({"state": "closed", "labels": ["bug"]})).expect(200);
    let one = format!("{MILESTONES}/1");
    let counted = stage.get(&sam, &one).expect(200);
    assert_eq!((&counted["open_issues"], &counted["closed_issues"]), (&json!(0), &json!(1)));
    assert_eq!(stage.get(&sam, &format!("{one}/labels")).expect(200)[0]["name"], "bug");
    let changed = json!({"title": "Light", "state": "closed", "due_on": "2026-12-31T08:00:00Z"});
    let changed = stage.patch(&ada, &one, changed).expect(200);
    assert_eq!((&changed["state"], &changed["due_on"]), (&json!("closed"), &json!("2026-12-31T08:00:00Z")));
    assert_eq!(stage.get(&sam, MILESTONES).expect(200), json!([]));
    assert_eq!(stage.get(&sam, &format!("{MILESTONES}?state=all")).expect(200)[0]["title"], "Light");
    stage.patch(&ada, &one, json!({"state": "open"})).expect(200);
    assert_eq!(stage.get(&sam, &format!("{ISSUES}?state=all&milestone=1")).expect(200)[0]["number"], 1);
    stage.patch(&ada, &format!("{ISSUES}/1"), json!({"milestone": null})).expect(200);
    stage.patch(&ada, &format!("{ISSUES}/1"), json!({"milestone": 1})).expect(200);
    stage.delete(&ada, &one).expect(204);
    stage.get(&ada, &one).expect(404);
    assert_eq!(stage.get(&ada, &format!("{ISSUES}/1")).expect(200)["milestone"], json!(null));
    assert_eq!(stage.post(&ada, MILESTONES, json!({"title": "Next"})).expect(201)["number"], 2);
    let expected = [
        "milestone.created",
        "issues.opened",
        "issues.milestoned",
        "issues.labeled",
        "issues.closed",
        "milestone.edited",
        "milestone.closed",
        "milestone.opened",
        "issues.demilestoned",
        "issues.milestoned",
        "milestone.deleted",
        "milestone.created",
    ];
    assert_eq!(stage.told(), expected);
}
