//! The world's things as GitHub writes them, a file a schema.

pub(crate) mod app;
pub(crate) mod blob;
pub(crate) mod branch;
pub(crate) mod comment;
pub(crate) mod commit;
pub(crate) mod comparison;
pub(crate) mod file;
pub(crate) mod git_commit;
pub(crate) mod git_ref;
pub(crate) mod git_tag;
pub(crate) mod git_tree;
pub(crate) mod installation;
pub(crate) mod issue;
pub(crate) mod label;
pub(crate) mod organization;
pub(crate) mod protection;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod repository;
pub(crate) mod review;
pub(crate) mod review_comment;
pub(crate) mod signature;
pub(crate) mod tag;
pub(crate) mod user;
