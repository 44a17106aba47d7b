//! The routes, a file a resource.

use super::router::Route;

mod apps;
mod comments;
mod installations;
mod issues;
mod merges;
mod meta;
mod protection;
mod pulls;
mod repositories;

/// All routes.
pub(crate) const ALL: &[&[Route]] = &[
    apps::ROUTES,
    comments::ROUTES,
    installations::ROUTES,
    issues::ROUTES,
    merges::ROUTES,
    meta::ROUTES,
    protection::ROUTES,
    pulls::ROUTES,
    repositories::ROUTES,
];
