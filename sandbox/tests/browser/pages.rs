//! All pages that can be reached from the first one.

use serde_json::{Value, json};

use crate::{look::look, scene::scene};

/// What has to be among them, as the script names kinds.
const KINDS: [&str; 24] = [
    "home",
    "account",
    "apps",
    "repository",
    "branches",
    "branches?page",
    "tree",
    "blob",
    "commit",
    "commits",
    "commits?page",
    "compare",
    "issues",
    "issues?state",
    "issues?page",
    "issues?state?page",
    "issues/N",
    "pulls",
    "pulls?state",
    "pull/N",
    "runs/N",
    "actions",
    "actions/runs/N",
    "actions/runs/N/job/N",
];

#[tokio::test]
async fn each_kind_of_page_is_good_to_look_at() {
    let cast = scene().await;
    let html = &cast.stage.played.addresses().html;
    let installation = format!("/organizations/acme/settings/installations/{}", cast.installation.0);
    let manifest = json!({"name": "Wren", "url": "https://wren.example", "default_permissions": {"issues": "write"}});
    let at = |page: &str| format!("/acme/hello.site/{page}");
    let also = [
        installation,
        at("compare/main...greet"),
        at("issues/1"),
        at("issues/2"),
        at("issues/3"),
        at("pull/71"),
        at("pull/73"),
    ];
    let given = json!({"html": html, "also": also, "manifest": manifest.to_string()});
    let seen = look("pages.mjs", given).await;
    let findings: Vec<&str> = seen["findings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    let kinds: Vec<&str> = seen["kinds"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for kind in KINDS {
        assert!(kinds.contains(&kind), "{kind} is in {kinds:?}");
    }
    cast.stage.played.stop().await;
}
