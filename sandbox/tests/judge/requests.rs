use super::faults;
use crate::contract::Contract;

const ISSUES: &str = "/repos/ada/engine/issues";

fn get(path: &str, query: &str) -> Vec<String> {
    faults(Contract::load().request("GET", path, query, b""))
}

fn post(path: &str, body: &str) -> Vec<String> {
    faults(Contract::load().request("POST", path, "", body.as_bytes()))
}

#[test]
fn a_right_request_passes() {
    assert_eq!(get(ISSUES, ""), [""; 0]);
    assert_eq!(get(ISSUES, "state=all&per_page=100&page=2&labels=bug,ui&since=2026-11-22T10%3A00%3A00Z"), [""; 0]);
    assert_eq!(get("/repos/ada/engine/actions/workflows/ci.yml", ""), [""; 0]);
    assert_eq!(get("/repos/ada/engine/labels/good%20first%20issue", ""), [""; 0]);
    assert_eq!(post(ISSUES, r#"{"title":"It leaks","body":"Often","labels":["bug"],"assignees":["nora"]}"#), [""; 0]);
    assert_eq!(faults(Contract::load().request("DELETE", "/repos/ada/engine/labels/bug", "", b"{}")), [""; 0]);
}

#[test]
fn a_wrong_parameter_is_refused_by_name() {
    assert_eq!(get(ISSUES, "per_page=many"), [r#"query per_page: "many" is not of type "integer""#]);
    assert_eq!(get(ISSUES, "state=merged"), [r#"query state: "merged" is not one of "open", "closed" or "all""#]);
    assert_eq!(get(ISSUES, "since=yesterday"), [r#"query since: "yesterday" is not a "date-time""#]);
    assert_eq!(get(ISSUES, "pr_page=3"), ["query pr_page: GitHub takes no such parameter"]);
    assert_eq!(get("/repos/ada/engine/issues/last", ""), [r#"path issue_number: "last" is not of type "integer""#]);
    assert_eq!(get("/search/issues", ""), ["query q: is required"]);
}

#[test]
fn a_wrong_body_is_refused_at_its_place() {
    assert_eq!(post(ISSUES, r#"{"body":"Often"}"#), [r#": "title" is a required property"#]);
    assert_eq!(
        post(ISSUES, r#"{"title":"It leaks","assignees":"nora"}"#),
        [r#"/assignees: "nora" is not of type "array""#]
    );
    assert_eq!(post(ISSUES, r#"{"title":"It leaks","lables":["bug"]}"#), ["/lables: GitHub lists no such key"]);
    assert_eq!(post(ISSUES, ""), [": a body is required"]);
    assert!(post(ISSUES, "{").first().unwrap().starts_with(": is no JSON"));
    let review = r#"{"event":"APPROVED","comments":[{"path":"a.rs","body":"no","position":"7"}]}"#;
    let refused = post("/repos/ada/engine/pulls/1/reviews", review);
    assert!(refused.contains(&r#"/comments/0/position: "7" is not of type "integer""#.to_owned()), "{refused:?}");
    assert!(refused.iter().any(|fault| fault.starts_with(r#"/event: "APPROVED" is not one of"#)), "{refused:?}");
}

#[test]
fn a_body_where_none_is_taken_is_refused() {
    let refused = faults(Contract::load().request("DELETE", "/repos/ada/engine/labels/bug", "", br#"{"force":true}"#));
    assert_eq!(refused, [": GitHub takes no body here"]);
}
