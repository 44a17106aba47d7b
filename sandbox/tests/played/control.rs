//! Trouble that another process switches while the world runs.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stage::Stage;

struct Switch {
    stage: Stage,
    client: reqwest::Client,
}

impl Switch {
    async fn new() -> Self {
        Self { stage: Stage::new().await, client: reqwest::Client::new() }
    }

    async fn turn(&self, method: Method, body: &str) -> (u16, Value) {
        let address = format!("{}/_played/faults", self.stage.played.addresses().html);
        let answer = self.client.request(method, address).body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn asked(&self) -> StatusCode {
        self.stage.ask(Method::GET, "/user", None).await.0
    }
}

#[tokio::test]
async fn trouble_is_switched_on_and_off() {
    let switch = Switch::new().await;
    assert_eq!(switch.turn(Method::GET, "").await, (200, json!({"fault": [], "struck": []})));
    let toml = "[[fault]]\non = 'request'\npath = '/user'\nwhat = { status = 502 }\noften = { times = 2 }\n";
    assert_eq!(switch.turn(Method::PUT, toml).await.0, 200);
    assert_eq!(switch.asked().await, StatusCode::BAD_GATEWAY);
    let (_, told) = switch.turn(Method::GET, "").await;
    let rule = json!({"on": "request", "path": "/user", "what": {"status": 502}, "often": {"times": 2}});
    assert_eq!(told, json!({"fault": [rule], "struck": [1]}));
    let delivery = json!({"fault": [{"on": "delivery", "event": "*", "what": "lose"}]});
    let (_, both) = switch.turn(Method::POST, &delivery.to_string()).await;
    assert_eq!((both["fault"].as_array().unwrap().len(), &both["struck"]), (2, &json!([1, 0])));
    assert_eq!(switch.turn(Method::DELETE, "").await.1, json!({"fault": [], "struck": []}));
    assert_eq!(switch.asked().await, StatusCode::OK);
    let (status, again) = switch.turn(Method::PUT, &both.to_string()).await;
    assert_eq!((status, &again["fault"]), (200, &both["fault"]), "what is told can be sent back");
    switch.stage.played.stop().await;
}

#[tokio::test]
async fn what_is_not_meant_changes_nothing() {
    let switch = Switch::new().await;
    let fine = "[[fault]]\non = 'check'\nname = '*'\n";
    assert_eq!(switch.turn(Method::PUT, fine).await.0, 200);
    for (body, wrong) in [
        ("", "fault is missing"),
        ("[[fault]", "not TOML"),
        ("{\"fault\": null}", "not JSON"),
        ("[[fault]]\non = 'request'\npath = '/'\nwhat = { status = 200 }", "fault: number 1: 200 is no status"),
        ("[[fault]]\non = 'check'\nname = '*'\n[[foult]]\n", "foult: this key is unknown"),
    ] {
        let (status, said) = switch.turn(Method::PUT, body).await;
        assert_eq!(status, 422, "{body}");
        assert!(said["wrong"][0].as_str().unwrap().contains(wrong), "{body}: {said}");
    }
    assert_eq!(switch.turn(Method::GET, "").await.1["fault"].as_array().unwrap().len(), 1);
    switch.stage.played.stop().await;
}

#[tokio::test]
async fn a_page_in_a_browser_switches_nothing() {
    let switch = Switch::new().await;
    let html = switch.stage.played.addresses().html.clone();
    for (name, value) in [("origin", "http://127.0.0.1:8481"), ("sec-fetch-site", "cross-site")] {
        let asked = switch.client.delete(format!("{html}/_played/faults")).header(name, value);
        assert_eq!(asked.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{name}");
    }
    switch.stage.played.stop().await;
}
