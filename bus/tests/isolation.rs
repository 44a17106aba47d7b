//! Who may say what, tried: every user outside RIG, on every subject, with every reply it might forge.
//!
//! A witness listens to everything in every account, and the streams and consumers are compared before and after. What
//! the table grants must arrive, so a server that refuses everything fails here too; and the last tests show that the
//! same attempts do harm where the wall is missing, so the witnesses are no blind ones.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, unreachable_pub, reason = "tests")]

#[path = "isolation/attempts.rs"]
mod attempts;
mod channel;
#[path = "isolation/witness.rs"]
mod witness;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use async_nats::HeaderMap;
use attempts::{Attempt, Carrier, attempts, granted};
use bus::{
    accounts::User,
    connect::Connection,
    roles::Account,
    stream::{self, Overrides},
};
use channel::{Channel, PATIENCE, everybody, fetch, until};
use futures::StreamExt;
use witness::{Heard, Witnesses, account_of};

/// What must be the same after an attack, beside what was granted: each stream's making, configuration and refusal to
/// forget, and each consumer's making and place.
async fn state(channel: &Channel) -> BTreeMap<String, String> {
    let mut state = BTreeMap::new();
    for spec in stream::specs() {
        let stream = channel.js().get_stream(&spec.name).await.unwrap();
        let info = stream.cached_info();
        let config = serde_json::to_value(&info.config).unwrap();
        let first = info.state.first_sequence.max(1);
        let kept = info.state.messages == info.state.last_sequence + 1 - first;
        // CLOCK forgets a schedule that has rung.
        let whole = kept || spec.name == "CLOCK";
        state.insert(spec.name.clone(), format!("{} {first} {whole} {config}", info.created));
        let mut consumers = stream.consumers();
        while let Some(consumer) = consumers.next().await {
            let info = consumer.unwrap();
            if info.config.durable_name.is_some() {
                let place = format!("{:?} {} {}", info.ack_floor.stream_sequence, info.num_ack_pending, info.created);
                state.insert(format!("{} {}", spec.name, info.name), place);
            }
        }
    }
    state
}

fn outside(users: &[User]) -> Vec<&User> {
    users.iter().filter(|user| matches!(user.role.account(), Account::Edge | Account::Guest)).collect()
}

const SETTLED: &str = "settled ";

struct Attack<'a> {
    channel: &'a Channel,
    user: &'a User,
    connection: Connection,
    round: u64,
}

impl Attack<'_> {
    async fn send(&self, number: usize, attempt: &Attempt) {
        let client = self.connection.client();
        let (subject, mut headers) = (attempt.subject.clone(), HeaderMap::new());
        let body = match attempt.carrier {
            Carrier::Marked => witness::mark(self.user, number),
            Carrier::Says(body) => body.into(),
            Carrier::Batch => {
                headers.insert("Nats-Batch-Id", format!("batch-{}-{number}", self.user.name));
                headers.insert("Nats-Batch-Sequence", "1");
                witness::mark(self.user, number)
            }
            Carrier::Traced => {
                headers.insert("Nats-Trace-Dest", attempt.reply.clone().unwrap_or_default());
                witness::mark(self.user, number)
            }
        };
        match (&attempt.reply, attempt.carrier) {
            (Some(reply), Carrier::Marked | Carrier::Says(_) | Carrier::Batch) => {
                client.publish_with_reply_and_headers(subject, reply.clone(), headers, body).await.unwrap();
            }
            _ => client.publish_with_headers(subject, headers, body).await.unwrap(),
        }
    }

    /// Waits until the server has worked through everything that was sent, and every stream has stored what it takes.
    async fn settle(&self) {
        // Said again until it is heard: the client drops refusals that come faster than it tells them.
        let mut refusals = self.connection.refusals();
        let refused = async {
            loop {
                self.connection.client().publish("the.last", "".into()).await.unwrap();
                let heard = tokio::time::timeout(Duration::from_millis(100), refusals.recv()).await;
                if heard.is_ok_and(|refusal| refusal.is_ok_and(|refusal| refusal.contains("the.last"))) {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, refused).await.unwrap();
        let body = format!("{SETTLED}{}", self.round);
        for subject in ["rig.evt.bus.filling", "rig.say.agent.nobody.alive", "rig.due.deadline", "rig.trace.nobody.x"] {
            self.channel.publish(subject, body.clone()).await;
        }
    }

    /// Waits until LOG has what the other streams took.
    async fn taken_over(&self) {
        let body = format!("{SETTLED}{}", self.round);
        let log = self.channel.js().get_stream("LOG").await.unwrap();
        for subject in ["rig.evt.agent.nobody.alive", "rig.evt.due.deadline"] {
            until("LOG has taken everything over", || async {
                let last = log.get_last_raw_message_by_subject(subject).await;
                last.is_ok_and(|last| last.payload == body.as_bytes())
            })
            .await;
        }
    }
}

#[tokio::test]
async fn nobody_outside_reaches_what_the_table_does_not_grant() {
    let (channel, witnesses) = Witnesses::channel(everybody()).await;
    give_everybody_work(&channel).await;
    for (round, user) in (1..).zip(outside(&channel.users)) {
        let connection = channel.connect(user.name.as_str()).await;
        let attack = Attack { channel: &channel, user, connection, round };
        let attempts = attempts(user, &channel.users);
        let (before, held) = (state(&channel).await, held(&channel).await);
        witnesses.take().await;
        for (number, attempt) in attempts.iter().enumerate() {
            attack.send(number, attempt).await;
        }
        attack.settle().await;
        let heard = witnesses.take().await;
        attack.taken_over().await;
        let targets: BTreeSet<&str> = attempts.iter().flat_map(Attempt::targets).collect();
        for heard in heard.iter().filter(|heard| heard.account != account_of(user)) {
            judge(user, &attempts, &targets, heard);
        }
        everything_granted_arrived(user, &attempts, &heard);
        let after = state(&channel).await;
        let own = user.role.grants(&user.name).durable.map(|durable| format!("LOG {}", durable.name));
        for (what, before) in &before {
            // Its own consumer is its own to move.
            if Some(what) != own.as_ref() {
                assert_eq!(after.get(what), Some(before), "{} changed {what}", user.name);
            }
        }
        assert_eq!(after.len(), before.len(), "{} made something: {after:?}", user.name);
        only_granted_records_are_stored(&channel, user, &attempts, &held).await;
    }
}

/// Each durable has records, one of them delivered and not acknowledged, so that an acknowledgement by another would be
/// seen.
async fn give_everybody_work(channel: &Channel) {
    for n in 0..3 {
        for subject in [
            "rig.cmd.github.acme.site.merge",
            "rig.cmd.chat.general.say",
            "rig.cmd.deploy.acme.site.smoke",
            "rig.cmd.agent.implement.linux.offer",
            "rig.cmd.agent.review.macos.offer",
            "rig.evt.work.acme.site.1.merged",
        ] {
            channel.publish(subject, format!("work {n}")).await;
        }
    }
    for user in outside(&channel.users) {
        if let Some(durable) = user.role.grants(&user.name).durable {
            let connection = channel.connect(user.name.as_str()).await;
            assert_eq!(fetch(&connection, &durable.name, 1).await.len(), 1, "{}", durable.name);
        }
    }
}

/// Whatever a witness heard in another account than the speaker's was granted to the speaker.
fn judge(user: &User, attempts: &[Attempt], targets: &BTreeSet<&str>, heard: &Heard) {
    let Heard { account, subject, body } = heard;
    if let Some(number) = witness::number(body, user) {
        let attempt = &attempts[number];
        // LOG takes words over under its own subjects.
        let arrived =
            *subject == attempt.subject || attempt.subject.starts_with("rig.say.") && subject.starts_with("rig.evt.");
        let fits = arrived && granted(user, &attempt.subject);
        assert!(fits, "{}: {attempt:?} was heard in {account} on {subject}", user.name);
        return;
    }
    let durable = user.role.grants(&user.name).durable.map(|durable| durable.name).unwrap_or_default();
    let its_own = [format!("$JS.API.CONSUMER.MSG.NEXT.LOG.{durable}"), format!("$JS.ACK.LOG.{durable}.")];
    let is_its_own = its_own.iter().any(|start| subject.starts_with(start.as_str())) || granted(user, subject);
    let is_reached = targets.contains(subject.as_str()) || subject.starts_with("$JS.API.");
    assert!(!is_reached || is_its_own, "{}: the server spoke on {subject} in {account}: {body:?}", user.name);
}

/// The other half: what the table grants is not refused.
fn everything_granted_arrived(user: &User, attempts: &[Attempt], heard: &[Heard]) {
    let grants = user.role.grants(&user.name);
    let arrived: BTreeSet<usize> = heard
        .iter()
        .filter(|heard| heard.account != account_of(user))
        .filter_map(|heard| witness::number(&heard.body, user))
        .collect();
    for (number, attempt) in attempts.iter().enumerate() {
        let plain = attempt.reply.is_none() && matches!(attempt.carrier, Carrier::Marked);
        if plain && granted(user, &attempt.subject) {
            assert!(arrived.contains(&number), "{}: {} was granted and did not arrive", user.name, attempt.subject);
        }
    }
    for pattern in grants.publish.iter().chain(&grants.asks) {
        let tried = attempts.iter().any(|attempt| attempts::matches(pattern, &attempt.subject));
        assert!(tried, "{pattern} of {} was never tried", user.name);
    }
}

/// The last number of each stream.
async fn held(channel: &Channel) -> BTreeMap<&'static str, u64> {
    let mut held = BTreeMap::new();
    for spec in stream::specs() {
        held.insert(spec.name.as_str(), channel.last(&spec.name).await);
    }
    held
}

async fn only_granted_records_are_stored(
    channel: &Channel,
    user: &User,
    attempts: &[Attempt],
    held: &BTreeMap<&'static str, u64>,
) {
    for spec in stream::specs() {
        for (sequence, subject, body) in channel.messages_after(&spec.name, held[spec.name.as_str()]).await {
            let Some(number) = witness::number(&body, user) else { continue };
            let attempt = &attempts[number];
            let arrived = granted(user, &attempt.subject);
            assert!(arrived, "{}: {attempt:?} is stored in {} as {sequence} on {subject}", user.name, spec.name);
        }
    }
}

/// A configuration with one more user in an account.
fn with_user(conf: &str, account: &str, name: &str, publish: &[&str]) -> String {
    let publish: Vec<String> = publish.iter().map(|subject| format!("\"{subject}\"")).collect();
    let user = format!(
        "{{ user: {name}, password: \"the-password-of-{name}\", permissions: {{ publish: {{ allow: [{}] }}, subscribe: {{ allow: [\"_INBOX.{name}.>\"] }} }} }},",
        publish.join(", ")
    );
    let start = conf.find(&format!("  {account} {{")).unwrap();
    let users = start + conf[start..].find("users: [").unwrap() + "users: [".len();
    format!("{}\n{user}{}", &conf[..users], &conf[users..])
}

/// Why there are accounts: in RIG, a user who may do nothing but acknowledge deletes a stream.
#[tokio::test]
async fn inside_one_account_an_acknowledgement_deletes_a_stream() {
    let users = everybody();
    let conf = with_user(&channel::conf(&users), "RIG", "acker", &["$JS.ACK.LOG.door-chat.>"]);
    let channel = Channel::of(&conf, users).await;
    stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    channel.publish("rig.cmd.chat.general.say", "work").await;
    let chat = channel.connect("chat").await;
    let delivery = fetch(&chat, "door-chat", 1).await.remove(0);
    let ack = delivery.reply.clone().unwrap();
    let acker = channel.connect("acker").await;
    let forged = "$JS.API.STREAM.DELETE.LOG";
    acker.client().publish_with_reply(ack.clone(), forged, "+WPI".into()).await.unwrap();
    until("LOG is gone", || async {
        matches!(stream::log_state(&channel.js()).await, Err(stream::Error::Missing { .. }))
    })
    .await;
}

/// Why each speaker has an account to itself: beside another in one account, it has the server deliver its own records
/// to the other's inbox, as if the other had asked for them.
#[tokio::test]
async fn inside_one_account_a_record_reaches_anothers_inbox() {
    let users = everybody();
    let conf = with_user(&channel::conf(&users), "GUEST-dev-e", "victim", &["nothing"]);
    let channel = Channel::of(&conf, users).await;
    stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
    for user in &channel.users {
        stream::add_durable(&channel.js(), &user.role, &user.name).await.unwrap();
    }
    channel.publish("rig.cmd.agent.implement.linux.offer", "an offer to dev-e").await;
    let victim = channel.connect("victim").await;
    let mut inbox = victim.client().subscribe("_INBOX.victim.guessed").await.unwrap();
    victim.client().flush().await.unwrap();
    let agent = channel.connect("dev-e").await;
    let pull = "$JS.API.CONSUMER.MSG.NEXT.LOG.agent-implement-linux";
    agent.client().publish_with_reply(pull, "_INBOX.victim.guessed", "1".into()).await.unwrap();
    let forged = tokio::time::timeout(PATIENCE, inbox.next()).await.unwrap().unwrap();
    assert_eq!(forged.payload.as_ref(), b"an offer to dev-e");
}
