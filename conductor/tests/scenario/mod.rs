//! Scenarios: their stage, and their lines.

mod line;
mod names;
mod stage;

pub(crate) use line::play;
pub(crate) use stage::Stage;
