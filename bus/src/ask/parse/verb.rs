//! The words that orders begin with.

use crate::ask::{Ask, Order, word::WORDS};

/// What an order begins with, by what may stand behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Verb {
    /// A title, and more.
    File,
    /// An item, and a reason.
    Reject,
    /// An item, and `because` with a reason.
    Land,
    /// Nothing.
    Alone(&'static str, Ask),
    /// An item.
    About(&'static str, Order),
}

impl Verb {
    /// The verb of this name, in whatever case.
    pub(super) fn named(word: &str) -> Option<Self> {
        let name = WORDS.iter().map(|word| word.name).find(|name| name.eq_ignore_ascii_case(word))?;
        let alone = |ask| Self::Alone(name, ask);
        let about = |order| Self::About(name, order);
        Some(match name {
            "file" => Self::File,
            "reject" => Self::Reject,
            "land" => Self::Land,
            "status" => alone(Ask::Status),
            "queue" => alone(Ask::Queue),
            "inbox" => alone(Ask::Inbox),
            "help" => alone(Ask::Help),
            "why" => about(Order::Why),
            "approve" => about(Order::Approve),
            "hold" => about(Order::Hold),
            "release" => about(Order::Release),
            "stop" => about(Order::Stop),
            "resume" => about(Order::Resume),
            "retry" => about(Order::Retry),
            "cancel" => about(Order::Cancel),
            _ => return None,
        })
    }
}
