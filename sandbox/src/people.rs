//! People who act by a script: they file, comment, push, review, and so on, through the REST routes that everybody uses.
//!
//! The script is data, and playing it is pure: a [`Play`] says the next request, and is told the answer. So a world on a
//! port and a simulation without one play the same script.

mod act;
mod commits;
mod deed;
mod doing;
mod names;
mod parse;
mod tape;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, StatusCode};

pub(crate) use self::parse::acts;
pub use self::{
    act::{Act, On},
    deed::{Close, Comment, Deed, File, Label, Merge, Open, Push, Rename, Reopen, Revert, Review, Verdict, Way},
};
use self::{
    doing::Known,
    tape::{Heard, Pause, Tape},
};
use crate::world::Answer;

/// A script that is being played.
#[derive(Clone, Debug)]
pub struct Play {
    waiting: VecDeque<Act>,
    tokens: BTreeMap<String, String>,
    known: Known,
    /// The act that is being done, and what it has heard so far.
    doing: Option<(Act, Vec<Heard>)>,
}

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// Nothing before this much has passed since the beginning.
    Wait(Duration),
    /// This is asked; its answer goes to [`Play::hear`].
    Ask(Request<Bytes>),
    /// An act is over.
    Done(Done),
    /// The script is over.
    Over,
}

/// An act that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Who acted.
    pub who: String,
    /// `owner/name`.
    pub repository: String,
    /// What came of it, as "files #3 Greet the visitor"; or why nothing did.
    pub outcome: Result<String, String>,
}

impl Play {
    /// A script, to be played from its beginning with these tokens by login.
    #[must_use]
    pub fn new(script: &[Act], tokens: BTreeMap<String, String>) -> Self {
        let mut acts = script.to_vec();
        // Acts of one moment stay in the order in which they are written.
        acts.sort_by_key(|act| act.at);
        Self { waiting: acts.into(), tokens, known: Known::default(), doing: None }
    }

    /// What comes next, when this much has passed since the beginning.
    pub fn next(&mut self, passed: Duration) -> Next {
        if self.doing.is_none() {
            match self.waiting.pop_front_if(|act| act.at <= passed) {
                Some(act) => self.doing = Some((act, Vec::new())),
                None => return self.waiting.front().map_or(Next::Over, |act| Next::Wait(act.at)),
            }
        }
        let Some((act, heard)) = &self.doing else { return Next::Over };
        let token = self.tokens.get(&act.who).map(String::as_str);
        let mut tape = Tape::new(heard, act, token);
        let outcome = match act.deed.done(act, &mut tape, &mut self.known) {
            Err(Pause::Ask(request)) => return Next::Ask(*request),
            Err(Pause::Failed(why)) => Err(why),
            Ok(said) => Ok(said),
        };
        let done = Done { who: act.who.clone(), repository: act.repository.clone(), outcome };
        self.doing = None;
        Next::Done(done)
    }

    /// The answer to what was asked.
    pub fn hear(&mut self, answer: &Answer) {
        self.hear_this(answer.status(), answer.body());
    }

    /// The same for an answer that came over the wire.
    pub fn hear_this(&mut self, status: StatusCode, body: &[u8]) {
        if let Some((_, heard)) = &mut self.doing {
            heard.push(Heard::of(status, body));
        }
    }
}
