//! Decides, and owns the doors to GitHub.
//!
//! [`driver`] carries: records to the machine, and what it decides back into LOG.
//!
//! [`reading`] makes of a record what the machine is told. [`machine`] decides, and does nothing else.
//! [`github::ingest`] takes GitHub's deliveries and publishes each as one record; [`github::outbound`] does what is ordered
//! there. [`probe`] looks at the target. [`testing`] gives tests rules, and what has to hold after every record.

pub mod driver;
pub mod github;
pub mod machine;
mod outcome;
pub mod probe;
pub mod reading;
pub mod testing;
