//! What the channel tells people: which records, in which rooms, and in whose name.
//!
//! Chat is a view of LOG: nothing is said a second time so that people see it, and whoever shows the channel shows the
//! same. A work item has its own room, where each of its steps is told and what agents say of it. Where a person is
//! needed, and when that is over, it is told in `general` as well. What only the queue, a lease or a single check did is
//! for `why` to say.

use crate::{
    Subject, Token,
    ask::Which,
    catalogue::{agent, work},
    envelope::Sealed,
};

/// The room where everybody is.
pub const GENERAL: &str = "general";

/// Who speaks, and by that what the words are worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Speaker {
    /// A person.
    Person(String),
    /// An agent: what it says is a claim.
    Agent(String),
    /// The conductor: what it says was read back.
    Conductor,
}

/// What a record tells people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The names of the rooms where it is told, the most fitting first; at least one.
    pub rooms: Vec<String>,
    /// Who speaks.
    pub speaker: Speaker,
    /// The sentence. It may hold other people's text.
    pub say: String,
}

impl Told {
    /// What this record tells; nothing where it is not for people.
    #[must_use]
    pub fn of(subject: &Subject, envelope: &Sealed<'_>) -> Option<Self> {
        let say = envelope.say().into_owned();
        let (rooms, speaker) = match subject {
            Subject::ChatOperator { room, who } => (vec![room.text()?], Speaker::Person(written(who))),
            Subject::ChatAgent { room, name } => (vec![room.text()?], Speaker::Agent(written(name))),
            Subject::CmdChat { room, .. } => (vec![room.text()?], Speaker::Conductor),
            Subject::Agent { name, kind } => {
                let shown = agent::Kind::ALL.iter().any(|known| known.is_words() && known.name() == kind.as_str());
                let room = shown.then(|| room_of(envelope.subject.as_deref()?)).flatten()?;
                (vec![room], Speaker::Agent(written(name)))
            }
            Subject::Work { kind, .. } => {
                let rooms = rooms_of(room_of_item(subject)?, kind.as_str(), envelope, &say)?;
                (rooms, Speaker::Conductor)
            }
            _ => return None,
        };
        Some(Self { rooms, speaker, say })
    }

    /// The room of the work item that it is about, where it is told elsewhere too.
    #[must_use]
    pub fn about(&self) -> Option<&str> {
        self.rooms.first().filter(|_| self.rooms.len() > 1).map(String::as_str)
    }
}

/// The name of the room of the work item that a record's subject names, where it does.
#[must_use]
pub fn room_of_item(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Work { owner, repo, number, .. } => {
            Some(format!("{}/{}#{}", owner.text()?, repo.text()?, number.text()?))
        }
        _ => None,
    }
}

/// A name that was too long for a subject is shown as it stands there.
fn written(name: &Token) -> String {
    name.text().unwrap_or_else(|| name.to_string())
}

/// The room of a work item by its name; whatever else a record says that it is about has none.
fn room_of(item: &str) -> Option<String> {
    let named = Which::named(item).filter(|_| !item.contains('!'))?;
    Some(format!("{}{}", named.repository?, named.issue?))
}

/// Where a transition is told; nothing where it is not.
fn rooms_of(item: String, kind: &str, envelope: &Sealed<'_>, say: &str) -> Option<Vec<String>> {
    let step: Step<'_> = envelope.open().ok()?;
    if !is_shown(kind, &step) {
        return None;
    }
    let general = step.concerns_a_person() || is_reminder(kind) && say.starts_with('@');
    Some(std::iter::once(item).chain(general.then(|| GENERAL.to_owned())).collect())
}

/// What is looked at of a transition.
#[derive(serde::Deserialize)]
struct Step<'a> {
    #[serde(borrow)]
    before: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    after: std::borrow::Cow<'a, str>,
}

impl Step<'_> {
    fn concerns_a_person(&self) -> bool {
        work::waits_for_a_person(&self.before) || work::waits_for_a_person(&self.after)
    }
}

/// An offer, the wait for a fact, a place in the queue: they come and go by themselves, unless a person was waited for.
fn is_shown(kind: &str, step: &Step<'_>) -> bool {
    let comes_and_goes = [work::Kind::Offered, work::Kind::Finished, work::Kind::Gated, work::Kind::Queued];
    let first = kind == work::Kind::Queued.name() && step.before == "filed";
    first || step.concerns_a_person() || comes_and_goes.iter().all(|known| known.name() != kind)
}

fn is_reminder(kind: &str) -> bool {
    kind == work::Kind::Reminded.name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Envelope, RecordId, Sequenced, commit::Oid};

    fn told(subject: &str, type_name: &str, about: Option<&str>, data: &serde_json::Value) -> Option<Told> {
        let mut envelope =
            Envelope::new(RecordId::of_delivery("x"), type_name, "/rig/test", time::OffsetDateTime::UNIX_EPOCH, data);
        envelope.subject = about.map(Into::into);
        let record = Sequenced {
            sequence: 7,
            subject: subject.to_owned(),
            headers: async_nats::HeaderMap::new(),
            body: serde_json::to_vec(&envelope).unwrap().into(),
            stored_at: time::OffsetDateTime::UNIX_EPOCH,
        };
        let (subject, envelope) = record.decode().ok()?;
        Told::of(&subject, &envelope)
    }

    fn rooms_of_step(kind: work::Kind, before: &str, after: &str, say: &str) -> Vec<String> {
        let subject = format!("rig.evt.work.acme.hello%2Esite.42.{}", kind.name());
        let data = serde_json::json!({"say": say, "before": before, "after": after});
        told(&subject, kind.type_name(), None, &data).map_or_else(Vec::new, |told| told.rooms)
    }

    const ITEM: &str = "acme/hello.site#42";

    #[test]
    fn a_step_is_told_in_the_room_of_its_item() {
        use work::Kind::{Claimed, Finished, Gated, Live, Lost, Merged, Offered, Opened, Queued, ReviewRequested};
        for (kind, before, after) in [
            (Queued, "filed", "queued"),
            (Claimed, "offered", "leased"),
            (Opened, "leased", "gated"),
            (ReviewRequested, "gated", "in_review"),
            (Merged, "landing", "deploying"),
            (Live, "verifying", "live"),
            (Lost, "leased", "parked"),
        ] {
            assert_eq!(rooms_of_step(kind, before, after, "It is so."), [ITEM], "{}", kind.name());
        }
        for (kind, before, after) in [
            (Offered, "queued", "offered"),
            (Finished, "leased", "leased"),
            (Gated, "in_review", "gated"),
            (Queued, "offered", "queued"),
        ] {
            assert_eq!(rooms_of_step(kind, before, after, "It is so."), [""; 0], "{}", kind.name());
        }
    }

    #[test]
    fn f_155_where_a_person_is_needed_and_when_that_is_over_it_is_told_to_everybody() {
        use work::Kind::{Asked, Escalated, Gated, Permitted, Queued, Reminded};
        for (kind, before, after, say) in [
            (Asked, "gated", "waiting", "@nora !3 is ready to land."),
            (Escalated, "leased", "escalated", "@nora #42: dev-e gave up."),
            (Reminded, "escalated", "escalated", "@nora #42 still needs you."),
            (Reminded, "queued", "queued", "@nora nobody has taken #42."),
            (Permitted, "waiting", "waiting", "nora approved 4c1e0a9."),
            (Gated, "waiting", "gated", "!3 is looked at again."),
            (Queued, "needs_info", "queued", "#42 is next in the queue."),
        ] {
            assert_eq!(rooms_of_step(kind, before, after, say), [ITEM, GENERAL], "{}", kind.name());
        }
        assert_eq!(rooms_of_step(Reminded, "parked", "parked", "I would still take #42 up."), [ITEM]);
    }

    #[test]
    fn a_standing_that_waits_for_a_person_is_known_by_its_name() {
        use work::{Need, Standing, Waiting};
        let head: Oid = "4c1e0a9d5b6f7081920a3b4c5d6e7f8091a2b3c4".parse().unwrap();
        let at = time::OffsetDateTime::UNIX_EPOCH;
        let why = "so".to_owned();
        for what in [
            Need::Words { question: why.clone(), text: String::new() },
            Need::Duplicate { of: crate::number::IssueNumber(1) },
            Need::Approval { head },
            Need::Trouble { why, tried: None },
        ] {
            let standing = Standing::Waiting(Waiting { whom: "nora".to_owned(), what, since: at, until: at });
            assert!(work::waits_for_a_person(standing.name()), "{}", standing.name());
        }
        assert!(!work::waits_for_a_person(Standing::Filed.name()));
    }

    #[test]
    fn an_agents_words_are_told_in_the_room_of_what_it_works_on() {
        let say = |kind: agent::Kind, about| {
            let subject = format!("rig.evt.agent.dev-e.{}", kind.name());
            told(&subject, kind.type_name(), about, &serde_json::json!({"say": "I take it as: so."}))
        };
        let told = say(agent::Kind::Progressed, Some("Acme/hello.site#42")).unwrap();
        assert_eq!(told.rooms, [ITEM]);
        assert_eq!((told.speaker, told.say.as_str()), (Speaker::Agent("dev-e".to_owned()), "I take it as: so."));
        assert_eq!(say(agent::Kind::Alive, Some("acme/hello.site#42")), None);
        assert_eq!(say(agent::Kind::Claimed, Some("acme/hello.site#42")), None);
        for elsewhere in [None, Some("general"), Some("42"), Some("acme/hello.site"), Some("acme/hello.site!3")] {
            assert_eq!(say(agent::Kind::Progressed, elsewhere), None, "{elsewhere:?}");
        }
    }

    #[test]
    fn what_is_said_in_a_room_is_told_there() {
        let said = serde_json::json!({"say": "hello", "room": "x", "who": "somebody else"});
        let told_by = |subject: &str, type_name| told(subject, type_name, None, &said).unwrap();
        let nora = told_by("rig.evt.chat.ops.operator.nora", "rig.chat.said.v1");
        assert_eq!((nora.rooms, nora.speaker), (vec!["ops".to_owned()], Speaker::Person("nora".to_owned())));
        let answer = told_by("rig.cmd.chat.acme%2Fsite%2342.say", "rig.cmd.say.v1");
        assert_eq!((answer.rooms, answer.speaker), (vec!["acme/site#42".to_owned()], Speaker::Conductor));
        assert_eq!(told("rig.evt.bus.gap", "rig.bus.gap.v1", None, &said), None);
    }
}
