use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use serde::Deserialize;
use serde_json::{Value, json};

use super::faults;
use crate::contract::Contract;

#[derive(Deserialize)]
struct Event {
    name: String,
    examples: Vec<Value>,
}

fn events() -> Vec<Event> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache/octokit/webhooks-examples.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// An example that both descriptions accept.
fn issue_opened() -> Value {
    let issues = events().into_iter().find(|event| event.name == "issues").unwrap();
    let accepted = |example: &Value| example["action"] == "opened" && judge("issues", example).is_empty();
    issues.examples.into_iter().find(accepted).unwrap()
}

fn judge(event: &str, payload: &Value) -> Vec<String> {
    faults(Contract::load().webhook(event, payload.to_string().as_bytes()))
}

/// GitHub's examples are older than its descriptions in part: this is how many of each event and action a description
/// refuses, and with how many faults. A new line here is a judge that grew too strict, a missing one a judge that sees
/// less.
#[test]
fn githubs_own_examples_are_judged() {
    let (mut accepted, mut refused) = (BTreeMap::new(), BTreeMap::new());
    for event in events() {
        for example in &event.examples {
            let name = format!("{} {}", event.name, example["action"].as_str().unwrap_or_default());
            let findings =
                Contract::load().webhook_by_description(&event.name, example.to_string().as_bytes()).unwrap();
            for (described, faults) in findings {
                if faults.is_empty() {
                    *accepted.entry(described.to_string()).or_insert(0) += 1;
                } else {
                    let (examples, all) = refused.entry((described.to_string(), name.clone())).or_insert((0, 0));
                    (*examples, *all) = (*examples + 1, *all + faults.len());
                }
            }
        }
    }
    insta::assert_snapshot!(table(&accepted, &refused));
}

fn table(accepted: &BTreeMap<String, usize>, refused: &BTreeMap<(String, String), (usize, usize)>) -> String {
    let mut text = String::new();
    for (described, accepted) in accepted {
        let of_it = || refused.iter().filter(|((by, _), _)| by == described);
        let examples: usize = of_it().map(|(_, (examples, _))| examples).sum();
        writeln!(text, "{described}: {accepted} accepted, {examples} refused").unwrap();
        for ((_, name), (examples, faults)) in of_it() {
            writeln!(text, "    {name}: {examples} with {faults} faults").unwrap();
        }
    }
    text
}

#[test]
fn a_wrong_payload_is_refused_by_both_at_its_place() {
    let mut payload = issue_opened();
    payload["issue"]["number"] = json!("7");
    assert_eq!(
        judge("issues", &payload),
        [
            r#"webhooks-schemas: /issue/number: "7" is not of type "integer""#,
            r#"openapi-webhooks: /issue/number: "7" is not of type "integer""#,
        ]
    );
    let mut payload = issue_opened();
    payload.as_object_mut().unwrap().remove("sender");
    assert_eq!(
        judge("issues", &payload),
        [
            r#"webhooks-schemas: : "sender" is a required property"#,
            r#"openapi-webhooks: : "sender" is a required property"#,
        ]
    );
}

#[test]
fn a_key_that_neither_lists_is_refused() {
    let mut payload = issue_opened();
    payload["repository"]["colour"] = json!("red");
    payload["installed"] = json!({});
    assert_eq!(
        judge("issues", &payload),
        ["both: /installed: GitHub lists no such key", "both: /repository/colour: GitHub lists no such key",]
    );
}

#[test]
fn an_event_or_action_that_github_has_not_is_refused() {
    let mut payload = issue_opened();
    payload["action"] = json!("opend");
    assert_eq!(judge("issues", &payload), [r#"/action: GitHub describes no webhook issues with the action "opend""#]);
    assert_eq!(
        judge("issue", &issue_opened()),
        [r#"/action: GitHub describes no webhook issue with the action "opened""#]
    );
    assert!(faults(Contract::load().webhook("issues", b"{")).first().unwrap().starts_with(": is no JSON"));
}
