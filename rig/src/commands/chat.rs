//! `rig chat`: the channel at a terminal, and in a pipe.
//!
//! It reads LOG with the operator's credential and speaks through the chat door, which alone says who speaks. A line is
//! shown once it comes back as a record: what stands on the screen is what everybody has. The steps of work and the words
//! of agents stand in the room of their item, and where a person is needed in `general` too ([`bus::told`]).

mod conversation;
mod history;
mod keyboard;
mod known;
mod line;
mod order;
mod outbox;

use std::time::Duration;

use bus::{
    connect::Connection,
    filter::Filter,
    read::{self, Reader, Start},
    stream::{LOG, log_state},
};
use chat_bridge::room::Room;
use futures::TryStreamExt as _;
use tokio::{
    signal::{self, unix::SignalKind},
    sync::mpsc,
    task::JoinSet,
    time::Instant,
};

use crate::{context::Context, exit::Failure};
use conversation::{Conversation, Ends, Next};
use keyboard::Desk;
use known::Known;
use outbox::{News, Outbox, Seen};

/// How long lines that are under way are waited for at the end.
const PATIENCE: Duration = Duration::from_secs(30);

const EXAMPLES: &str = "\
Examples:
  rig chat                     in the room general; /help says the rest
  rig chat ops                 in another room
  rig chat 'acme/hello.site#3' in the room of a work item: its steps, and what agents say of it
  rig chat ops < lines.txt     each line is said; ends when all are records
  rig say ops 'build is red'   one line, for scripts

Exit codes in a pipe: 0 all said, 3 some could not be stored, 4 some were refused.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The room
    #[arg(default_value = "general")]
    room: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let room: Room = args.room.parse().map_err(|error| Failure::usage(format!("{error}")))?;
    let connection = context.running()?.connect("rig chat").await?;
    let mut tasks = JoinSet::new();
    let mut table = Table::laid(connection, &mut tasks).await?;
    table.conversation.enter(room).await?;
    table.conversation.ask();
    // The outbox ends with the conversation: dropped, it is called off.
    table.sit().await
}

/// The rooms and people in LOG.
async fn known(connection: &Connection, rooms: &[String]) -> Result<Known, Failure> {
    let known = Known::default();
    known.note_room(Room::general());
    let asked = |error| Failure::failed("LOG cannot be asked for its rooms").because(error);
    let log = connection.jetstream().get_stream_no_info(LOG).await.map_err(|error| asked(error.to_string()))?;
    for filter in rooms {
        let mut subjects = log.info_with_subjects(filter).await.map_err(|error| asked(error.to_string()))?;
        while let Some((subject, _)) = subjects.try_next().await.map_err(|error| asked(error.to_string()))? {
            if let Ok(subject) = subject.parse() {
                known.note(&subject);
            }
        }
    }
    Ok(known)
}

/// A conversation and everything that comes to it.
struct Table {
    conversation: Conversation,
    reader: Reader,
    filters: Vec<String>,
    input: mpsc::UnboundedReceiver<keyboard::Input>,
    news: mpsc::UnboundedReceiver<News>,
}

impl Table {
    /// Everything is read from here on; what was said before is the room's history.
    async fn laid(connection: Connection, tasks: &mut JoinSet<()>) -> Result<Self, Failure> {
        let chat = Filter::of_family("chat").map(|filter| filter.to_string()).unwrap_or_default();
        let filters: Vec<String> = Filter::of_what_is_told().iter().map(ToString::to_string).collect();
        let known = known(&connection, &filters).await?;
        let last = log_state(&connection.jetstream()).await?.last;
        let reader = Reader::open(&connection, Start::Sequence(last + 1), &filters).await?;
        let seen = Seen::default();
        seen.through(last);
        let (lines, said) = mpsc::unbounded_channel();
        let (tell, news) = mpsc::unbounded_channel();
        let outbox = Outbox { connection: connection.clone(), filter: chat, seen: seen.clone(), news: tell };
        tasks.spawn(outbox.run(said));
        let Desk { input, screen } = keyboard::sit_down(known.clone());
        let conversation = Conversation::new(Ends { connection, screen, known, seen, lines }, last);
        Ok(Self { conversation, reader, filters, input, news })
    }

    async fn sit(mut self) -> Result<(), Failure> {
        let mut link = self.conversation.ends.connection.link();
        link.mark_unchanged();
        let mut told_to_end = signal::unix::signal(SignalKind::terminate())
            .map_err(|error| Failure::failed("signals cannot be heard").because(error))?;
        let mut next = Next::On;
        let mut leave_by = None;
        while next == Next::On || next == Next::Last && self.conversation.under_way.lines().len() > 0 {
            if next == Next::Last && leave_by.is_none() {
                leave_by = Some(Instant::now() + PATIENCE);
            }
            tokio::select! {
                input = self.input.recv(), if next == Next::On => {
                    next = self.conversation.take(input.unwrap_or(keyboard::Input::End)).await?;
                }
                record = self.reader.next() => self.read(record).await?,
                Some(news) = self.news.recv() => self.conversation.hear(news)?,
                Ok(()) = link.changed() => self.conversation.link(&mut link)?,
                _ = signal::ctrl_c() => next = Next::Interrupted,
                _ = told_to_end.recv() => next = Next::Interrupted,
                () = until(leave_by) => break,
            }
        }
        self.leave(next)
    }

    async fn read(&mut self, record: Result<bus::Sequenced, read::Error>) -> Result<(), Failure> {
        match record {
            Ok(record) => self.conversation.read(&record),
            Err(error @ (read::Error::Epoch { .. } | read::Error::Behind { .. })) => {
                self.conversation.note(&error.to_string())?;
                self.reader = Reader::open(&self.conversation.ends.connection, Start::New, &self.filters).await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Ends, and says which lines are not known to be stored.
    fn leave(self, next: Next) -> Result<(), Failure> {
        let left = self.conversation.under_way.lines();
        let count = left.len();
        for line in left {
            self.conversation.note(&format!("not stored: {}", crate::screen::clean(&line.text)))?;
        }
        match (next, count, self.conversation.refused) {
            (Next::Interrupted, ..) => Err(Failure::interrupted()),
            (_, 1.., _) => Err(Failure::unreachable(format!("not known to be stored: {count} of the lines"))
                .advice("Say them again when `rig status` is well.")),
            (_, _, refused @ 1..) if !self.conversation.ends.screen.is_terminal() => {
                Err(Failure::refused(format!("refused: {refused} of the lines")))
            }
            _ => Ok(()),
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
