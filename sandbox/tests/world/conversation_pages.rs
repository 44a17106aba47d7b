//! What happened to an issue, on its page.

use serde_json::json;

use crate::{
    pages::{HOSTILE, SITE, look},
    stage::Stage,
};

#[test]
fn what_happened_stands_between_what_was_said_in_order() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    let (issues, one) = (format!("{SITE}/issues"), format!("{SITE}/issues/1"));
    stage.post(&ada, &issues, json!({"title": "One"})).expect(201);
    stage.post(&ada, &format!("{SITE}/milestones"), json!({"title": HOSTILE})).expect(201);
    stage.patch(&ada, &one, json!({"labels": ["bug"], "assignees": ["nora"], "milestone": 1})).expect(200);
    stage.post(&ada, &format!("{one}/comments"), json!({"body": "Said in between"})).expect(201);
    stage.patch(&ada, &one, json!({"title": HOSTILE, "labels": [], "assignees": [], "milestone": null})).expect(200);
    stage.post(&ada, &issues, json!({"title": "Two", "body": "As #1"})).expect(201);
    stage.put(&ada, &format!("{one}/lock"), json!({})).expect(204);
    stage.delete(&ada, &format!("{one}/lock")).expect(204);
    stage.patch(&ada, &one, json!({"state": "closed", "state_reason": "not_planned"})).expect(200);
    stage.patch(&ada, &one, json!({"state": "open"})).expect(200);
    let page = look(&stage, "/acme/hello.site/issues/1");
    let mut rest = page.text.as_str();
    for words in [
        "ada added the label  bug",
        "Said in between",
        &format!("changed the title from One to {HOSTILE}"),
        "ada named this in Two #2",
        "ada locked the conversation",
        "ada unlocked the conversation",
        "ada ✗ closed this as not planned",
        "ada ● reopened this",
    ] {
        let (_, after) = rest.split_once(words).unwrap_or_else(|| panic!("{words} in {rest}"));
        rest = after;
    }
    for words in ["assigned  nora", "removed the label  bug", "unassigned  nora"] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
    for words in ["added this to the milestone", "removed this from the milestone"] {
        assert!(page.text.contains(&format!("{words} {HOSTILE}")), "{words} in {}", page.text);
    }
    assert_eq!(page.leads_on("Two #2").unwrap(), "/acme/hello.site/issues/2");
}
