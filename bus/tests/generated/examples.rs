#[path = "work_item.rs"]
mod work_item;

use bus::{
    Envelope, RecordId, Trust,
    catalogue::{
        Kind,
        bus::{Fill, Gap, Restored},
        chat::Said,
        conductor::Step,
        dead::{Parked, Retried},
        due::{Deadline, Tick},
        github::{Delivered, Event, Outage},
    },
    number::{IssueNumber, ItemKey, RepositoryId},
};
use serde::Serialize;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};

const MOMENT: OffsetDateTime = datetime!(2026-11-22 10:30:00 UTC);

/// A record of each kind, as the programs write it.
pub fn example(kind: Kind) -> Value {
    match kind {
        Kind::Github(event) => github(event),
        Kind::Work(what) => work_item::moved(what),
        Kind::Agent(what) => work_item::claimed(what),
        Kind::Command(verb) => work_item::ordered(verb),
        Kind::Outcome(verb) => work_item::done(verb),
        Kind::DeployObserved => work_item::observed(),
        Kind::DeploySmoked => work_item::smoked(),
        Kind::ConductorStep => {
            record(kind, "/rig/conductor", None, Step { say: String::new(), term: 3, through: 4711 })
        }
        Kind::GithubOutage => record(kind, "/rig/ingest", None, outage()),
        Kind::ChatSaid => said(),
        Kind::DueTick => record(kind, "/rig/clock", None, Tick { say: "the clock ticked".to_owned() }),
        Kind::DueDeadline => record(kind, "/rig/conductor", Some("acme/hello.site#42"), deadline()),
        Kind::DeadParked => record(kind, "/rig/door-chat", None, parked()),
        Kind::DeadRetried => record(kind, "/rig/operator", None, retried()),
        Kind::BusFilling | Kind::BusRelieved => record(kind, "/rig/projector", None, fill()),
        Kind::BusRestored => record(kind, "/rig/operator", None, restored()),
        Kind::TraceTurn => work_item::turned(),
        Kind::BusGap => record(kind, "/rig/operator", None, Gap { say: "record 17 is lost".to_owned(), sequence: 17 }),
    }
}

fn outage() -> Outage {
    Outage {
        say: "12 deliveries were refused between 10:12 and 10:29; GitHub was told to keep them.".to_owned(),
        from: "2026-11-22T10:12:00Z".to_owned(),
        until: "2026-11-22T10:29:00Z".to_owned(),
        refused: 12,
    }
}

fn deadline() -> Deadline {
    Deadline {
        say: "dev-e did not answer in time".to_owned(),
        item: "acme/hello.site#42".to_owned(),
        key: Some(ItemKey { repository: RepositoryId(1_296_269), issue: IssueNumber(42) }),
        what: "answer".to_owned(),
        generation: 3,
        due_at: MOMENT,
    }
}

fn parked() -> Parked {
    Parked {
        say: "door-chat gave up record 118 after 8 tries: the room is gone".to_owned(),
        consumer: "door-chat".to_owned(),
        sequence: 118,
        subject: "rig.cmd.chat.general.say".to_owned(),
        record: Some(id("parked")),
        deliveries: 8,
        errors: vec!["the room is gone".to_owned()],
    }
}

fn retried() -> Retried {
    Retried { say: "record 118 was handed out again as 240".to_owned(), dead: id("dead"), sequence: 240 }
}

fn fill() -> Fill {
    Fill { say: "LOG holds 6.1 of 8.6 GB.".to_owned(), bytes: 6_100_000_000, max_bytes: 8_589_934_592 }
}

fn restored() -> Restored {
    Restored {
        say: "LOG was restored from rows through 4711; 17 to 18 are lost.".to_owned(),
        epoch: id("epoch").to_string(),
        through: 4711,
        gaps: vec![(17, 18)],
    }
}

fn github(event: Event) -> Value {
    let payload = json!({ "action": "opened", "issue": { "number": 42, "title": "Greet the visitor by name" } });
    let delivered = Delivered {
        say: "sam opened #42 Greet the visitor by name".to_owned(),
        event: event.name().to_owned(),
        action: Some("opened".to_owned()),
        delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned(),
        hook: Some("292430182".to_owned()),
        repository: Some("acme/hello.site".to_owned()),
        repository_id: Some(1_296_269),
        payload,
    };
    record(Kind::Github(event), "/rig/ingest", Some("acme/hello.site#42"), delivered)
}

fn said() -> Value {
    let said = Said {
        say: "please no localStorage, we promised no cookies".to_owned(),
        room: "general".to_owned(),
        who: "sam".to_owned(),
        door: Some("terminal".to_owned()),
    };
    let mut record = record(Kind::ChatSaid, "/rig/chat/terminal", None, said);
    record["actor"] = json!("sam");
    record["trust"] = json!(Trust::Operator);
    record
}

fn record<D: Serialize>(kind: Kind, source: &str, about: Option<&str>, data: D) -> Value {
    let mut envelope = Envelope::new(id(kind.type_name()), kind.type_name(), source, MOMENT, data);
    envelope.subject = about.map(Into::into);
    serde_json::to_value(envelope).unwrap()
}

fn id(name: &str) -> RecordId {
    RecordId::of_delivery(name)
}
