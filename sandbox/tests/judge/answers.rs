use serde_json::{Value, json};

use super::faults;
use crate::contract::{Answer, Contract};

const LABEL: &str = "/repos/ada/engine/labels/bug";

fn label() -> Value {
    json!({
        "id": 1, "node_id": "LA_1", "name": "bug", "description": null, "color": "d73a4a", "default": true,
        "url": "https://api.github.com/repos/ada/engine/labels/bug",
    })
}

fn answer(method: &str, path: &str, status: u16, body: &Value) -> Vec<String> {
    let body = body.to_string();
    let content_type = Some("application/json; charset=utf-8");
    faults(Contract::load().answer(method, path, Answer { status, content_type, body: body.as_bytes() }))
}

fn raw(method: &str, path: &str, status: u16, content_type: Option<&str>, body: &[u8]) -> Vec<String> {
    faults(Contract::load().answer(method, path, Answer { status, content_type, body }))
}

fn changed(mut value: Value, pointer: &str, new: Value) -> Value {
    *value.pointer_mut(pointer).unwrap() = new;
    value
}

fn with(mut value: Value, key: &str, new: Value) -> Value {
    value[key] = new;
    value
}

#[test]
fn what_github_would_say_passes() {
    assert_eq!(answer("GET", LABEL, 200, &label()), [""; 0]);
    assert_eq!(answer("GET", LABEL, 200, &changed(label(), "/description", json!("broken"))), [""; 0]);
    assert_eq!(answer("GET", "/repos/ada/engine/labels", 200, &json!([label(), label()])), [""; 0]);
}

#[test]
fn a_wrong_value_is_refused_at_its_place() {
    let of = |pointer, new| answer("GET", LABEL, 200, &changed(label(), pointer, new));
    assert_eq!(of("/id", json!("1")), [r#"/id: "1" is not of type "integer""#]);
    assert_eq!(of("/name", json!(null)), [r#"/name: null is not of type "string""#]);
    assert_eq!(of("/url", json!("not an address")), [r#"/url: "not an address" is not a "uri""#]);
    let second_is_wrong = json!([label(), changed(label(), "/default", json!(1))]);
    let of_list = answer("GET", "/repos/ada/engine/labels", 200, &second_is_wrong);
    assert_eq!(of_list, [r#"/1/default: 1 is not of type "boolean""#]);
}

#[test]
fn a_missing_key_and_an_unlisted_one_are_refused() {
    let mut incomplete = label();
    incomplete.as_object_mut().unwrap().remove("color");
    assert_eq!(answer("GET", LABEL, 200, &incomplete), [r#": "color" is a required property"#]);
    let extended = with(label(), "colour", json!("d73a4a"));
    assert_eq!(answer("GET", LABEL, 200, &extended), ["/colour: GitHub lists no such key"]);
    let extended = answer("GET", "/repos/ada/engine/labels", 200, &json!([label(), extended]));
    assert_eq!(extended, ["/1/colour: GitHub lists no such key"]);
}

#[test]
fn what_lies_deeper_is_refused_at_its_place() {
    let address = "https://api.github.com/repos/ada/engine/git/refs/heads/main";
    let commit = json!({ "type": "commit", "sha": "a".repeat(40), "url": address });
    let reference = json!({ "ref": "refs/heads/main", "node_id": "R_1", "url": address, "object": commit });
    let of = |body| answer("GET", "/repos/ada/engine/git/ref/heads/main", 200, &body);
    assert_eq!(of(reference.clone()), [""; 0]);
    let short = of(changed(reference.clone(), "/object/sha", json!("abc")));
    assert_eq!(short, [r#"/object/sha: "abc" is shorter than 40 characters"#]);
    let extended = changed(reference, "/object", with(commit, "size", json!(3)));
    assert_eq!(of(extended), ["/object/size: GitHub lists no such key"]);
}

#[test]
fn an_unlisted_status_is_refused_unless_every_route_may_have_it() {
    let refused = answer("GET", LABEL, 202, &label());
    assert_eq!(refused, ["status 202: GitHub lists no such answer to GET /repos/{owner}/{repo}/labels/{name}"]);
    let error =
        json!({ "message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401" });
    for status in [401, 403, 404, 422, 429, 500, 502, 503] {
        assert_eq!(answer("GET", LABEL, status, &error), [""; 0]);
    }
    for status in [400, 405, 409, 418] {
        assert_eq!(answer("GET", LABEL, status, &error).len(), 1, "{status}");
    }
    assert_eq!(raw("GET", LABEL, 304, None, b""), [""; 0]);
    assert_eq!(raw("DELETE", LABEL, 304, None, b"").len(), 1);
}

#[test]
fn an_error_says_what_and_where_to_read() {
    let bare = json!({ "message": "Not Found" });
    let missing = [r#": "documentation_url" is a required property"#];
    assert_eq!(answer("GET", LABEL, 401, &bare), missing, "the status is not listed");
    assert_eq!(answer("GET", LABEL, 404, &bare), missing, "the status is listed");
    let number = json!({ "message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": 404 });
    assert_eq!(answer("GET", LABEL, 404, &number), [r#"/status: 404 is not of type "string""#]);
    let reason =
        json!({ "message": "Not Found", "documentation_url": "https://docs.github.com/rest", "why": "hidden" });
    assert_eq!(answer("GET", LABEL, 401, &reason), ["/why: GitHub lists no such key"]);
    assert_eq!(answer("GET", LABEL, 404, &reason), ["/why: GitHub lists no such key"]);
}

#[test]
fn the_merge_of_a_moved_head_conflicts() {
    let merge = "/repos/ada/engine/pulls/1/merge";
    let error = json!({ "message": "Head branch was modified.", "documentation_url": "https://docs.github.com/rest", "status": "409" });
    assert_eq!(answer("PUT", merge, 409, &error), [""; 0]);
    assert_eq!(answer("PUT", merge, 405, &error), [""; 0]);
    assert_eq!(answer("PUT", merge, 412, &error).len(), 1);
    let merged = json!({ "sha": "a".repeat(40), "merged": true, "message": "Pull Request successfully merged" });
    assert_eq!(answer("PUT", merge, 200, &merged), [""; 0]);
}

#[test]
fn an_empty_answer_is_empty_and_a_full_one_is_of_its_type() {
    assert_eq!(raw("DELETE", LABEL, 204, None, b""), [""; 0]);
    assert_eq!(raw("DELETE", LABEL, 204, None, b"{}"), [": a 204 has no body"]);
    let label = label().to_string();
    assert_eq!(raw("GET", LABEL, 200, Some("application/json"), label.as_bytes()), [""; 0]);
    let page = raw("GET", LABEL, 200, Some("text/html"), label.as_bytes());
    assert_eq!(page, [r#"content-type "text/html": GitHub lists no such content here"#]);
    assert_eq!(
        raw("GET", LABEL, 200, None, label.as_bytes()),
        [r#"content-type "": GitHub lists no such content here"#]
    );
    assert!(raw("GET", LABEL, 200, Some("application/json"), b"")[0].starts_with(": is no JSON"));
    let diff = Some("application/vnd.github.diff; charset=utf-8");
    assert_eq!(raw("GET", "/repos/ada/engine/pulls/1", 200, diff, b"diff --git a/a b/a"), [""; 0]);
}
