//! Webhooks and their delivery log.

use proptest::prelude::*;
use sandbox::world::{
    Access::Write,
    Effect, Input, Kind, Moment, Outcome,
    Permission::{Issues, RepositoryHooks},
    Post,
};
use serde_json::{Value, json};

use crate::{
    played_app::played,
    stage::{Stage, payload},
};

const HOOKS: &str = "/repos/acme/hello.site/hooks";
const ISSUES: &str = "/repos/acme/hello.site/issues";

fn config(url: &str) -> Value {
    json!({"url": url, "content_type": "json", "secret": "shh"})
}

/// A stage without the webhook that it begins with.
fn quiet() -> Stage {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    let first = stage.get(&ada, HOOKS).expect(200)[0]["id"].clone();
    stage.delete(&ada, &format!("{HOOKS}/{first}")).expect(204);
    stage
}

#[test]
fn a_webhook_is_made_changed_tried_and_removed() {
    let mut stage = quiet();
    let ada = stage.ada.clone();
    let new = json!({"name": "web", "config": config("http://127.0.0.1:9/a"), "events": ["push", "issues"]});
    let made = stage.post(&ada, HOOKS, new.clone()).expect(201);
    assert_eq!(made["config"]["secret"], "********");
    assert_eq!(stage.told(), ["ping"]);
    stage.post(&ada, HOOKS, new).expect(422);
    stage.post(&ada, HOOKS, json!({"config": {"url": "nowhere"}})).expect(422);
    stage.post(&ada, HOOKS, json!({"name": "mail", "config": config("http://127.0.0.1:9/b")})).expect(422);
    let hook = format!("{HOOKS}/{}", made["id"]);
    stage.ask("POST", &ada, &format!("{hook}/pings"), None).expect(204);
    stage.ask("POST", &ada, &format!("{hook}/tests"), None).expect(204);
    assert_eq!(stage.told(), ["ping", "push"]);
    let changed = json!({"add_events": ["label"], "remove_events": ["push"]});
    assert_eq!(stage.patch(&ada, &hook, changed).expect(200)["events"], json!(["issues", "label"]));
    stage.ask("POST", &ada, &format!("{hook}/tests"), None).expect(204);
    let pointed = json!({"url": "http://127.0.0.1:9/c", "content_type": "form"});
    let pointed = stage.patch(&ada, &format!("{hook}/config"), pointed).expect(200);
    assert_eq!((&pointed["content_type"], &pointed["insecure_ssl"]), (&json!("form"), &json!("0")));
    assert_eq!(stage.get(&ada, &format!("{hook}/config")).expect(200), pointed);
    stage.post(&ada, ISSUES, json!({"title": "Hear, hear"})).expect(201);
    assert_eq!(stage.posts[0].url, "http://127.0.0.1:9/c");
    assert_eq!(stage.told(), ["issues.opened"]);
    stage.patch(&ada, &hook, json!({"active": false})).expect(200);
    stage.post(&ada, ISSUES, json!({"title": "Nobody hears"})).expect(201);
    stage.delete(&ada, &hook).expect(204);
    stage.get(&ada, &hook).expect(404);
    assert!(stage.told().is_empty());
}

#[test]
fn webhooks_are_for_who_administers() {
    let mut stage = quiet();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    for token in [&nora, &sam] {
        stage.get(token, HOOKS).expect(404);
        stage.post(token, HOOKS, json!({"config": config("http://127.0.0.1:9/a")})).expect(403);
    }
    let robin = played(&mut stage, "Robin", &[(RepositoryHooks, Write)], &[]);
    let token = robin.token(&mut stage, json!({}));
    stage.post(&token, HOOKS, json!({"config": config("http://127.0.0.1:9/a")})).expect(201);
    assert_eq!(stage.told(), ["ping"]);
}

#[test]
fn the_log_keeps_what_was_sent_and_sends_it_again() {
    let mut stage = Stage::new();
    let robin = played(&mut stage, "Robin", &[(Issues, Write)], &["issues"]);
    let sam = stage.sam.clone();
    for title in ["One", "Two", "Three"] {
        stage.post(&sam, ISSUES, json!({"title": title})).expect(201);
    }
    stage.told();
    let jwt = robin.jwt(&stage);
    let first = stage.get(&jwt, "/app/hook/deliveries?per_page=2");
    let link = first.answer.headers()["link"].to_str().unwrap().to_owned();
    let first = first.expect(200);
    assert_eq!(first.as_array().unwrap().len(), 2);
    let cursor = link.split("cursor=").nth(1).unwrap().split('>').next().unwrap();
    let rest = stage.get(&jwt, &format!("/app/hook/deliveries?per_page=2&cursor={cursor}"));
    assert!(rest.answer.headers().get("link").is_none(), "there is no third page");
    let rest = rest.expect(200);
    assert_eq!(rest.as_array().unwrap().len(), 1);
    let one = format!("/app/hook/deliveries/{}", rest[0]["id"]);
    let whole = stage.get(&jwt, &one).expect(200);
    assert_eq!((&whole["status"], &whole["request"]["payload"]["issue"]["title"]), (&json!("pending"), &json!("One")));
    stage.ask("POST", &jwt, &format!("{one}/attempts"), None).expect(202);
    let again = stage.posts.pop().unwrap();
    assert_eq!(again.headers["x-github-delivery"].to_str().unwrap(), whole["guid"].as_str().unwrap());
    assert_eq!(serde_json::from_slice::<Value>(&again.body).unwrap(), whole["request"]["payload"]);
    let listed = stage.get(&jwt, "/app/hook/deliveries").expect(200);
    assert_eq!((&listed[0]["redelivery"], &listed[0]["guid"]), (&json!(true), &whole["guid"]));
    stage.get(&jwt, "/app/hook/deliveries?cursor=nonsense").expect(400);
    stage.get(&jwt, "/app/hook/deliveries/1").expect(404);
    stage.patch(&jwt, "/app/hook/config", json!({"url": "http://127.0.0.1:9/moved"})).expect(200);
    stage.ask("POST", &jwt, &format!("{one}/attempts"), None).expect(202);
    assert_eq!(stage.posts.pop().unwrap().url, "http://127.0.0.1:9/moved");
}

#[test]
fn what_became_of_a_delivery_is_told_for_three_days() {
    let mut stage = quiet();
    let ada = stage.ada.clone();
    let made = stage.post(&ada, HOOKS, json!({"config": config("http://127.0.0.1:9/a"), "events": ["*"]})).expect(201);
    let hook = format!("{HOOKS}/{}", made["id"]);
    let ping = stage.get(&ada, &format!("{hook}/deliveries")).expect(200)[0]["id"].as_u64().unwrap();
    let outcome = Outcome { status: 502, millis: 1_250, said: "no".into() };
    stage.step(&Input::Delivered(sandbox::world::DeliveryId(ping), outcome));
    assert_eq!(stage.get(&ada, &hook).expect(200)["last_response"]["code"], 502);
    let whole = stage.get(&ada, &format!("{hook}/deliveries/{ping}")).expect(200);
    assert_eq!((&whole["duration"], &whole["response"]["payload"]), (&json!(1.25), &json!("no")));
    assert_eq!(stage.get(&ada, &format!("{hook}/deliveries?status=failure")).expect(200)[0]["id"], ping);
    assert_eq!(stage.get(&ada, &format!("{hook}/deliveries?status=success")).expect(200), json!([]));
    stage.now = Moment::from_millis(stage.now.millis() + 3 * 24 * 3_600_000);
    stage.post(&ada, ISSUES, json!({"title": "Later"})).expect(201);
    stage.get(&ada, &format!("{hook}/deliveries/{ping}")).expect(404);
}

/// What somebody does to the webhook and beside it.
#[derive(Clone, Debug)]
enum Deed {
    File(String),
    Point { form: bool, secret: String },
    Ping,
    Again,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => "\\PC{1,20}".prop_filter("a title", |title| !title.trim().is_empty()).prop_map(Deed::File),
        1 => (any::<bool>(), "[a-z]{1,8}").prop_map(|(form, secret)| Deed::Point { form, secret }),
        1 => Just(Deed::Ping),
        1 => Just(Deed::Again),
    ]
}

fn take(stage: &mut Stage, hook: &str, deed: Deed) {
    let ada = stage.ada.clone();
    match deed {
        Deed::File(title) => drop(stage.post(&ada, ISSUES, json!({"title": title})).expect(201)),
        Deed::Ping => drop(stage.ask("POST", &ada, &format!("{hook}/pings"), None).expect(204)),
        Deed::Point { form, secret } => {
            let kind = if form { "form" } else { "json" };
            let config = json!({"content_type": kind, "secret": secret});
            stage.patch(&ada, &format!("{hook}/config"), config).expect(200);
        }
        Deed::Again => {
            let newest = stage.get(&ada, &format!("{hook}/deliveries?per_page=1")).expect(200)[0]["id"].clone();
            stage.ask("POST", &ada, &format!("{hook}/deliveries/{newest}/attempts"), None).expect(202);
        }
    }
}

/// The log's headers and payload are those of the post.
fn same(post: &Post, logged: &Value, raw: &[u8]) {
    let headers = logged["request"]["headers"].as_object().unwrap();
    assert_eq!(headers.len(), post.headers.len());
    for (name, value) in headers {
        assert_eq!(post.headers[&name.to_ascii_lowercase()].to_str().unwrap(), value.as_str().unwrap());
    }
    let sent = payload(post);
    assert!(raw.windows(sent.len()).any(|part| part == sent), "the log has the very bytes");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_log_is_what_was_sent(deeds in proptest::collection::vec(deed(), 1..12)) {
        let mut stage = quiet();
        let ada = stage.ada.clone();
        let new = json!({"config": config("http://127.0.0.1:9/a"), "events": ["*"]});
        let hook = format!("{HOOKS}/{}", stage.post(&ada, HOOKS, new).expect(201)["id"]);
        for deed in deeds {
            take(&mut stage, &hook, deed);
        }
        let posts = std::mem::take(&mut stage.posts);
        let listed = stage.get(&ada, &format!("{hook}/deliveries?per_page=100")).expect(200);
        prop_assert_eq!(listed.as_array().unwrap().len(), posts.len());
        for (post, item) in posts.iter().rev().zip(listed.as_array().unwrap()) {
            let one = stage.get(&ada, &format!("{hook}/deliveries/{}", item["id"]));
            let raw = one.answer.body().clone();
            same(post, &one.expect(200), &raw);
        }
    }
}

#[test]
fn a_new_app_is_greeted() {
    let mut stage = Stage::new();
    let acme = stage.world.account("acme", Kind::Organization);
    let manifest = json!({
        "name": "Wren",
        "url": "http://127.0.0.1:1/",
        "hook_attributes": {"url": "http://127.0.0.1:9/wren"},
        "default_events": ["issues"],
    });
    let registered = stage.world.manifest(stage.now, acme, &manifest.to_string()).unwrap();
    stage.ask("POST", "", &format!("/app-manifests/{}/conversions", registered.code), None).expect(201);
    assert_eq!(stage.posts[0].url, "http://127.0.0.1:9/wren");
    assert_eq!(stage.told(), ["ping"]);
    assert!(!stage.effects.iter().any(|effect| matches!(effect, Effect::Deliver(_))));
}
