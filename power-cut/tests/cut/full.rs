//! A disk that fills up, and somebody who makes room.

mod channel;
mod rows;
