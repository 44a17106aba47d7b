//! What is posted to a webhook.

use hmac::{Hmac, KeyInit, Mac};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::stage::{Listener, Stage};

#[tokio::test]
async fn an_issue_that_is_filed_over_http_is_posted_signed() {
    let stage = Stage::new().await;
    let mut listener = Listener::new(StatusCode::OK).await;
    stage.hook(&listener.url);
    let new = json!({"title": "Greet by name"});
    let (status, filed) = stage.ask(Method::POST, "/repos/acme/hello.site/issues", Some(new)).await;
    assert_eq!((status, &filed["number"]), (StatusCode::CREATED, &json!(1)));
    let (headers, body) = listener.next().await;
    assert_eq!(
        (&headers["x-github-event"], &headers["content-type"]),
        (&"issues".parse().unwrap(), &"application/json".parse().unwrap())
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(b"hush").unwrap();
    mac.update(&body);
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    assert_eq!(headers["x-hub-signature-256"], signature);
    let payload: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(payload["issue"]["url"], format!("{}/repos/acme/hello.site/issues/1", stage.played.addresses().api));
    stage.played.stop().await;
}

#[tokio::test]
async fn deliveries_come_in_order_though_the_listener_refuses_them() {
    let stage = Stage::new().await;
    let mut listener = Listener::new(StatusCode::INTERNAL_SERVER_ERROR).await;
    stage.hook(&listener.url);
    for n in 1..=20 {
        stage.ask(Method::POST, "/repos/acme/hello.site/issues", Some(json!({"title": format!("{n}")}))).await;
    }
    for n in 1..=20 {
        let (_, body) = listener.next().await;
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["issue"]["number"], n);
    }
    stage.played.stop().await;
}
