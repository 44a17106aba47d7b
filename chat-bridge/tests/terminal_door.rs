//! The terminal's door against a real server: who speaks, what is refused, and that words said twice stand once.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use bus::{
    Draft, Envelope, RecordId, Sequenced, Subject, Token, Trust,
    accounts::{self, User},
    catalogue::{
        chat::Said,
        cmd,
        outcome::{End, Outcome},
    },
    connect::{Connection, connect},
    envelope::now,
    publish::{Options, Publisher},
    read::{Reader, Start},
    roles::Role,
    stream::{self, Overrides},
};
use chat_bridge::{
    terminal::{self, Error, Say, Unsaid},
    words,
};
use servers::{
    nats::Nats,
    testing::{self, Owned},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);

/// The server as `rig up` configures it, as far as the chat door needs it.
fn conf() -> String {
    let users = [("operator", Role::Operator), ("chat", Role::Chat)].map(|(name, role)| User {
        role,
        name: name.parse().unwrap(),
        password: password(name).parse().unwrap(),
    });
    let accounts = accounts::render(&users).unwrap();
    format!("{}{accounts}", accounts::SERVER)
}

fn password(user: &str) -> String {
    format!("the-password-of-{user}")
}

struct Stage {
    nats: Owned<Nats>,
    operator: Connection,
    door: JoinHandle<Result<(), Error>>,
    cancel: CancellationToken,
}

impl Stage {
    async fn new() -> Self {
        Self::with(Overrides::default()).await
    }

    async fn with(overrides: Overrides) -> Self {
        let nats = testing::nats(&conf()).await;
        let operator = user(&nats, "operator").await;
        stream::apply(&operator.jetstream(), &overrides).await.unwrap();
        let chat = user(&nats, "chat").await;
        let publisher = Publisher::start(&chat, Options { wait: Duration::from_secs(2), ..Options::default() });
        let cancel = CancellationToken::new();
        let ended = cancel.clone();
        #[expect(clippy::disallowed_methods, reason = "the test owns the task and looks at its end")]
        let door = tokio::spawn(async move { terminal::serve(chat, publisher, "Nora Ö", ended).await });
        let stage = Self { nats, operator, door, cancel };
        stage.until_open().await;
        stage
    }

    async fn until_open(&self) {
        let open = async {
            while terminal::health(&self.operator, PATIENCE).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, open).await.unwrap();
    }

    async fn say(&self, room: &str, text: &str, id: Option<RecordId>) -> Result<terminal::Stored, Unsaid> {
        let say = Say { room: room.to_owned(), text: text.to_owned(), id };
        terminal::say(&self.operator, &say, PATIENCE).await
    }

    /// What became of a command, and the id of the record that says so.
    async fn outcome_of(&self, command: RecordId) -> (RecordId, Outcome) {
        let outcomes = ["rig.evt.outcome.chat.say".to_owned()];
        let mut reader = Reader::open(&self.operator, Start::Sequence(1), &outcomes).await.unwrap();
        loop {
            let record = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap();
            let (_, envelope) = record.decode().unwrap();
            let outcome: Outcome = envelope.open().unwrap();
            if outcome.command == command {
                return (envelope.id, outcome);
            }
        }
    }

    async fn records(&self) -> Vec<Sequenced> {
        let last = stream::log_state(&self.operator.jetstream()).await.unwrap().last;
        let mut reader = Reader::open(&self.operator, Start::Sequence(1), &[]).await.unwrap();
        let mut records: Vec<Sequenced> = Vec::new();
        while records.last().map_or(0, |record| record.sequence) < last {
            records.push(tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap());
        }
        // A tick of the clock may stand among them.
        records.retain(|record| record.subject.starts_with("rig.evt.chat."));
        records
    }
}

async fn user(nats: &Nats, user: &str) -> Connection {
    let url = format!("nats://{user}:{}@{}", password(user), nats.client_address());
    connect(&url, "test", PATIENCE).await.unwrap()
}

fn refusal(result: Result<terminal::Stored, Unsaid>) -> String {
    match result {
        Err(Unsaid::Refused(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_said_is_a_record_of_the_doors_operator() {
    let stage = Stage::new().await;
    let id = RecordId::of_delivery("once");
    let stored = stage.say("#General", "  hello,\n \u{0} 👀 ", Some(id)).await.unwrap();
    assert_eq!(stored.id, id);
    let records = stage.records().await;
    let [record] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(record.sequence, stored.sequence);
    assert_eq!(record.subject, "rig.evt.chat.general.operator.Nora%20%C3%96");
    let (_, envelope) = record.decode().unwrap();
    assert_eq!((envelope.id, envelope.trust, envelope.actor.as_deref()), (id, Trust::Operator, Some("Nora Ö")));
    let said: Said = envelope.open().unwrap();
    assert_eq!(said.say, "  hello,\n \u{0} 👀 ");
    assert_eq!((said.room.as_str(), said.who.as_str()), ("general", "Nora Ö"));
    stage.cancel.cancel();
    stage.door.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_line_asked_for_twice_is_one_record_also_after_a_restart_of_the_server() {
    let stage = Stage::new().await;
    let id = Some(RecordId::of_delivery("twice"));
    let first = stage.say("general", "once", id).await.unwrap();
    let again = stage.say("general", "once", id).await.unwrap();
    assert_eq!(first, again);
    stage.nats.restart().await.unwrap();
    stage.until_open().await;
    assert_eq!(stage.say("general", "once", id).await.unwrap(), first);
    assert_eq!(stage.records().await.len(), 1);
}

#[tokio::test]
async fn what_is_no_room_and_no_words_is_refused_with_a_sentence_and_leaves_nothing() {
    let stage = Stage::new().await;
    for (room, text, expected) in [
        ("two words", "hi", "`two words` holds ' '"),
        ("", "hi", "a room needs a name"),
        ("general", " \n", "nothing in it to say"),
        ("general", &"x".repeat(words::MOST + 1), "16385 bytes and 16384 is the most"),
    ] {
        let sentence = refusal(stage.say(room, text, None).await);
        assert!(sentence.contains(expected), "{sentence}");
    }
    assert!(stage.records().await.is_empty());
}

#[tokio::test]
async fn a_request_cannot_name_the_speaker_and_rubbish_is_answered() {
    let stage = Stage::new().await;
    for request in [r#"{"room":"general","text":"hi","who":"sam"}"#, r#"{"room":"general"}"#, "nonsense", ""] {
        let answer = stage.operator.client().request(terminal::SAY, request.into()).await.unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
        assert!(answer["error"].as_str().unwrap().contains("{room, text, id?}"), "{answer}");
        assert_eq!(answer["later"], false);
    }
    assert!(stage.records().await.is_empty());
}

#[tokio::test]
async fn f_029_chat_error_is_visible_words_that_cannot_be_stored_are_answered_with_the_reason() {
    let tiny = Overrides { log_max_bytes: Some(100_000), ..Overrides::default() };
    let stage = Stage::with(tiny).await;
    let text = "x".repeat(words::MOST);
    let mut refused = None;
    for _ in 0..20 {
        if let Err(error) = stage.say("general", &text, None).await {
            refused = Some(error);
            break;
        }
    }
    let Some(Unsaid::Later(sentence)) = refused else { panic!("{refused:?}") };
    assert!(sentence.contains("full"), "{sentence}");
    let health = terminal::health(&stage.operator, PATIENCE).await.unwrap();
    assert_eq!(health.trouble.as_deref(), Some(sentence.as_str()));
    stage.say("general", "short words still fit", None).await.unwrap();
    assert_eq!(terminal::health(&stage.operator, PATIENCE).await.unwrap().trouble, None);
}

#[tokio::test]
async fn without_a_name_there_is_no_door() {
    let nats = testing::nats(&conf()).await;
    let chat = user(&nats, "chat").await;
    for name in ["", "  ", "a\u{1b}[2J"] {
        let publisher = Publisher::start(&chat, Options::default());
        let end = terminal::serve(chat.clone(), publisher, name, CancellationToken::new()).await;
        let sentence = end.unwrap_err().to_string();
        assert!(sentence.contains("[operator]") && !sentence.contains('\u{1b}'), "{sentence}");
    }
}

/// What the conductor says, through the server as it is: delivered to the door, answered once.
#[tokio::test]
async fn what_the_conductor_says_has_an_outcome() {
    let stage = Stage::new().await;
    let conductor = Publisher::start(&stage.operator, Options::default());
    let say = async |room: &str, id: &str| {
        let id = RecordId::of_delivery(id);
        let subject = Subject::CmdChat { room: Token::of(room), verb: Token::of("say") };
        let data = cmd::Say { say: "Did you mean `retry`?".to_owned(), push: Vec::new() };
        let envelope = Envelope::new(id, cmd::Verb::Say.type_name(), "/rig/conductor", now(), data);
        conductor.publish(Draft::new(subject, &envelope).unwrap()).await.unwrap();
        id
    };
    for (room, id, expected) in [("acme/site#4", "one", "said in acme/site#4"), ("two words", "two", "is no room")] {
        let command = say(room, id).await;
        let (said, outcome) = stage.outcome_of(command).await;
        assert_eq!(said, command.outcome());
        assert!(outcome.say.contains(expected), "{}", outcome.say);
        assert_eq!(matches!(outcome.end, End::Done { .. }), id == "one");
    }
    stage.cancel.cancel();
    stage.door.await.unwrap().unwrap();
}
