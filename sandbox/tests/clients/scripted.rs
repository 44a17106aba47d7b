//! A pull request's life in other languages, by the libraries that most bots use.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    cast::{Cast, KEY},
    script::{node, python},
    stage::Listener,
};

const ISSUES: &str = "/repos/acme/hello.site/issues";

/// Where the API is, and who acts.
fn given(cast: &Cast) -> Value {
    let app = json!({"id": cast.robin.0, "installation": cast.installation.0, "key": KEY});
    json!({
        "api": cast.stage.played.addresses().api,
        "repository": "acme/hello.site",
        "ada": cast.stage.ada,
        "nora": cast.stage.nora,
        "app": app,
    })
}

/// What every client sees, whatever else it looks at.
fn whole(seen: &Value) {
    for (what, expected) in [
        ("by", json!("ada")),
        ("labels", json!(["bug"])),
        ("comments", json!(["By _name_."])),
        ("page", json!("<h1>Hello!</h1>\n")),
        ("files", json!([["hello.js", "added"], ["index.html", "modified"]])),
        ("commits", json!(["Greet", "Load it"])),
        ("ahead", json!(2)),
        ("own", json!(422)),
        ("reply", json!(true)),
        ("reviews", json!(["CHANGES_REQUESTED", "APPROVED"])),
        ("checks", json!([["build", "success", "robin"]])),
        ("status", json!("success")),
        ("stale", json!(409)),
        ("merged", json!(true)),
        ("merged_by", json!("ada")),
        ("branches", json!(["main"])),
        ("issue", json!("closed")),
        ("renamed", json!("acme/greeter")),
    ] {
        assert_eq!(seen[what], expected, "{what} of {seen}");
    }
}

#[tokio::test]
async fn pygithub_walks_a_pull_request_from_issue_to_merge() {
    let cast = Cast::new().await;
    let seen = python("pull_request.py", &given(&cast)).await;
    whole(&seen);
    assert_eq!((&seen["open"], &seen["paged"]), (&json!([[2, "ada"]]), &seen["commits"]));
    cast.stage.played.stop().await;
}

#[tokio::test]
async fn octokit_walks_a_pull_request_from_issue_to_merge() {
    let cast = Cast::new().await;
    let seen = node("pull_request.mjs", &given(&cast)).await;
    whole(&seen);
    assert_eq!(seen["diff"], true);
    let filed = format!("{}/repos/acme/greeter", cast.stage.played.addresses().api);
    assert_eq!(seen["filed"], filed, "a POST to the old name is followed too");
    cast.stage.played.stop().await;
}

#[tokio::test]
async fn octokit_takes_what_is_posted_and_sees_what_is_forged() {
    let cast = Cast::new().await;
    let mut listener = Listener::new(StatusCode::OK).await;
    cast.stage.hook(&listener.url);
    let mut deliveries = Vec::new();
    for title in ["First", "Second"] {
        cast.stage.ask(Method::POST, ISSUES, Some(json!({"title": title}))).await;
        let (headers, body) = listener.next().await;
        let header = |name| headers[name].to_str().unwrap();
        deliveries.push(json!({
            "id": header("x-github-delivery"),
            "name": header("x-github-event"),
            "signature": header("x-hub-signature-256"),
            "body": std::str::from_utf8(&body).unwrap(),
        }));
    }
    let seen = node("webhooks.mjs", &json!({"secret": "hush", "deliveries": deliveries})).await;
    let expected = json!([[deliveries[0]["id"], "First"], [deliveries[1]["id"], "Second"]]);
    assert_eq!((&seen["taken"], &seen["forged"]), (&expected, &json!([false, false])));
    cast.stage.played.stop().await;
}
