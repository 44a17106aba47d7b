//! The disk of nats-server fills up.
//!
//! The server gives a stream up at the first write that fails: what is published then is never answered, also when there
//! is room again. A word that waits in VOICE and cannot be taken over makes it stop JetStream altogether. Started again
//! with room, it is whole.

use std::{
    fs,
    time::{Duration, Instant},
};

use bus::{
    Draft, RecordId,
    publish::{Error, Options, Publisher},
};
use power_cut::Entries;
use tokio::task::JoinSet;

use crate::{
    channel::{
        AGENT, ALWAYS, Channel,
        load::{Place, Stored, operator, said_by_agent, words},
    },
    machine::Machine,
};

const ROOM: u64 = 2 << 20;
const ENOUGH: u64 = 64 << 20;

/// How long a publisher waits, and how much later it may say so on a busy machine.
const WAIT: Duration = Duration::from_secs(3);
const LATE: Duration = Duration::from_secs(2);

type Stand = fn(Place) -> Stored;

/// One who speaks into a stream.
#[derive(Clone)]
struct Speaker {
    publisher: Publisher,
    draft: fn(u64, usize) -> Draft,
    stand: Stand,
}

/// What one task published until it was told that it cannot.
struct Said {
    speaker: Speaker,
    acked: Vec<Stored>,
    refused: Draft,
    error: Error,
    took: Duration,
}

impl Speaker {
    async fn operator(channel: &Channel, batches: bool) -> Self {
        Self::new(channel, "chat", batches, |task, n| words(operator(), task, n), Stored::Log).await
    }

    async fn agent(channel: &Channel) -> Self {
        Self::new(channel, AGENT, false, |task, n| words(said_by_agent(), task, n), Stored::Voice).await
    }

    async fn new(channel: &Channel, user: &str, batches: bool, draft: fn(u64, usize) -> Draft, stand: Stand) -> Self {
        let options = Options { wait: WAIT, batches, ..Options::default() };
        Self { publisher: Publisher::start(&channel.user(user).await, options), draft, stand }
    }

    async fn say(&self, draft: Draft) -> Result<Stored, Error> {
        let (id, body) = (draft.id, draft.body.clone());
        let sequence = self.publisher.publish(draft).await?.sequence;
        Ok((self.stand)(Place { id, sequence, body }))
    }

    async fn speak(self, task: u64) -> Said {
        let mut acked = Vec::new();
        loop {
            let refused = (self.draft)(task, acked.len());
            let at = Instant::now();
            match self.say(refused.clone()).await {
                Ok(stored) => acked.push(stored),
                Err(error) => return Said { speaker: self, acked, refused, error, took: at.elapsed() },
            }
        }
    }
}

/// Speaks until the disk is full.
async fn fill(operator: &Speaker, agent: &Speaker) -> Vec<Said> {
    let mut tasks = JoinSet::new();
    for task in 0..12 {
        tasks.spawn(operator.clone().speak(task));
    }
    tasks.spawn(agent.clone().speak(12));
    tasks.join_all().await
}

/// Each is told within its time that its record is not confirmed, and the server says why.
async fn check_told(machine: &Machine, channel: &Channel, said: &[Said]) {
    for Said { error, took, .. } in said {
        assert!(matches!(error, Error::Unreachable(_) | Error::Full), "{error}");
        assert!(*took < WAIT + LATE, "told after {took:?}, and it waits {WAIT:?}");
    }
    assert!(channel.health().await.is_err());
    let log = fs::read_to_string(machine.log("nats.log")).unwrap();
    assert!(log.contains("no space left on device"), "{log}");
}

/// Each publishes again, under its id, what was refused: then all of it stands, and once.
async fn check_whole(channel: &Channel, said: Vec<Said>) {
    let mut acked = Vec::new();
    for said in said {
        acked.extend(said.acked);
        acked.push(said.speaker.say(said.refused).await.unwrap());
    }
    let holdings = channel.holdings().await;
    let missing: Vec<_> = acked.iter().filter(|stored| !holdings.have(stored)).collect();
    assert!(missing.is_empty() && acked.len() > 50, "of {} acknowledged are missing: {missing:?}", acked.len());
    assert_eq!(holdings.doubles(), Vec::<RecordId>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_a_full_disk_under_the_channel_loses_no_record_and_doubles_none() {
    for batches in [true, false] {
        let machine = Machine::new(Entries::WithFile);
        let channel = Channel::start(&machine, ALWAYS).await;
        let (operator, agent) = (Speaker::operator(&channel, batches).await, Speaker::agent(&channel).await);
        machine.fill_up_after(ROOM);
        let said = fill(&operator, &agent).await;
        check_told(&machine, &channel, &said).await;

        // Room alone does not bring it back; a restart does, and those who publish go on by themselves.
        machine.fill_up_after(ENOUGH);
        let still = operator.say((operator.draft)(13, 0)).await;
        assert!(matches!(still, Err(Error::Unreachable(_))), "{still:?}");
        channel.restart().await;
        assert_eq!(channel.health().await, Ok(()));
        check_whole(&channel, said).await;
    }
}
