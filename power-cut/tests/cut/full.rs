//! A disk that fills up, and somebody who makes room.

mod batch;
mod channel;
mod rows;
