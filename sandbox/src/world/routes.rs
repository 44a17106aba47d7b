//! The routes, a file a resource.

use super::router::Route;

mod comments;
mod issues;
mod merges;
mod meta;
mod protection;
mod pulls;
mod repositories;

/// All routes.
pub(crate) const ALL: &[&[Route]] = &[
    comments::ROUTES,
    issues::ROUTES,
    merges::ROUTES,
    meta::ROUTES,
    protection::ROUTES,
    pulls::ROUTES,
    repositories::ROUTES,
];
