//! Decides, and owns the doors to GitHub.
//!
//! What is here so far is the way in: [`github::ingest`] takes GitHub's deliveries and publishes each as one record.

pub mod github;
pub mod machine;
