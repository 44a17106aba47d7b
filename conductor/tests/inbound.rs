//! What a delivery becomes, without any server: a total function from headers and bytes to a record.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod corpus;

use std::{collections::BTreeSet, sync::LazyLock};

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bus::{
    Draft, RecordId, Sequenced, Trust,
    catalogue::github::{Delivered, Event},
};
use conductor::github::{Refused, inbound, payload};
use corpus::Sample;
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};

const GUID: &str = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

fn headers(event: &str) -> HeaderMap {
    let pairs = [
        ("content-type", "application/json"),
        ("x-github-event", event),
        ("x-github-delivery", GUID),
        ("x-github-hook-id", "292430182"),
    ];
    pairs
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .into_iter()
        .collect()
}

/// As the record is read back out of LOG.
fn stored(draft: Draft) -> Sequenced {
    let (subject, body) = (draft.subject.to_string(), draft.body);
    Sequenced { sequence: 1, subject, headers: Default::default(), body, stored_at: NOW }
}

/// What a record tells its readers.
#[derive(Debug)]
struct Told {
    subject: String,
    about: Option<String>,
    actor: Option<String>,
    trust: Trust,
    data: Delivered,
}

/// The record of this delivery, after it was found to hold together and to carry exactly the delivery's bytes.
#[track_caller]
fn told(event: &str, body: impl AsRef<[u8]>) -> Told {
    let body = body.as_ref();
    let draft = inbound::draft(&headers(event), body, NOW).unwrap_or_else(|refused| panic!("{event}: {refused}"));
    assert_eq!(payload::exact(&draft.body), Some(body), "{event}");
    let record = stored(draft);
    let (subject, envelope) = record.decode().unwrap_or_else(|refusal| panic!("{event}: {refusal}"));
    assert_eq!((envelope.id, envelope.time), (RecordId::of_delivery(GUID), NOW));
    let data: Delivered = envelope.open().unwrap();
    assert_eq!((data.event.as_str(), data.delivery.as_str(), data.hook.as_deref()), (event, GUID, Some("292430182")));
    assert!(!data.say.is_empty() && data.say.chars().count() <= 200, "{event}: {}", data.say);
    assert!(!data.say.contains(char::is_control), "{event}: {:?}", data.say);
    Told {
        subject: subject.to_string(),
        about: envelope.subject.map(Into::into),
        actor: envelope.actor.map(Into::into),
        trust: envelope.trust,
        data,
    }
}

#[track_caller]
fn refused(event: &str, body: impl AsRef<[u8]>) -> Refused {
    inbound::draft(&headers(event), body.as_ref(), NOW).unwrap_err()
}

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(corpus::all);

#[test]
fn the_corpus_is_whole() {
    assert_eq!(corpus::examples().len(), 329);
    let there: BTreeSet<_> = SAMPLES.iter().map(|sample| (sample.event.clone(), sample.action.clone())).collect();
    let described: BTreeSet<_> = corpus::described().into_iter().collect();
    assert!(described.len() > 250, "{} events and actions are described", described.len());
    assert_eq!(described.difference(&there).collect::<Vec<_>>(), Vec::<&_>::new());
}

#[test]
fn what_is_made_from_githubs_description_is_valid_by_it() {
    // Of an advisory's author GitHub says that it is a user and that it is null.
    let contradictory = ["repository-advisory/published", "repository-advisory/reported"];
    for (operation, faults) in corpus::faults_of_made() {
        assert!(contradictory.contains(&operation.as_str()), "{operation}: {faults:?}");
    }
}

#[test]
fn every_event_github_describes_has_its_own_type() {
    for (event, _) in corpus::described() {
        assert_ne!(Event::named(&event), Event::Unknown, "{event}");
    }
}

#[test]
fn every_delivery_becomes_a_record_with_its_bytes_unchanged() {
    for sample in SAMPLES.iter() {
        let told = told(&sample.event, &sample.body);
        assert_eq!(told.data.action, sample.action, "{}", sample.from);
        let kind = Event::named(&sample.event).name();
        assert!(told.subject.ends_with(&format!(".{kind}")), "{} for {}", told.subject, sample.from);
    }
}

#[test]
fn people_read_each_delivery_as_a_sentence() {
    let lines: BTreeSet<_> = SAMPLES
        .iter()
        .map(|sample| {
            let told = told(&sample.event, &sample.body);
            let place = told.subject.trim_start_matches("rig.evt.github.");
            let (about, actor) = (told.about.as_deref().unwrap_or("-"), told.actor.as_deref().unwrap_or("-"));
            format!("{place} | {about} | {actor} | {:?} | {}\n", told.trust, told.data.say)
        })
        .collect();
    insta::assert_snapshot!(lines.into_iter().collect::<String>());
}

#[test]
fn an_unknown_event_keeps_its_name_and_its_body() {
    for event in ["choir_practice", "unknown", "outage", "Issues", "../x", "a.b.*.>"] {
        let told = told(event, r#"{"action":"sang","repository":{"full_name":"Acme/Site","id":9},"x":[1,2]}"#);
        assert_eq!(told.subject, "rig.evt.github.acme.site.unknown");
        assert_eq!((told.data.repository.as_deref(), told.data.repository_id), (Some("Acme/Site"), Some(9)));
        assert_eq!(told.data.action.as_deref(), Some("sang"));
    }
}

#[test]
fn an_unknown_action_is_a_record_like_any_other() {
    let told = told(
        "issues",
        r#"{"action":"teleported","issue":{"number":4,"title":"Door"},"repository":{"full_name":"a/b"},"sender":{"login":"sam"}}"#,
    );
    assert_eq!(told.data.say, "sam teleported a/b#4: Door");
}

#[test]
fn invariant_5_a_door_does_not_judge() {
    let deep = format!(r#"{{"deep":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let long_action = format!(r#"{{"action":"{}"}}"#, "x".repeat(5 << 20));
    let bodies: &[&str] = &[
        "{}",
        " \r\n\t{}\n ",
        r#"{"":{}}"#,
        r#"{"a":"\u0000","issue":{"title":"\u0000"}}"#,
        r#"{"a":"\ud800","sender":{"login":"\udfff"},"issue":{"title":"\ud83d"}}"#,
        r#"{"action":1e400,"issue":{"number":-0.0e-999}}"#,
        r#"{"action":"a","action":"b","action":"c"}"#,
        r#"{"action":{"action":{"action":"x"}},"repository":[{"full_name":"a/b"}]}"#,
        r#"{"repository":{"full_name":"a/b/c/d"},"sender":{"login":""}}"#,
        r#"{"repository":{"full_name":"*/>"},"sender":{"login":"a b.c"}}"#,
        r#"{"repository":{"full_name":"🦀/ é"}}"#,
        r#"{"payload":{"payload":"}}"},"data":"}}"}"#,
        r#"{"\u0061ction":"escaped"}"#,
        &deep,
        &long_action,
    ];
    for body in bodies {
        for event in ["issues", "pull_request", "push", "check_run", "nothing_known"] {
            told(event, body);
        }
    }
    assert_eq!(told("issues", bodies[6]).data.action.as_deref(), Some("c"));
    assert_eq!(told("issues", bodies[12]).data.action.as_deref(), Some("escaped"));
    assert_eq!(told("issues", &long_action).data.action, None, "a text that long names nothing");
}

#[test]
fn what_cannot_stand_in_a_record_is_refused_with_its_reason() {
    for (body, reason) in [
        (&b"\xff{}"[..], "not UTF-8"),
        (b"{\"a\":\"\xc3\x28\"}", "not UTF-8 after byte 6"),
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{}{}", "not JSON"),
        (b"{\"a\":01}", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"payload=%7B%7D", "not JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b" \"{}\" ", "not an object"),
    ] {
        let refused = refused("issues", body);
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.error.contains(reason) && !refused.hint.is_empty(), "{refused}");
    }
}

#[test]
fn a_delivery_without_a_name_is_refused() {
    for (header, said) in [("x-github-event", "X-GitHub-Event"), ("x-github-delivery", "X-GitHub-Delivery")] {
        for value in [None, Some(HeaderValue::from_static("")), Some(HeaderValue::from_bytes(b"\xff").unwrap())] {
            let mut headers = headers("issues");
            headers.remove(header);
            headers.extend(value.map(|value| (HeaderName::from_static(header), value)));
            let refused = inbound::draft(&headers, b"{}", NOW).unwrap_err();
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
            assert!(refused.error.contains(said), "{refused}");
        }
    }
}

#[test]
fn a_form_is_refused_with_the_box_to_tick() {
    let mut headers = headers("issues");
    for form in ["application/x-www-form-urlencoded", " Application/X-WWW-Form-Urlencoded; charset=utf-8"] {
        headers.insert("content-type", HeaderValue::from_static(form));
        let refused = inbound::draft(&headers, b"payload=%7B%7D", NOW).unwrap_err();
        assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert!(refused.hint.contains("Content type") && refused.hint.contains("application/json"), "{refused}");
    }
}

#[test]
fn f_013_a_redelivery_has_the_id_of_the_first() {
    let of = |guid: &'static str| {
        let mut headers = headers("issues");
        headers.insert("x-github-delivery", HeaderValue::from_static(guid));
        inbound::draft(&headers, b"{}", NOW).unwrap().id
    };
    assert_eq!(of(GUID), RecordId::of_delivery(GUID));
    assert_ne!(of(GUID), of("another"));
}

fn white_space() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,5}"
}

/// A value of any type, where GitHub documents another.
fn surprise() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([{ "login": [1] }])),
        "[a-z/]{1,9}".prop_map(|name| json!({ "login": name, "full_name": name, "number": name, "name": {} })),
    ]
}

/// The places in a value, the value itself left out.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut step = |name: &str, inner: &Value| {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places(inner, &place, found);
        found.push(place);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| step(name, inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, inner)| step(&n.to_string(), inner)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_bytes_under_any_headers_are_a_record_or_a_refusal(
        fields in prop::collection::vec(
            (prop::sample::select(vec!["content-type", "x-github-event", "x-github-delivery", "x-github-hook-id"]),
             prop::collection::vec(32_u8..=255, 0..40)), 0..6),
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..300), "[\\[\\]{}\",:\\\\u01de ]{0,80}".prop_map(String::into_bytes)],
    ) {
        let headers: HeaderMap = fields
            .into_iter()
            .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::from_bytes(&value).ok()?)))
            .collect();
        match inbound::draft(&headers, &body, NOW) {
            Ok(draft) => {
                prop_assert_eq!(payload::exact(&draft.body), Some(&body[..]));
                prop_assert!(stored(draft).decode().is_ok());
            }
            Err(refused) => prop_assert!(refused.status.is_client_error() && !refused.error.is_empty()),
        }
    }

    #[test]
    fn the_white_space_round_a_body_comes_back(
        before in white_space(), inside in white_space(), after in white_space(), value in surprise(),
    ) {
        told("issues", format!("{before}{{{inside}\"a\"{inside}:{inside}{value}{inside}}}{after}"));
    }

    #[test]
    fn a_field_of_another_type_is_less_knowledge_and_the_same_bytes(
        sample in any::<Index>(), place in any::<Index>(), surprise in surprise(),
    ) {
        let sample = sample.get(&SAMPLES);
        let mut body: Value = serde_json::from_slice(&sample.body).unwrap();
        let mut found = Vec::new();
        places(&body, "", &mut found);
        if !found.is_empty() {
            *body.pointer_mut(place.get::<String>(&found)).unwrap() = surprise;
        }
        told(&sample.event, body.to_string());
    }
}
