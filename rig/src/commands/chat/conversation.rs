//! One person's conversation: what is typed goes out, what is said comes in.

use bus::{
    RecordId, Sequenced,
    connect::{Connection, Link},
};
use chat_bridge::room::Room;
use tokio::sync::{mpsc, watch};

use super::{
    history,
    keyboard::{Input, Screen},
    known::Known,
    line::{self, Message},
    order::{ORDERS, Typed},
    outbox::{Line, News, Seen, UnderWay},
};
use crate::{
    exit::Failure,
    screen::{self, unread},
};

/// Rooms listed at most; a rig has one for each piece of work.
const ROOMS_SHOWN: usize = 40;

/// What a conversation is connected to.
pub(super) struct Ends {
    pub(super) connection: Connection,
    pub(super) screen: Screen,
    pub(super) known: Known,
    pub(super) seen: Seen,
    /// To the outbox.
    pub(super) lines: mpsc::UnboundedSender<Line>,
}

/// What a person in a room sees and does.
pub(super) struct Conversation {
    pub(super) ends: Ends,
    /// Lines that are not known to be records yet.
    pub(super) under_way: UnderWay,
    /// How many lines were refused.
    pub(super) refused: usize,
    room: Room,
    /// Rooms that had news since they were last entered.
    elsewhere: Vec<Room>,
    /// The newest number that was read.
    through: u64,
    /// The day of the last message that was shown.
    day: String,
    /// The last message that was shown in this room.
    last: Option<Message>,
}

/// How a conversation goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// It goes on.
    On,
    /// No more is typed: it ends when all that was typed is known to be stored or refused.
    Last,
    /// Ctrl-C.
    Interrupted,
}

impl Conversation {
    /// In the room general, with everything read up to this number.
    pub(super) fn new(ends: Ends, through: u64) -> Self {
        Self {
            ends,
            under_way: UnderWay::default(),
            refused: 0,
            room: Room::general(),
            elsewhere: Vec::new(),
            through,
            day: String::new(),
            last: None,
        }
    }

    /// Goes into the room and shows what was said there before.
    pub(super) async fn enter(&mut self, room: Room) -> Result<(), Failure> {
        let past = history::of(&self.ends.connection, &room, self.through).await?;
        self.elsewhere.retain(|other| *other != room);
        self.ends.known.note_room(room.clone());
        self.room = room;
        self.last = None;
        past.iter().try_for_each(|message| self.show_message(message))
    }

    /// Does what was typed.
    pub(super) async fn take(&mut self, input: Input) -> Result<Next, Failure> {
        let next = match input {
            Input::Line(line) => self.typed(&line).await?,
            Input::End => Next::Last,
            Input::Interrupted => Next::Interrupted,
            Input::Broken(error) => return Err(Failure::usage(format!("what is typed cannot be read: {error}"))),
        };
        if next == Next::On {
            self.ask();
        }
        Ok(next)
    }

    /// Asks for the next line.
    pub(super) fn ask(&self) {
        self.ends.screen.ask(self.room.as_str());
    }

    async fn typed(&mut self, line: &str) -> Result<Next, Failure> {
        // A pipe's lines are words, whatever they begin with, but for the last word.
        let typed = if self.ends.screen.is_terminal() { Typed::of(line) } else { words(line) };
        match typed {
            Typed::Words(text) => self.say(text),
            Typed::Rooms => self.show_rooms()?,
            Typed::Room(room) => self.go(room).await?,
            Typed::Help => self.show_help()?,
            Typed::Wrong(sentence) => self.note(&sentence)?,
            Typed::Blank => {}
            Typed::Quit => return Ok(Next::Last),
        }
        Ok(Next::On)
    }

    fn say(&mut self, text: String) {
        let line = Line { id: RecordId::new(), room: self.room.clone(), text };
        self.under_way.add(line.clone());
        // The outbox ends after the conversation.
        let _ = self.ends.lines.send(line);
    }

    async fn go(&mut self, room: Room) -> Result<(), Failure> {
        if let Err(failure) = self.enter(room.clone()).await {
            return self.note(&format!("{room} cannot be shown now: {failure}"));
        }
        self.note(&format!("you are in {room}"))
    }

    fn show_rooms(&self) -> Result<(), Failure> {
        let rooms = self.ends.known.rooms();
        for room in rooms.iter().take(ROOMS_SHOWN) {
            let news = if self.elsewhere.contains(room) { "  (news)" } else { "" };
            let here = if *room == self.room { "  (here)" } else { "" };
            self.note(&format!("{room}{here}{news}"))?;
        }
        match rooms.len().checked_sub(ROOMS_SHOWN) {
            Some(more @ 1..) => self.note(&format!("and {more} more: Tab after /room completes them")),
            _ => Ok(()),
        }
    }

    fn show_help(&self) -> Result<(), Failure> {
        for (order, what, does) in ORDERS {
            self.note(&format!("{:<12} {does}", format!("{order} {what}")))?;
        }
        self.note("Everything else is said. Tab completes rooms, names and orders.")
    }

    /// Shows what was read of the channel.
    pub(super) fn read(&mut self, record: &Sequenced) -> Result<(), Failure> {
        self.through = record.sequence;
        let Some(message) = Message::of(record) else {
            self.ends.seen.through(record.sequence);
            return Ok(());
        };
        if self.under_way.has(message.id) {
            self.under_way.remove(message.id);
            self.ends.seen.own(message.id);
        }
        self.ends.seen.through(record.sequence);
        self.ends.known.note(&message.subject);
        if message.rooms.contains(&self.room) {
            return self.show_message(&message);
        }
        message.rooms.iter().try_for_each(|room| self.note_elsewhere(room))
    }

    fn note_elsewhere(&mut self, room: &Room) -> Result<(), Failure> {
        if self.elsewhere.contains(room) || !self.ends.screen.is_terminal() {
            return Ok(());
        }
        self.elsewhere.push(room.clone());
        self.note(&format!("news in {room}: /room {room}"))
    }

    /// Tells what became of a line, where the channel itself does not show it.
    pub(super) fn hear(&mut self, news: News) -> Result<(), Failure> {
        match news {
            News::Stored(_) => Ok(()),
            News::Late(line) if self.ends.seen.has(line.id) => Ok(()),
            News::Late(line) => self.show(&line::not_stored(&line.text)),
            News::Refused(line, sentence) => {
                self.under_way.remove(line.id);
                self.refused += 1;
                self.note(&format!("✋ {sentence}"))
            }
        }
    }

    /// Says once that the channel went, and once that it is back.
    pub(super) fn link(&self, link: &mut watch::Receiver<Link>) -> Result<(), Failure> {
        if link.borrow_and_update().up {
            self.note("the channel is back")
        } else {
            self.note("the channel is away; what you type is kept and said when it is back")
        }
    }

    fn show_message(&mut self, message: &Message) -> Result<(), Failure> {
        if self.last.replace(message.clone()).is_some_and(|last| message.repeats(&last)) {
            return Ok(());
        }
        let day = message.day();
        if day != self.day && self.ends.screen.is_terminal() {
            self.note(&day)?;
            self.day = day;
        }
        self.show(&message.shown(&self.room))
    }

    /// Says something of the terminal's own; beside the conversation where that is for a program.
    pub(super) fn note(&self, sentence: &str) -> Result<(), Failure> {
        if self.ends.screen.is_terminal() {
            return self.show(&line::note(sentence));
        }
        screen::say(sentence);
        Ok(())
    }

    fn show(&self, text: &str) -> Result<(), Failure> {
        self.ends.screen.show(text).map_err(unread)
    }
}

fn words(line: &str) -> Typed {
    if line.trim().is_empty() { Typed::Blank } else { Typed::Words(line.to_owned()) }
}
