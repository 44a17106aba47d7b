//! Issues are looked for.

use serde_json::{Value, json};

use crate::stage::Stage;

const ISSUES: &str = "/repos/acme/hello.site/issues";

fn found(stage: &mut Stage, token: &str, words: &str) -> Vec<u64> {
    let query = serde_urlencoded::to_string([("q", words)]).unwrap();
    let told = stage.get(token, &format!("/search/issues?{query}&sort=created&order=asc")).expect(200);
    assert_eq!(told["total_count"], told["items"].as_array().unwrap().len());
    numbers(&told["items"])
}

fn numbers(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|issue| issue["number"].as_u64().unwrap()).collect()
}

#[test]
fn issues_are_found_by_what_they_are() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    stage.post(&sam, ISSUES, json!({"title": "Greet the visitor", "body": "by name"})).expect(201);
    stage
        .post(&ada, ISSUES, json!({"title": "Say goodbye", "body": "Then greet", "labels": ["help wanted"]}))
        .expect(201);
    stage.post(&ada, ISSUES, json!({"title": "Greet the night", "assignees": ["nora"]})).expect(201);
    stage.patch(&ada, &format!("{ISSUES}/3"), json!({"state": "closed"})).expect(200);
    for (words, numbers) in [
        ("greet", &[1, 2, 3][..]),
        ("repo:acme/hello.site greet in:title", &[1, 3]),
        ("is:open is:issue greet", &[1, 2]),
        ("state:closed", &[3]),
        ("label:\"help wanted\"", &[2]),
        ("-label:\"help wanted\" is:open", &[1]),
        ("author:ada", &[2, 3]),
        ("assignee:nora", &[3]),
        ("no:assignee no:label org:acme", &[1]),
        ("repo:acme/nowhere", &[]),
        ("is:pr", &[]),
        ("unheard:of", &[]),
    ] {
        assert_eq!(found(&mut stage, &sam, words), numbers, "{words}");
    }
    stage.get(&sam, "/search/issues?q=").expect(422);
    let limit = stage.get(&sam, "/rate_limit").expect(200);
    assert_eq!(
        (&limit["resources"]["search"]["limit"], &limit["resources"]["search"]["used"]),
        (&json!(30), &json!(13))
    );
}

#[test]
fn everyone_has_issues_of_their_own() {
    let mut stage = Stage::new();
    let (ada, nora, sam) = (stage.ada.clone(), stage.nora.clone(), stage.sam.clone());
    stage.post(&sam, ISSUES, json!({"title": "One"})).expect(201);
    stage.post(&ada, ISSUES, json!({"title": "Two", "body": "@nora?", "assignees": ["nora"]})).expect(201);
    for (token, path, numbers_) in [
        (&nora, "/issues", &[2][..]),
        (&sam, "/issues", &[]),
        (&sam, "/user/issues?filter=created", &[1]),
        (&nora, "/issues?filter=mentioned", &[2]),
        (&nora, "/issues?filter=all&direction=asc", &[1, 2]),
        (&sam, "/issues?filter=all", &[]),
    ] {
        assert_eq!(numbers(&stage.get(token, path).expect(200)), numbers_, "{path}");
    }
    stage.get("", "/issues").expect(401);
}
