//! Records of LOG as the machine's: as few kinds as it takes to drive a conductor.

use bus::{
    RecordId, Sequenced, Subject,
    catalogue::{
        Kind,
        agent::Claimed,
        cmd::{Deploy, Door, Github, Offer, Say},
        due::Deadline,
        github::Event,
        work::Transition,
    },
    envelope::Sealed,
    number::{IssueNumber, ItemKey, RepositoryId},
};
use conductor::machine::{
    Fact, Order, Record,
    fact::{Claim, Due, Issue, Place, Says},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The repository of the tests.
pub(crate) const REPOSITORY: RepositoryId = RepositoryId(7);

/// Its name.
pub(crate) const NAME: &str = "acme/hello.site";

/// An issue as these tests tell of one.
#[derive(Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) say: String,
    pub(crate) number: u64,
    pub(crate) open: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) updated_at: OffsetDateTime,
}

/// What a record says.
pub(crate) fn read(stored: &Sequenced) -> Record {
    let nothing = || (RecordId::from(uuid::Uuid::from_u128(stored.sequence.into())), Fact::Other);
    let decoded = stored.decode().ok();
    let (id, fact) = decoded
        .map_or_else(nothing, |(subject, envelope)| (envelope.id, fact(&subject, &envelope).unwrap_or(Fact::Other)));
    Record { id, at: stored.stored_at, fact }
}

fn fact(subject: &Subject, envelope: &Sealed<'_>) -> Option<Fact> {
    Some(match Kind::of_type(&envelope.type_name)? {
        Kind::Github(Event::Issues) => issue(envelope.open().ok()?),
        Kind::Agent(bus::catalogue::agent::Kind::Claimed) => claimed(subject, envelope.open().ok()?)?,
        Kind::DueTick => Fact::Tick,
        Kind::DueDeadline => due(envelope.open().ok()?)?,
        Kind::Work(_) => moved(envelope.open().ok()?),
        Kind::Command(verb) => Fact::Ordered(match verb.door() {
            Door::Agent => offered(subject, envelope.open().ok()?)?,
            Door::Github => github(envelope.open().ok()?),
            Door::Deploy => deploy(envelope.open().ok()?),
            Door::Chat => said(subject, envelope.open().ok()?)?,
        }),
        _ => return None,
    })
}

fn issue(told: Told) -> Fact {
    let place = Place { id: REPOSITORY, name: NAME.to_owned(), default_branch: "main".to_owned() };
    let issue = Issue {
        number: IssueNumber(told.number),
        title: format!("Greet visitor {}", told.number),
        body: "Say hello, and by name.".to_owned(),
        author: "ada".to_owned(),
        labels: vec!["agent-ready".to_owned()],
        open: told.open,
        updated_at: told.updated_at,
        by: Some("ada".to_owned()),
    };
    Fact::Issue(place, issue)
}

fn claimed(subject: &Subject, claimed: Claimed) -> Option<Fact> {
    let Subject::Agent { name, .. } = subject else { return None };
    Some(Fact::Claim(Claim { agent: name.text()?, fence: Some(claimed.fence), what: Says::Claimed }))
}

fn due(deadline: Deadline) -> Option<Fact> {
    let generation = deadline.generation.try_into().ok()?;
    Some(Fact::Due(Due { item: deadline.key?, generation, due_at: deadline.due_at }))
}

fn moved(transition: Transition) -> Fact {
    let key = ItemKey { repository: transition.item.repository_id, issue: transition.item.number };
    Fact::Moved(key, Box::new(transition))
}

fn offered(subject: &Subject, offer: Offer) -> Option<Order> {
    let Subject::CmdAgent { role, pool, .. } = subject else { return None };
    Some(Order::Agent { role: role.text()?, pool: pool.text()?, offer: Box::new(offer) })
}

fn github(order: Github) -> Order {
    Order::Github { repository: order.repository_id, order: Box::new(order.order) }
}

fn deploy(order: Deploy) -> Order {
    Order::Deploy { repository: order.repository_id, order: order.order }
}

fn said(subject: &Subject, said: Say) -> Option<Order> {
    let Subject::CmdChat { room, .. } = subject else { return None };
    Some(Order::Say { room: room.text()?, say: said.say, push: said.push })
}
