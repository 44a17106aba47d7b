//! The routes, a file a resource.

use super::router::Route;

mod about;
mod apps;
mod assignees;
mod branch_merges;
mod branches;
mod check_runs;
mod check_suites;
mod collaborators;
mod comments;
mod commits;
mod compare;
mod contents;
mod deliveries;
mod dependencies;
mod deployments;
mod forks;
mod git_blobs;
mod git_commits;
mod git_tags;
mod git_trees;
mod hooks;
mod installations;
mod issue_events;
mod issues;
mod jobs;
mod labels;
mod locks;
mod merges;
mod meta;
mod milestones;
mod pages;
mod protection;
mod pulls;
mod references;
mod repositories;
mod review_comments;
mod review_requests;
mod reviews;
mod rulesets;
mod search;
mod statuses;
mod sub_issues;
mod topics;
mod workflow_runs;

/// All routes.
pub(crate) const ALL: &[&[Route]] = &[
    about::ROUTES,
    apps::ROUTES,
    assignees::ROUTES,
    branch_merges::ROUTES,
    branches::ROUTES,
    check_runs::ROUTES,
    check_suites::ROUTES,
    collaborators::ROUTES,
    comments::ROUTES,
    commits::ROUTES,
    compare::ROUTES,
    contents::ROUTES,
    deliveries::ROUTES,
    dependencies::ROUTES,
    deployments::ROUTES,
    forks::ROUTES,
    git_blobs::ROUTES,
    git_commits::ROUTES,
    git_tags::ROUTES,
    git_trees::ROUTES,
    hooks::ROUTES,
    installations::ROUTES,
    issue_events::ROUTES,
    issues::ROUTES,
    jobs::ROUTES,
    labels::ROUTES,
    locks::ROUTES,
    merges::ROUTES,
    meta::ROUTES,
    milestones::ROUTES,
    pages::ROUTES,
    protection::ROUTES,
    pulls::ROUTES,
    references::ROUTES,
    repositories::ROUTES,
    review_comments::ROUTES,
    review_requests::ROUTES,
    reviews::ROUTES,
    rulesets::ROUTES,
    search::ROUTES,
    statuses::ROUTES,
    sub_issues::ROUTES,
    topics::ROUTES,
    workflow_runs::ROUTES,
];
