//! Chance: deliveries that are lost, doubled and held back.

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, due::Tick},
};
use time::OffsetDateTime;

use crate::town::Town;

/// How many steps a life may have.
const MOST: usize = 1200;

/// What comes next, drawn before anything happens.
#[derive(Default)]
pub struct Fate {
    choices: Vec<u8>,
    at: usize,
}

impl Fate {
    pub fn of(choices: Vec<u8>) -> Self {
        Self { choices, at: 0 }
    }

    /// One of so many. When all is drawn it goes round, each time another way.
    fn next(&mut self, of: usize) -> usize {
        let count = self.choices.len().max(1);
        let choice = self.choices.get(self.at % count).map_or(0, |choice| usize::from(*choice));
        let round = self.at / count;
        self.at += 1;
        (choice + round) % of
    }
}

impl Town {
    /// A third of the deliveries is lost, half of it for good and half so that GitHub notices; some come twice, and none
    /// at once. What GitHub is answered.
    pub fn draws(&mut self, draft: Draft) -> u16 {
        let (copies, status) = match self.fate.next(6) {
            0 => (0, 202),
            1 => (0, 503),
            2 => (2, 202),
            _ => (1, 202),
        };
        self.lost += u32::from(copies == 0);
        self.late.extend(std::iter::repeat_n(draft, copies));
        status
    }

    /// Orders and deliveries in any order, until these issues have ended.
    pub fn lives(&mut self, issues: u64) {
        for _ in 0..MOST {
            self.people_answer();
            let busy = self.open.len() + self.late.len();
            if busy == 0 && (1..=issues).all(|issue| self.end_of(issue).is_some()) && self.open_orders() == 0 {
                // What was lost last may be that somebody wants one of them again.
                self.reconciles();
                if self.open.is_empty()
                    && self.late.is_empty()
                    && (1..=issues).all(|issue| self.end_of(issue).is_some())
                {
                    return;
                }
                continue;
            }
            if busy == 0 {
                self.reconciles();
                self.ticks();
                continue;
            }
            let next = self.fate.next(busy);
            if next < self.open.len() {
                let (id, order) = self.open.remove(next).unwrap();
                self.does(id, &order);
            } else {
                let draft = self.late.swap_remove(next - self.open.len());
                self.log(draft);
            }
        }
        panic!("it does not come to an end:\n{}\n{}", self.sentences.join("\n"), self.stands());
    }

    fn ticks(&mut self) {
        let tick = Tick { say: "the clock ticked".to_owned() };
        let name = Kind::DueTick.type_name();
        let envelope =
            Envelope::new(RecordId::of_delivery("tick"), name, "/rig/clock", OffsetDateTime::UNIX_EPOCH, tick);
        self.log(Draft::new(Subject::Due { kind: Token::of("tick") }, &envelope).unwrap());
    }
}
