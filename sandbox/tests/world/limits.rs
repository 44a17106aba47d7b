//! What stands around every answer.

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use sandbox::world::{
    Access::{Read, Write},
    Answer, Input, Limits, Moment,
    Permission::{Contents, Issues},
};
use serde_json::{Value, json};

use crate::{played_app::played, stage::Stage};

const SITE: &str = "/repos/acme/hello.site";
const ISSUES: &str = "/repos/acme/hello.site/issues";

/// Asks with headers of its own.
fn ask(stage: &mut Stage, method: &str, token: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !token.is_empty() {
        request = request.header(AUTHORIZATION, format!("token {token}"));
    }
    let request = request.body(Bytes::new()).unwrap();
    stage.step(&Input::Request(request)).answer.unwrap()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn number(answer: &Answer, name: &str) -> i64 {
    header(answer, name).parse().unwrap_or_else(|_| panic!("{name} is no number"))
}

#[test]
fn who_does_not_say_who_may_ask_sixty_times_an_hour() {
    let mut stage = Stage::new();
    for left in (0..60).rev() {
        let answer = ask(&mut stage, "GET", "", SITE, &[]);
        assert_eq!((answer.status().as_u16(), number(&answer, "x-ratelimit-remaining")), (200, left));
    }
    let refused = ask(&mut stage, "GET", "", SITE, &[]);
    assert_eq!((refused.status().as_u16(), number(&refused, "x-ratelimit-remaining")), (403, 0));
    assert_eq!(stage.get("", "/rate_limit").expect(200)["resources"]["core"]["remaining"], 0);
    let ada = stage.ada.clone();
    stage.get(&ada, SITE).expect(200);
    stage.now = Moment::from_millis(number(&refused, "x-ratelimit-reset") * 1000);
    assert_eq!(number(&ask(&mut stage, "GET", "", SITE, &[]), "x-ratelimit-used"), 1);
}

#[test]
fn each_has_their_own_count() {
    let mut stage = Stage::new();
    let robin = played(&mut stage, "Robin", &[(Issues, Write)], &[]);
    let token = robin.token(&mut stage, json!({}));
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    for (token, used) in [(&ada, 1), (&ada, 2), (&sam, 1), (&token, 1)] {
        let answer = ask(&mut stage, "GET", token, SITE, &[]);
        assert_eq!((number(&answer, "x-ratelimit-used"), number(&answer, "x-ratelimit-limit")), (used, 5_000));
        assert_eq!(header(&answer, "x-ratelimit-resource"), "core");
    }
    stage.world.limit(Limits { person: 1, ..Limits::default() });
    stage.get(&ada, SITE).expect(200);
    let said = stage.get(&ada, SITE).expect(403);
    assert!(said["message"].as_str().unwrap().starts_with("API rate limit exceeded for user ID"), "{said}");
    stage.world.limit(Limits::NONE);
    stage.get(&ada, SITE).expect(200);
}

#[test]
fn who_makes_too_much_too_fast_is_told_to_wait() {
    let mut stage = Stage::new();
    stage.world.limit(Limits { made_in_a_minute: 3, ..Limits::default() });
    let sam = stage.sam.clone();
    for title in ["One", "Two", "Three"] {
        stage.post(&sam, ISSUES, json!({"title": title})).expect(201);
    }
    let refused = stage.post(&sam, ISSUES, json!({"title": "Four"}));
    let wait = number(&refused.answer, "retry-after");
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(refused.expect(403)["message"].as_str().unwrap().contains("secondary rate limit"));
    stage.get(&sam, ISSUES).expect(200);
    // A delivery that is sent once more is nothing that others see: she may ask for it, were it hers to ask.
    let again = stage.post(&sam, &format!("{SITE}/hooks/7/deliveries/1/attempts"), json!({})).expect(403);
    assert_eq!(again["message"], "Must have admin rights to Repository.");
    stage.now = Moment::from_millis(stage.now.millis() + wait * 1000);
    stage.post(&sam, ISSUES, json!({"title": "Four"})).expect(201);
}

#[test]
fn what_is_known_already_costs_nothing() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    stage.post(&sam, ISSUES, json!({"title": "One"})).expect(201);
    let first = ask(&mut stage, "GET", &ada, ISSUES, &[]);
    let mark = header(&first, "etag").to_owned();
    assert!(mark.starts_with("W/\""), "{mark}");
    for known in [mark.clone(), mark.trim_start_matches("W/").to_owned(), format!("\"other\", {mark}")] {
        let again = ask(&mut stage, "GET", &ada, ISSUES, &[("if-none-match", &known)]);
        assert_eq!((again.status().as_u16(), again.body().len(), header(&again, "etag")), (304, 0, &*mark));
        assert_eq!(number(&again, "x-ratelimit-used"), 1);
    }
    stage.post(&sam, ISSUES, json!({"title": "Two"})).expect(201);
    let changed = ask(&mut stage, "GET", &ada, ISSUES, &[("if-none-match", &mark)]);
    assert_eq!((changed.status().as_u16(), number(&changed, "x-ratelimit-used")), (200, 2));
}

#[test]
fn a_head_is_a_get_without_its_body() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    let whole = ask(&mut stage, "GET", &ada, SITE, &[]);
    let head = ask(&mut stage, "HEAD", &ada, SITE, &[]);
    assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
    assert_eq!(header(&head, "etag"), header(&whole, "etag"));
    assert_eq!(ask(&mut stage, "HEAD", &ada, "/repos/acme/none", &[]).status().as_u16(), 404);
    let options = ask(&mut stage, "OPTIONS", "", SITE, &[]);
    assert_eq!((options.status().as_u16(), header(&options, "access-control-allow-origin")), (204, "*"));
}

#[test]
fn answers_say_how_they_were_understood() {
    let mut stage = Stage::new();
    let robin = played(&mut stage, "Robin", &[(Issues, Write), (Contents, Read)], &[]);
    let token = robin.token(&mut stage, json!({}));
    let answer = ask(&mut stage, "GET", &token, ISSUES, &[("accept", "application/vnd.github.raw+json")]);
    assert_eq!(header(&answer, "x-github-media-type"), "github.v3; param=raw; format=json");
    assert_eq!(header(&answer, "x-accepted-github-permissions"), "issues=read");
    assert_eq!(header(&answer, "x-oauth-scopes"), "");
    let ada = stage.ada.clone();
    let other = ask(&mut stage, "GET", &ada, ISSUES, &[]);
    assert!(header(&other, "x-oauth-scopes").contains("repo"));
    assert_eq!(header(&other, "x-github-media-type"), "github.v3; format=json");
    assert_ne!(header(&other, "x-github-request-id"), header(&answer, "x-github-request-id"));
    let unknown = ask(&mut stage, "GET", "ghp_wrong", ISSUES, &[]);
    assert_eq!(unknown.status().as_u16(), 401);
    assert_ne!(header(&unknown, "x-github-request-id"), "");
}

#[test]
fn the_api_tells_of_itself() {
    let mut stage = Stage::new();
    let root: Value = stage.get("", "/").expect(200);
    assert_eq!(root["issues_url"], "http://127.0.0.1:8480/api/v3/issues");
    stage.get("", "/meta").expect(200);
    stage.get("", "/zen").expect(200);
    assert_eq!(stage.get("", "/rate_limit").expect(200)["rate"]["limit"], 60);
}
