//! The judge itself: what is right by GitHub's contract passes, what is wrong is refused at its place.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test")]

#[path = "judge/answers.rs"]
mod answers;
mod contract;
#[path = "judge/requests.rs"]
mod requests;
#[path = "judge/routes.rs"]
mod routes;
#[path = "judge/schemas.rs"]
mod schemas;
#[path = "judge/webhooks.rs"]
mod webhooks;

fn faults(verdict: contract::Verdict) -> Vec<String> {
    verdict.err().unwrap_or_default()
}
