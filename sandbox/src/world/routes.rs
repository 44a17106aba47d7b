//! The routes, a file a resource.

use super::router::Route;

mod comments;
mod issues;
mod meta;
mod protection;
mod repositories;

/// All routes.
pub(crate) const ALL: &[&[Route]] =
    &[comments::ROUTES, issues::ROUTES, meta::ROUTES, protection::ROUTES, repositories::ROUTES];
