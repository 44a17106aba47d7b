//! What is published: words, and webhooks of GitHub's shape.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, chat::Said},
    envelope::now,
};
use bytes::Bytes;
use conductor::github::{inbound, signature};
use serde_json::{Value, json};
use uuid::Uuid;

/// What an envelope of words weighs beside the words.
const ENVELOPE: usize = 330;

/// The addresses that each of GitHub's repositories carries; most of a payload are such.
const ADDRESSES: [&str; 36] = [
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
];

const ACCOUNT_ADDRESSES: [&str; 8] =
    ["followers", "following", "gists", "starred", "subscriptions", "organizations", "repos", "received_events"];

/// Words whose envelope has about `size` bytes.
pub fn words(size: usize) -> Draft {
    let said = Said { say: "x".repeat(size - ENVELOPE), room: "general".to_owned(), who: "sam".to_owned(), door: None };
    let subject = Subject::ChatOperator { room: Token::of("general"), who: Token::of("sam") };
    Draft::new(subject, &Envelope::new(RecordId::new(), Kind::ChatSaid.type_name(), "/rig/bench", now(), said)).unwrap()
}

/// The record of a webhook of this size.
pub fn webhook(size: usize) -> Draft {
    webhook_of(42, size)
}

/// The record of the webhook of this issue, of this size.
pub fn webhook_of(number: usize, size: usize) -> Draft {
    inbound::draft(&headers("unsigned"), &payload(number, size), now()).unwrap()
}

/// What GitHub sends when an issue is opened, in exactly `size` bytes: in shape and density as GitHub's own.
pub fn payload(number: usize, size: usize) -> Bytes {
    let without_words = rendered(number, "").len();
    let words = "Steps: open the page, look. ".chars().cycle().take(size - without_words).collect::<String>();
    rendered(number, &words).into()
}

/// The headers of a delivery that nobody sent before.
pub fn headers(signature: &str) -> HeaderMap {
    let named = |name, value: &str| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::USER_AGENT, HeaderValue::from_static("GitHub-Hookshot/044aadd")),
        named(inbound::EVENT, "issues"),
        named(inbound::DELIVERY, &Uuid::new_v4().to_string()),
        named(inbound::HOOK, "292430182"),
        named(signature::HEADER, signature),
    ])
}

fn rendered(number: usize, words: &str) -> Vec<u8> {
    let payload = json!({
        "action": "opened",
        "issue": {
            "id": 3_000_000_000_u64 + number as u64, "node_id": "I_kwDOExample", "number": number, "state": "open",
            "title": format!("Lamp {number} flickers"), "url": format!("https://api.github.com/repos/acme/hello.site/issues/{number}"),
            "user": account("nora", 7), "labels": [{ "id": 1, "name": "agent-ready", "color": "0e8a16", "default": false }],
            "comments": 0, "locked": false, "assignees": [], "author_association": "MEMBER",
            "created_at": "2026-11-20T10:00:00Z", "updated_at": "2026-11-20T10:00:00Z", "closed_at": null, "body": words,
        },
        "repository": repository(),
        "sender": account("nora", 7),
    });
    serde_json::to_vec(&payload).unwrap()
}

fn repository() -> Value {
    let mut repository = json!({
        "id": 186_853_002, "node_id": "R_kgDOExample", "name": "hello.site", "full_name": "acme/hello.site",
        "private": false, "owner": account("acme", 9), "description": "A small site", "fork": false, "size": 108,
        "default_branch": "main", "open_issues": 3, "visibility": "public", "topics": ["site"], "archived": false,
    });
    for name in ADDRESSES {
        repository[format!("{name}_url")] =
            format!("https://api.github.com/repos/acme/hello.site/{name}{{/id}}").into();
    }
    repository
}

fn account(login: &str, id: u64) -> Value {
    let mut account =
        json!({ "login": login, "id": id, "node_id": "U_kgDOExample", "type": "User", "site_admin": false });
    for name in ACCOUNT_ADDRESSES {
        account[format!("{name}_url")] = format!("https://api.github.com/users/{login}/{name}").into();
    }
    account
}
