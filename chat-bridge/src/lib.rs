//! The doors between people and the channel.
//!
//! A door does not judge: it authenticates, translates by a total function, publishes, and confirms only what the
//! stream has flushed. Who speaks is the door's to say, never the request's.

pub mod room;
pub mod terminal;
pub mod words;
