//! The pages, beside git and the API on one port.

use reqwest::redirect::Policy;
use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn a_person_looks_and_says_yes_to_an_app() {
    let stage = Stage::new().await;
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let html = stage.played.addresses().html.clone();
    for (path, status, words) in [
        ("/", 200, "acme/hello.site"),
        ("/acme/hello.site", 200, "index.html"),
        ("/acme/hello.site/blob/main/index.html", 200, "&lt;h1&gt;Hello!&lt;/h1&gt;"),
        ("/nobody", 404, "There is no such page"),
        ("/acme/hello.site/not/a/page", 404, "There is no such page"),
    ] {
        let answer = client.get(format!("{html}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        let page = answer.text().await.unwrap();
        assert!(page.contains(words) && page.contains("This GitHub is played"), "{path}: {page}");
    }
    let head = client.head(&html).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.text().await.unwrap()), (200, String::new()));
    assert_eq!(client.delete(&html).send().await.unwrap().status(), 405);
    let manifest = json!({"name": "Robin", "url": "https://robin.example", "redirect_url": "http://127.0.0.1:9/done"});
    let fields = serde_urlencoded::to_string([("manifest", manifest.to_string().as_str()), ("owner", "ada")]).unwrap();
    let asked = client.post(format!("{html}/settings/apps/new?state=x")).body(fields.clone()).send().await.unwrap();
    assert!(asked.text().await.unwrap().contains("Create the GitHub App"));
    let done = client.post(format!("{html}/settings/apps/create")).body(fields).send().await.unwrap();
    let back = done.headers()["location"].to_str().unwrap().to_owned();
    assert!(done.status() == 302 && back.starts_with("http://127.0.0.1:9/done?code="), "{back}");
    stage.played.stop().await;
}
