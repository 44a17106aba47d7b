//! What changes while somebody looks.

use serde_json::json;

use crate::{
    cast::Cast,
    look::look,
    scene::{SITE, tell},
};

#[tokio::test]
async fn a_page_brings_what_is_new_and_disturbs_nobody() {
    let cast = Cast::new().await;
    let body = "A line.\n".repeat(100);
    tell(&cast.ada(), &format!("{SITE}/issues"), json!({"title": "Watch me", "body": body})).await;
    let addresses = cast.stage.played.addresses();
    let given = json!({
        "html": addresses.html,
        "page": "/acme/hello.site/issues/1",
        "issue": format!("{}{SITE}/issues/1", addresses.api),
        "token": cast.stage.nora,
    });
    let seen = look("live.mjs", given).await;
    assert_eq!((&seen["kept"], &seen["undisturbed"]), (&json!(true), &json!(true)));
    assert!(seen["title"].as_str().unwrap().starts_with("Another title #1"), "{seen}");
    cast.stage.played.stop().await;
}
