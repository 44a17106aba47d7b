//! Lines that were typed and are not known to be records yet.
//!
//! A line is said until the door confirms it, always under the same id. While the channel is away it is kept. The
//! stream's own memory of ids lasts two minutes; so after an attempt whose end is unknown everything that was stored
//! meanwhile is read first, and a line that stands there is not said again.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bus::{RecordId, connect::Connection};
use chat_bridge::{
    room::Room,
    terminal::{self, Say, Unsaid},
};
use tokio::sync::{mpsc, watch};

use crate::commands::tail;

/// How long one attempt may take.
const ONE_TRY: Duration = Duration::from_secs(5);

/// After so long without an answer the person is told.
const SOON: Duration = Duration::from_secs(1);

/// The wait between two attempts.
const PAUSE: Duration = Duration::from_millis(300);

/// A typed line with its place and id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    pub(super) id: RecordId,
    pub(super) room: Room,
    pub(super) text: String,
}

/// What became of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum News {
    /// It is a record.
    Stored(Line),
    /// Not yet; it is kept.
    Late(Line),
    /// It never will be, with the reason.
    Refused(Line, String),
}

/// What was read of the channel: the newest number, and this terminal's own lines.
#[derive(Clone, Default)]
pub(super) struct Seen {
    newest: watch::Sender<u64>,
    ids: Arc<Mutex<HashSet<RecordId>>>,
}

impl Seen {
    /// One of this terminal's own lines was read.
    pub(super) fn own(&self, id: RecordId) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// Everything up to this number was read.
    pub(super) fn through(&self, sequence: u64) {
        self.newest.send_if_modified(|newest| std::mem::replace(newest, sequence.max(*newest)) < sequence);
    }

    pub(super) fn has(&self, id: RecordId) -> bool {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    async fn has_read_through(&self, sequence: u64) {
        let _ = self.newest.subscribe().wait_for(|newest| *newest >= sequence).await;
    }
}

/// Says lines one after the other.
pub(super) struct Outbox {
    pub(super) connection: Connection,
    pub(super) filter: String,
    pub(super) seen: Seen,
    pub(super) news: mpsc::UnboundedSender<News>,
}

impl Outbox {
    /// Says what comes until no more can come.
    pub(super) async fn run(self, mut lines: mpsc::UnboundedReceiver<Line>) {
        while let Some(line) = lines.recv().await {
            let news = self.until_known(line).await;
            if self.news.send(news).is_err() {
                return;
            }
        }
    }

    async fn until_known(&self, line: Line) -> News {
        let say = Say { room: line.room.to_string(), text: line.text.clone(), id: Some(line.id) };
        let mut told = false;
        loop {
            match self.attempt(&say, &line, &mut told).await {
                Ok(_) => return News::Stored(line),
                Err(Unsaid::Refused(sentence)) => return News::Refused(line, sentence),
                Err(Unsaid::Later(reason)) => tracing::debug!(reason, "not stored yet"),
            }
            self.tell(&line, &mut told);
            self.catch_up().await;
            if self.seen.has(line.id) {
                return News::Stored(line);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn attempt(&self, say: &Say, line: &Line, told: &mut bool) -> Result<terminal::Stored, Unsaid> {
        let mut attempt = std::pin::pin!(terminal::say(&self.connection, say, ONE_TRY));
        match tokio::time::timeout(SOON, &mut attempt).await {
            Ok(end) => end,
            Err(_) => {
                self.tell(line, told);
                attempt.await
            }
        }
    }

    fn tell(&self, line: &Line, told: &mut bool) {
        if !std::mem::replace(told, true) {
            // Where nobody listens any more the conversation is over.
            let _ = self.news.send(News::Late(line.clone()));
        }
    }

    /// Waits until everything that was stored so far was read.
    async fn catch_up(&self) {
        loop {
            match tail::newest(&self.connection, &self.filter).await {
                Ok(newest) => return self.seen.has_read_through(newest).await,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

/// Lines that are under way, oldest first.
#[derive(Default)]
pub(super) struct UnderWay(VecDeque<Line>);

impl UnderWay {
    pub(super) fn add(&mut self, line: Line) {
        self.0.push_back(line);
    }

    pub(super) fn has(&self, id: RecordId) -> bool {
        self.0.iter().any(|line| line.id == id)
    }

    pub(super) fn remove(&mut self, id: RecordId) {
        self.0.retain(|line| line.id != id);
    }

    pub(super) fn lines(&self) -> impl ExactSizeIterator<Item = &Line> {
        self.0.iter()
    }
}
