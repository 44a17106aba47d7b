//! The machine: what the conductor knows, and what follows from it.
//!
//! Pure and total: no clock, no chance, no environment, no I/O. [`step()`] takes a record and says what follows; the same
//! records under the same rules are answered the same, byte for byte. What was answered once is replayed, never decided
//! again ([`replay`]).
//!
//! It knows two kinds of things. *Facts* are how GitHub, the target and the agents were last told to be; they go forward
//! in time only, so a fact that comes twice, late or out of order changes nothing. A *course* is what the machine itself
//! decided about an item; each of its own records carries the whole of it. What an item does next follows from both as
//! they are, and is asked again whenever one of them changed (`settle`).

mod after;
mod apply;
mod ask;
mod carry;
pub mod fact;
pub mod gate;
mod intake;
mod matter;
pub mod order;
pub mod output;
mod overdue;
pub mod rules;
pub mod run;
mod settle;
pub mod state;
mod step;
mod tell;
mod turn;
mod why;
mod words;

pub use self::{
    apply::apply,
    ask::find,
    fact::{Fact, Record},
    order::Order,
    output::Output,
    rules::Rules,
    state::State,
    step::{Watch, replay, replay_under, resume, step},
    why::{default, gates, inbox, queue, why},
};
