//! Issues and their comments.

use serde_json::json;

use crate::stage::Stage;

const ISSUES: &str = "/repos/acme/hello.site/issues";

#[test]
fn an_issue_is_filed_found_changed_and_closed() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    let filed = stage.post(&sam, ISSUES, json!({"title": "Greet by name", "body": "?name=Ada"})).expect(201);
    assert_eq!((&filed["number"], &filed["user"]["login"]), (&json!(1), &json!("sam")));
    let changed = json!({"labels": ["bug", "agent-ready"], "assignees": ["nora"], "title": "Greet the visitor"});
    let labelled = stage.patch(&ada, &format!("{ISSUES}/1"), changed).expect(200);
    assert_eq!(labelled["labels"].as_array().unwrap().len(), 2);
    let closed = json!({"state": "closed", "state_reason": "not_planned"});
    let closed = stage.patch(&ada, &format!("{ISSUES}/1"), closed).expect(200);
    assert_eq!((&closed["state"], &closed["state_reason"]), (&json!("closed"), &json!("not_planned")));
    assert_eq!(stage.get(&sam, ISSUES).expect(200), json!([]), "closed ones are not shown unasked");
    assert_eq!(stage.get(&sam, &format!("{ISSUES}?state=all&labels=agent-ready")).expect(200)[0]["number"], 1);
    assert_eq!(
        stage.told(),
        [
            "issues.opened",
            "issues.edited",
            "label.created",
            "issues.labeled",
            "issues.labeled",
            "issues.assigned",
            "issues.closed",
        ]
    );
}

#[test]
fn a_stranger_files_but_does_not_triage() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    let filed = stage.post(&sam, ISSUES, json!({"title": "Hi", "labels": ["bug"]})).expect(201);
    assert_eq!(filed["labels"], json!([]));
    stage.post(&ada, ISSUES, json!({"title": "Hers"})).expect(201);
    stage.patch(&sam, &format!("{ISSUES}/2"), json!({"state": "closed"})).expect(403);
    stage.patch(&sam, &format!("{ISSUES}/1"), json!({"state": "closed"})).expect(200);
    stage.post("", ISSUES, json!({"title": "Nobody"})).expect(401);
    stage.post("ghp_unknown", ISSUES, json!({"title": "Nobody"})).expect(401);
}

#[test]
fn what_is_wrong_is_said() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    let missing = stage.post(&ada, ISSUES, json!({"body": "no title"})).expect(422);
    assert_eq!(missing["errors"], json!([{"resource": "Issue", "field": "title", "code": "missing_field"}]));
    stage.get(&ada, &format!("{ISSUES}/9")).expect(404);
    stage.get(&ada, &format!("{ISSUES}/nine")).expect(404);
    stage.get(&ada, "/repos/acme/nothing/issues").expect(404);
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn a_conversation_is_held_and_mended() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    stage.post(&sam, ISSUES, json!({"title": "Hi"})).expect(201);
    let comment = stage.post(&ada, &format!("{ISSUES}/1/comments"), json!({"body": "Which name?"})).expect(201);
    let place = format!("{ISSUES}/comments/{}", comment["id"]);
    stage.patch(&sam, &place, json!({"body": "mine now"})).expect(403);
    stage.patch(&ada, &place, json!({"body": "Whose name?"})).expect(200);
    assert_eq!(stage.get(&sam, &format!("{ISSUES}/1/comments")).expect(200)[0]["body"], "Whose name?");
    assert_eq!(stage.get(&sam, &format!("{ISSUES}/1")).expect(200)["comments"], 1);
    stage.delete(&ada, &place).expect(204);
    stage.get(&ada, &place).expect(404);
    assert_eq!(
        stage.told(),
        ["issues.opened", "issue_comment.created", "issue_comment.edited", "issue_comment.deleted",]
    );
}

#[test]
fn long_lists_come_in_pages() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    for n in 1..=7 {
        stage.post(&ada, ISSUES, json!({"title": format!("Number {n}")})).expect(201);
    }
    let page = stage.get(&ada, &format!("{ISSUES}?per_page=3&page=2"));
    let link = page.answer.headers()["link"].to_str().unwrap().to_owned();
    let api = "http://127.0.0.1:8480/api/v3/repos/acme/hello.site/issues?per_page=3&page";
    assert_eq!(
        link,
        format!("<{api}=1>; rel=\"prev\", <{api}=3>; rel=\"next\", <{api}=3>; rel=\"last\", <{api}=1>; rel=\"first\"")
    );
    let numbers: Vec<_> = page.json.as_array().unwrap().iter().map(|issue| issue["number"].clone()).collect();
    assert_eq!(numbers, [4, 3, 2]);
}
