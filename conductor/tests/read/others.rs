//! What agents, people, doors, the probe and the clock say.

use axum::body::Bytes;
use bus::{
    Draft, Envelope, RecordId, Sequenced, Subject, Token,
    ask::{Ask, Order, Which},
    catalogue::{
        Kind,
        agent::{self, Fence},
        chat::Said,
        due::Tick,
    },
    number::{IssueNumber, ItemKey, RepositoryId},
};
use conductor::{
    machine::{
        Fact,
        fact::{Asked, Claim, Due, Heard, Says},
    },
    reading,
};
use proptest::prelude::*;
use serde::Serialize;
use serde_json::json;
use time::{OffsetDateTime, macros::datetime};

use crate::{read, samples::any_json};

const MOMENT: OffsetDateTime = datetime!(2026-11-22 10:30 UTC);

fn draft<D: Serialize>(type_name: &str, subject: &str, data: &D) -> Draft {
    let envelope = Envelope::new(RecordId::of_delivery(subject), type_name, "/rig/test", MOMENT, data);
    Draft::new(subject.parse().unwrap(), &envelope).unwrap()
}

fn told<D: Serialize>(type_name: &str, subject: &str, data: &D) -> Fact {
    read(draft(type_name, subject, data)).fact
}

fn said(room: &str, who: &str, say: &str) -> Fact {
    let (room_token, who_token) = (Token::of(room), Token::of(who));
    let subject = Subject::ChatOperator { room: room_token, who: who_token }.to_string();
    let said = Said { say: say.to_owned(), room: room.to_owned(), who: who.to_owned(), door: None };
    told(Kind::ChatSaid.type_name(), &subject, &said)
}

#[test]
fn an_agent_is_who_the_subject_says() {
    let fence = Fence { run: RecordId::of_delivery("run"), generation: 3 };
    let claimed = json!({"say": "", "run": fence.run, "generation": 3, "agent": "review-e", "name": "review-e"});
    let fact = told(agent::Kind::Claimed.type_name(), "rig.evt.agent.dev-e.claimed", &claimed);
    assert_eq!(fact, Fact::Claim(Claim { agent: "dev-e".to_owned(), fence: Some(fence), what: Says::Claimed }));
    let progressed = json!({"say": "Tests first.", "run": fence.run, "generation": 3});
    assert_eq!(told(agent::Kind::Progressed.type_name(), "rig.evt.agent.dev-e.progressed", &progressed), Fact::Other);
}

#[test]
fn a_person_is_who_the_subject_says() {
    let said_as_nora = json!({"say": "hold #3", "room": "general", "who": "nora"});
    let fact = told("rig.chat.said.v1", "rig.evt.chat.general.operator.sam", &said_as_nora);
    assert!(matches!(fact, Fact::Asked(Asked { who, may_order: true, .. }) if who == "sam"));
    assert_eq!(told("rig.chat.said.v1", "rig.evt.chat.general.agent.dev-e", &said_as_nora), Fact::Other);
}

#[test]
fn in_an_items_room_the_item_goes_without_saying() {
    let asked = |room: &str, say: &str| match said(room, "sam", say) {
        Fact::Asked(Asked {
            heard: Heard::Ask(Ask::Item(Which { repository, issue }, Order::Hold)), origin, ..
        }) => {
            assert_eq!((origin.room.as_str(), origin.comment), (room, None));
            (repository, issue.map(|issue| issue.0))
        }
        other => panic!("{other:?}"),
    };
    let site = || Some("acme/hello.site".to_owned());
    assert_eq!(asked("acme/hello.site#42", "hold"), (site(), Some(42)));
    assert_eq!(asked("acme/hello.site#42", "hold #7"), (site(), Some(7)));
    assert_eq!(asked("acme/hello.site#42", "hold acme/api#7"), (Some("acme/api".to_owned()), Some(7)));
    assert_eq!(asked("general", "hold"), (None, None));
    assert_eq!(asked("42", "hold"), (None, None));
}

#[test]
fn what_asks_nothing_is_nothing() {
    for say in ["hold on, I think …", "> retry", "good morning"] {
        assert_eq!(said("general", "sam", say), Fact::Other, "{say}");
    }
}

#[test]
fn a_near_miss_is_asked_back() {
    let Fact::Asked(asked) = said("general", "sam", "retyr") else { panic!("it is no question") };
    assert_eq!(asked.heard, Heard::Near("retry".to_owned()));
}

#[test]
fn a_speaker_whose_name_was_cut_is_taken_from_the_body_only_if_it_is_the_same() {
    let long = "é".repeat(80);
    assert!(matches!(said("general", &long, "why"), Fact::Asked(Asked { who, .. }) if who == long));
    let subject = Subject::ChatOperator { room: Token::of("general"), who: Token::of(&long) }.to_string();
    let other = Said { say: "why".to_owned(), room: "general".to_owned(), who: "nora".to_owned(), door: None };
    assert_eq!(told("rig.chat.said.v1", &subject, &other), Fact::Other);
}

#[test]
fn time_goes_by() {
    let tick = Tick { say: "the clock ticked".to_owned() };
    assert_eq!(told("rig.due.tick.v1", "rig.evt.due.tick", &tick), Fact::Tick);
    let item = ItemKey { repository: RepositoryId(7), issue: IssueNumber(42) };
    let deadline = json!({
        "say": "", "item": "acme/site#42", "key": item, "what": "lease", "generation": 3, "due_at": "2026-11-22T10:30:00Z",
    });
    let due = Fact::Due(Due { item, generation: 3, due_at: MOMENT });
    assert_eq!(told("rig.due.deadline.v1", "rig.evt.due.deadline", &deadline), due);
    let nobodys = json!({"say": "", "item": "x", "what": "y", "generation": 3, "due_at": "2026-11-22T10:30:00Z"});
    assert_eq!(told("rig.due.deadline.v1", "rig.evt.due.deadline", &nobodys), Fact::Other);
}

#[test]
fn another_version_means_something_else() {
    assert_eq!(told("rig.due.tick.v2", "rig.evt.due.tick", &json!({"say": ""})), Fact::Other);
}

#[test]
fn what_is_no_record_is_nothing_and_has_an_id_of_its_own() {
    let stored = |sequence, body: &'static [u8]| Sequenced {
        sequence,
        subject: "rig.evt.due.tick".to_owned(),
        headers: Default::default(),
        body: Bytes::from_static(body),
        stored_at: MOMENT,
    };
    let (first, second) = (reading::read(&stored(1, b"\xff")), reading::read(&stored(2, b"\xff")));
    assert_eq!((&first.fact, &second.fact, first.at), (&Fact::Other, &Fact::Other, MOMENT));
    assert!(first.id != second.id && first.id == reading::read(&stored(1, b"{}")).id);
}

fn subjects() -> impl Strategy<Value = (String, String)> {
    let kinds: Vec<(String, String)> = Kind::all()
        .map(|kind| {
            let name = kind.type_name();
            let [_, family, what, _] = name.split('.').collect::<Vec<_>>().try_into().unwrap();
            let subject = match family {
                "github" => format!("rig.evt.github.acme.site.{what}"),
                "work" => format!("rig.evt.work.acme.site.4.{what}"),
                "agent" => format!("rig.evt.agent.dev-e.{what}"),
                "cmd" if what == "offer" => "rig.cmd.agent.implementer.linux.offer".to_owned(),
                "cmd" if what == "say" => "rig.cmd.chat.general.say".to_owned(),
                "cmd" if matches!(what, "observe" | "smoke") => format!("rig.cmd.deploy.acme.site.{what}"),
                "cmd" => format!("rig.cmd.github.acme.site.{what}"),
                "outcome" => format!("rig.evt.outcome.github.{what}"),
                "deploy" => format!("rig.evt.deploy.acme.site.{what}"),
                "chat" => "rig.evt.chat.general.operator.sam".to_owned(),
                "due" => format!("rig.evt.due.{what}"),
                "dead" => "rig.evt.dead.door".to_owned(),
                "bus" => format!("rig.evt.bus.{what}"),
                _ => "rig.evt.conductor.step".to_owned(),
            };
            (name.to_owned(), subject)
        })
        .collect();
    prop::sample::select(kinds)
}

proptest! {
    #[test]
    fn whatever_a_record_says_it_is_read((type_name, subject) in subjects(), data in any_json()) {
        told(&type_name, &subject, &data);
        told(&type_name, &subject, &json!({"say": "", "event": "x", "delivery": "y", "payload": data}));
    }

    #[test]
    fn whatever_is_stored_it_is_read(subject in "rig\\.(evt|cmd)(\\.[a-z%0-9_]{0,8}){0,6}|.{0,20}", body in any::<Vec<u8>>()) {
        let (headers, body) = (Default::default(), body.into());
        let record = reading::read(&Sequenced { sequence: 1, subject, headers, body, stored_at: MOMENT });
        prop_assert_eq!(record.fact, Fact::Other);
    }
}
