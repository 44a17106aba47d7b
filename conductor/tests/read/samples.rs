//! GitHub's own examples, and a body for every event and action that it describes.

use std::{collections::BTreeSet, sync::LazyLock};

use conductor::machine::{
    Fact,
    fact::{Branch, Check, Issue, Pull, Review},
};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use crate::{corpus, delivered, told};

static SAMPLES: LazyLock<Vec<corpus::Sample>> = LazyLock::new(corpus::all);

fn line(fact: &Fact) -> String {
    match fact {
        Fact::Issue(_, Issue { number, title, author, labels, open, by, .. }) => {
            format!("{number} \"{title}\" of {author}, {labels:?}, open: {open}, by {by:?}")
        }
        Fact::Pull(_, Pull { number, author, member, branch, head, base, closes, draft, state, mergeable, by, .. }) => {
            let (head, by) = (head.short(), by.as_deref().unwrap_or("-"));
            format!(
                "{number} of {author} (member: {member}), {branch:?} at {head} for {base}, closes {closes:?}, draft: \
                 {draft}, {state:?}, mergeable: {mergeable:?}, by {by}"
            )
        }
        Fact::Review(_, Review { id, pull, reviewer, head, member, verdict }) => {
            format!("{id} of {pull} at {} by {reviewer} (member: {member}): {verdict:?}", head.short())
        }
        Fact::Check(_, Check { name, head, run, conclusion, url, summary }) => {
            format!("{name} of {}, run {run}: {conclusion:?}, \"{summary}\", {url}", head.short())
        }
        Fact::Branch(_, Branch { name, head }) => format!("{name}: {head:?}"),
        Fact::Asked(asked) => format!("{asked:?}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn what_githubs_examples_tell() {
    let mut lines = BTreeSet::new();
    for sample in corpus::examples() {
        let fact = delivered(&sample.event, &sample.body);
        let action = sample.action.as_deref().unwrap_or("-");
        if fact != Fact::Other {
            lines.insert(format!("{}.{action}: {}\n", sample.event, line(&fact)));
        }
    }
    insta::assert_snapshot!(lines.into_iter().collect::<String>());
}

/// What tells nothing though its event is read, and why.
fn tells_nothing(event: &str, body: &Value) -> bool {
    match event {
        // A milestone is told of a pull request as of an issue, and some examples leave the state out.
        "issues" => body["issue"]["pull_request"].is_object() || body["issue"]["state"].is_null(),
        // Nobody addresses us in them.
        "issue_comment" => true,
        "push" => !body["ref"].as_str().unwrap().starts_with("refs/heads/"),
        "delete" => body["ref_type"] != "branch",
        _ => false,
    }
}

#[test]
fn every_example_of_what_is_read_tells_something() {
    let events = ["issues", "pull_request", "pull_request_review", "check_run", "status", "push", "delete"];
    let mut count = 0;
    for sample in corpus::examples().iter().filter(|sample| events.contains(&sample.event.as_str())) {
        let body: Value = serde_json::from_slice(&sample.body).unwrap();
        let fact = delivered(&sample.event, &sample.body);
        assert_eq!(fact == Fact::Other, tells_nothing(&sample.event, &body), "{}", sample.from);
        count += usize::from(fact != Fact::Other);
    }
    assert!(count > 70, "{count} examples tell something");
}

#[test]
fn an_action_nobody_has_seen_tells_the_same() {
    for sample in corpus::examples() {
        let mut body: Value = serde_json::from_slice(&sample.body).unwrap();
        let gone = matches!(sample.action.as_deref(), Some("deleted" | "transferred"));
        if sample.action.is_some() && !gone && sample.event != "issue_comment" {
            let before = told(&sample.event, &body);
            body["action"] = json!("teleported");
            assert_eq!(told(&sample.event, &body), before, "{}", sample.from);
        }
    }
}

/// Every place in a value.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let within = |name: &str, inner: &Value| {
        let name = name.replace('~', "~0").replace('/', "~1");
        places(inner).into_iter().map(move |place| format!("/{name}{place}")).collect::<Vec<_>>()
    };
    match value {
        Value::Object(map) => found.extend(map.iter().flat_map(|(name, inner)| within(name, inner))),
        Value::Array(items) => {
            found.extend(items.iter().enumerate().flat_map(|(n, item)| within(&n.to_string(), item)))
        }
        _ => {}
    }
    found
}

pub fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("0000000000000000000000000000000000000000")),
        Just(json!("refs/heads/\u{0}é")),
        Just(json!("+999999-12-31T23:59:60Z")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,8}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_stands_anywhere_in_a_delivery_it_is_read(sample: Index, place: Index, other in any_json(), missing: bool) {
        let sample = sample.get(&SAMPLES);
        let mut body: Value = serde_json::from_slice(&sample.body).unwrap();
        let places = places(&body);
        let place = place.get(&places);
        if missing && let Some((parent, name)) = place.rsplit_once('/') {
            if let Some(Value::Object(map)) = body.pointer_mut(parent) {
                map.remove(name);
            }
        } else if let Some(value) = body.pointer_mut(place).filter(|_| !place.is_empty()) {
            *value = other;
        }
        told(&sample.event, &body);
    }
}
