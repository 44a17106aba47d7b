//! A GitHub App is made from a manifest, on two pages.

use bytes::Bytes;
use http::Request;
use sandbox::world::Answer;
use serde_json::json;

use crate::{browser::Page, stage::Stage};

/// Sends a form as the page of another site does, or this one's.
fn send(stage: &mut Stage, address: &str, from: &str, fields: &[(&str, &str)]) -> Answer {
    let body = Bytes::from(serde_urlencoded::to_string(fields).unwrap());
    let request = Request::post(address).header("sec-fetch-site", from).body(body).unwrap();
    stage.world.page_form(stage.now, &request)
}

#[test]
fn a_manifest_becomes_an_app_when_a_person_says_so() {
    let mut stage = Stage::new();
    let manifest = json!({
        "name": "Robin <b>", "url": "https://robin.example", "redirect_url": "http://127.0.0.1:9000/done?from=there",
        "default_permissions": {"issues": "write"}, "default_events": ["issues"],
        "hook_attributes": {"url": "http://127.0.0.1:9/hook"},
    })
    .to_string();
    let asked =
        send(&mut stage, "/organizations/acme/settings/apps/new?state=a%26b", "cross-site", &[("manifest", &manifest)]);
    let policy = asked.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("form-action 'self' http://127.0.0.1:9000"), "{policy}");
    let page = Page::read(&asked);
    assert_eq!((page.status, page.text.contains("issues: write"), page.text.contains("Robin <b>")), (200, true, true));
    let fields: Vec<_> = page.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(fields, [("manifest", manifest.as_str()), ("state", "a&b"), ("owner", "acme")]);
    assert_eq!(send(&mut stage, "/settings/apps/create", "cross-site", &fields).status(), 403);
    let done = send(&mut stage, "/settings/apps/create", "same-origin", &fields);
    let back = done.headers()["location"].to_str().unwrap();
    let code =
        back.strip_prefix("http://127.0.0.1:9000/done?from=there&code=").unwrap().strip_suffix("&state=a%26b").unwrap();
    assert_eq!(done.status(), 302);
    let app = stage.post("", &format!("/app-manifests/{code}/conversions"), json!({})).expect(201);
    assert_eq!((&app["name"], &app["owner"]["login"]), (&json!("Robin <b>"), &json!("acme")));
    let again = send(&mut stage, "/settings/apps/create", "same-origin", &fields);
    assert!(again.status() == 422 && Page::read(&again).text.contains("is empty or taken"));
}

#[test]
fn a_manifest_that_leads_nowhere_is_refused() {
    let mut stage = Stage::new();
    for back in ["javascript:alert(1)", "nowhere", "http://a;script-src"] {
        let manifest = json!({"name": "Robin", "url": "https://robin.example", "redirect_url": back}).to_string();
        let asked = send(&mut stage, "/settings/apps/new", "cross-site", &[("manifest", &manifest)]);
        assert_eq!(Page::read(&asked).status, 422, "{back}");
        let fields = [("manifest", manifest.as_str()), ("owner", "acme")];
        assert_eq!(send(&mut stage, "/settings/apps/create", "same-origin", &fields).status(), 422, "{back}");
    }
    assert_eq!(send(&mut stage, "/settings/apps/new", "cross-site", &[("manifest", "{")]).status(), 422);
    assert_eq!(send(&mut stage, "/settings/apps/new", "cross-site", &[]).status(), 422);
    assert_eq!(send(&mut stage, "/acme/hello.site", "cross-site", &[]).status(), 404);
    assert_eq!(Page::read(&stage.world.page("/settings/apps/new")).status, 200);
}
