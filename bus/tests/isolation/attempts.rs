//! What a speaker tries.

use std::collections::BTreeSet;

use bus::{accounts::User, subject::FAMILIES};

/// One message that a speaker sends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Attempt {
    pub subject: String,
    pub reply: Option<String>,
    pub carrier: Carrier,
}

impl Attempt {
    /// Where it wants to arrive.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        [self.subject.as_str()].into_iter().chain(self.reply.as_deref())
    }
}

/// What makes the server say something of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Carrier {
    /// An ordinary message; a stream acknowledges it to the reply.
    Marked,
    /// The body is an order to JetStream: a pull, an acknowledgement.
    Says(&'static str),
    /// The beginning of a batch: the server answers with an empty body, which to a consumer is an acknowledgement.
    Batch,
    /// The server is asked to tell the reply which way the message took.
    Traced,
}

/// What tokens a speaker puts into the places of a subject.
const WORDS: [&str; 12] = [
    "x",
    "github",
    "chat",
    "deploy",
    "door-github",
    "door-chat",
    "door-deploy",
    "agent",
    "run",
    "memory",
    "why",
    "status",
];

pub fn attempts(user: &User, users: &[User]) -> Vec<Attempt> {
    let subjects = subjects(user, users);
    let replies = replies(user, users);
    let mut attempts = BTreeSet::new();
    for subject in subjects.iter().chain(&replies) {
        attempts.insert(Attempt { subject: subject.clone(), reply: None, carrier: Carrier::Marked });
    }
    let grants = user.role.grants(&user.name);
    for pattern in grants.publish.iter().chain(&grants.asks) {
        let subject = pattern.replace('*', "x");
        for reply in &replies {
            for carrier in [Carrier::Marked, Carrier::Batch, Carrier::Traced] {
                attempts.insert(Attempt { subject: subject.clone(), reply: Some(reply.clone()), carrier });
            }
        }
    }
    if let Some(durable) = grants.durable {
        let (pull, ack) = (next(&durable.name), ack(&durable.name));
        for reply in &replies {
            for (subject, body) in [
                (&pull, r#"{"batch":1,"no_wait":true}"#),
                (&pull, "1"),
                (&ack, "+WPI"),
                (&ack, "+ACK"),
                (&ack, "-NAK"),
                (&ack, "+NXT"),
                (&ack, "+TERM"),
            ] {
                let carrier = Carrier::Says(body);
                attempts.insert(Attempt { subject: subject.clone(), reply: Some(reply.clone()), carrier });
            }
        }
    }
    attempts.into_iter().collect()
}

/// Every family, with the speaker's own name and with others', in every place.
fn subjects(user: &User, users: &[User]) -> BTreeSet<String> {
    let names = users.iter().map(|user| user.name.as_str());
    let words: Vec<&str> = names.chain(WORDS).collect();
    let mut subjects = BTreeSet::new();
    for family in FAMILIES {
        let places = family.pattern.split('.').filter(|part| part.starts_with('<')).count();
        for one in &words {
            for other in &words {
                subjects.insert(fill(family.pattern, one, other));
                if places < 2 {
                    break;
                }
            }
        }
    }
    let grants = user.role.grants(&user.name);
    subjects.extend(grants.publish.iter().chain(&grants.asks).map(|pattern| pattern.replace('*', "x")));
    subjects
}

/// The first place is `one`, the others are `other`.
fn fill(pattern: &str, one: &str, other: &str) -> String {
    let mut first = true;
    let tokens = pattern.split('.').map(|part| match part.starts_with('<') {
        true if std::mem::take(&mut first) => one,
        true => other,
        false => part,
    });
    tokens.collect::<Vec<_>>().join(".")
}

/// What a speaker would have the server send to in its stead.
fn replies(user: &User, users: &[User]) -> BTreeSet<String> {
    let api = [
        "STREAM.DELETE.LOG",
        "STREAM.DELETE.VOICE",
        "STREAM.PURGE.LOG",
        "STREAM.PURGE.VOICE",
        "STREAM.PURGE.CLOCK",
        "STREAM.UPDATE.LOG",
        "STREAM.CREATE.MINE",
        "STREAM.INFO.LOG",
        "STREAM.NAMES",
        "STREAM.MSG.GET.LOG",
        "STREAM.MSG.DELETE.LOG",
        "DIRECT.GET.LOG",
        "CONSUMER.CREATE.LOG.mine",
        "CONSUMER.DURABLE.CREATE.LOG.mine",
        "CONSUMER.DELETE.LOG.door-chat",
        "CONSUMER.DELETE.LOG.agent-implement-linux",
        "CONSUMER.INFO.LOG.door-chat",
        "CONSUMER.PAUSE.LOG.door-chat",
        "INFO",
    ];
    let mut replies: BTreeSet<String> = api.iter().map(|call| format!("$JS.API.{call}")).collect();
    for other in users.iter().filter(|other| other.name != user.name) {
        replies.insert(format!("_INBOX.{}.guessed", other.name));
        if let Some(durable) = other.role.grants(&other.name).durable {
            replies.insert(next(&durable.name));
            replies.insert(ack(&durable.name));
        }
    }
    replies.extend(
        [
            "$SYS.REQ.SERVER.PING",
            "$SYS.REQ.ACCOUNT.PING.CONNZ",
            "$SYS.REQ.USER.INFO",
            "_R_.guessed",
            "$JSC.R.guessed",
            "$KV.snapshot.x",
        ]
        .map(str::to_owned),
    );
    replies.extend(FAMILIES.iter().map(|family| fill(family.pattern, "mallory", "x")));
    replies.extend(FAMILIES.iter().map(|family| fill(family.pattern, "x", "mallory")));
    replies
}

fn next(consumer: &str) -> String {
    format!("$JS.API.CONSUMER.MSG.NEXT.LOG.{consumer}")
}

/// The first delivery of a consumer, as its acknowledgement is addressed.
fn ack(consumer: &str) -> String {
    format!("$JS.ACK.LOG.{consumer}.1.1.1.1795342381312678546.1")
}

/// Whether the table lets this user publish or ask here.
pub fn granted(user: &User, subject: &str) -> bool {
    let grants = user.role.grants(&user.name);
    grants.publish.iter().chain(&grants.asks).any(|pattern| matches(pattern, subject))
}

pub fn matches(pattern: &str, subject: &str) -> bool {
    let (pattern, subject) = (pattern.split('.'), subject.split('.'));
    pattern.clone().count() == subject.clone().count()
        && pattern.zip(subject).all(|(have, want)| have == "*" || have == want)
}
