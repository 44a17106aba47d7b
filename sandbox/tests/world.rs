//! The pure world, judged by GitHub's own contract: a file a resource.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "tests"
)]

#[path = "world/browser.rs"]
mod browser;
mod contract;
#[path = "world/local.rs"]
mod local;
#[path = "world/played_app.rs"]
mod played_app;
#[path = "world/stage.rs"]
mod stage;

#[path = "world/apps.rs"]
mod apps;
#[path = "world/branches.rs"]
mod branches;
#[path = "world/checks.rs"]
mod checks;
#[path = "world/ci.rs"]
mod ci;
#[path = "world/commits.rs"]
mod commits;
#[path = "world/contents.rs"]
mod contents;
#[path = "world/deployments.rs"]
mod deployments;
#[path = "world/git_data.rs"]
mod git_data;
#[path = "world/histories.rs"]
mod histories;
#[path = "world/holding.rs"]
mod holding;
#[path = "world/hooks.rs"]
mod hooks;
#[path = "world/issues.rs"]
mod issues;
#[path = "world/labels.rs"]
mod labels;
#[path = "world/limits.rs"]
mod limits;
#[path = "world/manifests.rs"]
mod manifests;
#[path = "world/merges.rs"]
mod merges;
#[path = "world/milestones.rs"]
mod milestones;
#[path = "world/pages.rs"]
mod pages;

#[path = "world/conversation_pages.rs"]
mod conversation_pages;

#[path = "world/portions.rs"]
mod portions;

#[path = "world/protection.rs"]
mod protection;
#[path = "world/pull_histories.rs"]
mod pull_histories;
#[path = "world/pulls.rs"]
mod pulls;
#[path = "world/pushes.rs"]
mod pushes;
#[path = "world/relations.rs"]
mod relations;
#[path = "world/repositories.rs"]
mod repositories;
#[path = "world/reviews.rs"]
mod reviews;
#[path = "world/rounds.rs"]
mod rounds;
#[path = "world/rulesets.rs"]
mod rulesets;
#[path = "world/search.rs"]
mod search;
#[path = "world/sites.rs"]
mod sites;
#[path = "world/statuses.rs"]
mod statuses;
#[path = "world/timeline.rs"]
mod timeline;
#[path = "world/workflow_pages.rs"]
mod workflow_pages;
