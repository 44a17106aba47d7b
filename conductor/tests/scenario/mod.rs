//! Scenarios: their stage, and their lines.
#![allow(dead_code, unused_imports, reason = "two tests play scenarios, and each uses what it needs")]

mod agent;
mod answer;
mod given;
mod happening;
mod line;
mod names;
mod people;
mod promises;
mod shown;
mod stage;
mod told;

pub(crate) use happening::{Happening, line_of};
pub(crate) use line::play;
pub(crate) use promises::is_kept_whole;
pub(crate) use stage::Stage;
