//! A webhook by octocrab's typed calls: made, tried, its deliveries read and asked for once more, paused, taken away.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use octocrab::{
    Octocrab,
    models::{
        hooks::{Config, ContentType, Delivery, Hook},
        webhook_events::WebhookEventType,
    },
    repos,
};

use crate::{
    cast::{Cast, OWNER, REPOSITORY},
    stage::Listener,
};

#[tokio::test]
async fn a_hook_is_made_heard_and_asked_to_say_it_again() {
    let cast = Cast::new().await;
    let ada = cast.ada();
    let mut listener = Listener::new(StatusCode::OK).await;
    let repository = ada.repos(OWNER, REPOSITORY);
    let hook = make(&repository, &listener.url).await;
    assert_eq!(event(&listener.next().await.0), "ping");
    file(&ada, "Heard").await;
    let (first, body) = listener.next().await;
    assert_eq!(event(&first), "issues");
    let delivery = logged(&repository, hook.id, "issues").await;
    assert_eq!((delivery.guid.as_str(), delivery.status_code), (guid(&first), 200));
    let detail = repository.hooks().get_delivery(hook.id, delivery.id).await.unwrap();
    assert_eq!((detail.event.as_str(), detail.action.as_deref()), ("issues", Some("opened")));
    repository.hooks().redeliver(hook.id, delivery.id).await.unwrap();
    let (again, same) = listener.next().await;
    assert_eq!((guid(&again), same), (guid(&first), body));
    let paused = repository.hooks().update(hook.id).active(false).send().await.unwrap();
    assert!(!paused.active);
    repository.hooks().delete(hook.id).await.unwrap();
    assert!(repository.hooks().list().send().await.unwrap().items.is_empty());
    cast.stage.played.stop().await;
}

async fn make(repository: &repos::RepoHandler<'_>, url: &str) -> Hook {
    let config = Config {
        url: url.to_owned(),
        content_type: Some(ContentType::Json),
        secret: Some("hush".to_owned()),
        insecure_ssl: None,
    };
    let events = vec![WebhookEventType::Issues];
    let new = Hook { name: "web".to_owned(), active: true, events, config, ..Hook::default() };
    let made = repository.create_hook(new).await.unwrap();
    assert_eq!((made.config.url.as_str(), &made.events), (url, &vec![WebhookEventType::Issues]));
    assert_ne!(made.config.secret.as_deref(), Some("hush"), "a secret is not told again");
    made
}

async fn file(person: &Octocrab, title: &str) {
    person.issues(OWNER, REPOSITORY).create(title).send().await.unwrap();
}

/// The delivery as the log has it, once the listener's answer is in it.
async fn logged(repository: &repos::RepoHandler<'_>, hook: u64, event: &str) -> Delivery {
    let look = async {
        loop {
            let log = repository.hooks().deliveries(hook).list().send().await.unwrap();
            let known = log
                .items
                .into_iter()
                .find(|each| each.status_code != 0 && serde_json::to_value(&each.event).unwrap() == event);
            match known {
                Some(delivery) => break delivery,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look).await.expect("the log does not tell of the delivery")
}

fn event(headers: &HeaderMap) -> &str {
    headers["x-github-event"].to_str().unwrap()
}

fn guid(headers: &HeaderMap) -> &str {
    headers["x-github-delivery"].to_str().unwrap()
}
