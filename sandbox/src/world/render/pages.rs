//! `page`, `page-build` and `page-build-status`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{repository, user};
use crate::{
    object::Oid,
    world::{
        deployment::Deployment,
        moment::Moment,
        repository::Repository,
        site::{Pages, Stage, custom_404, newest, stage},
        state::State,
    },
};

fn url(state: &State, at: &Repository) -> String {
    format!("{}/pages", repository::url(state, at))
}

#[derive(Serialize)]
pub(crate) struct Page<'a> {
    url: String,
    status: Option<&'static str>,
    cname: Option<()>,
    custom_404: bool,
    html_url: &'a str,
    build_type: &'static str,
    source: Source<'a>,
    public: bool,
    https_enforced: bool,
}

#[derive(Serialize)]
struct Source<'a> {
    branch: &'a str,
    path: &'static str,
}

impl<'a> Page<'a> {
    pub(crate) fn of(state: &State, at: &'a Repository, pages: &'a Pages) -> Self {
        let status = newest(at).map(|build| match stage(at, build) {
            Stage::Queued | Stage::Building => "building",
            Stage::Built => "built",
            Stage::Errored(_) => "errored",
        });
        Self {
            url: url(state, at),
            status,
            cname: None,
            custom_404: custom_404(state, at),
            html_url: &pages.url,
            build_type: "legacy",
            source: Source { branch: &at.default_branch, path: "/" },
            public: true,
            https_enforced: false,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Build<'a> {
    url: String,
    status: &'static str,
    error: Error<'a>,
    pusher: Option<&'a RawValue>,
    commit: Oid,
    duration: i64,
    created_at: Moment,
    updated_at: Moment,
}

#[derive(Serialize)]
struct Error<'a> {
    message: Option<&'a str>,
}

impl<'a> Build<'a> {
    pub(crate) fn of(state: &'a State, at: &'a Repository, build: &'a Deployment) -> Self {
        let (status, message) = match stage(at, build) {
            Stage::Queued => ("queued", None),
            Stage::Building => ("building", None),
            Stage::Built => ("built", None),
            Stage::Errored(why) => ("errored", Some(why)),
        };
        Self {
            url: format!("{}/builds/{}", url(state, at), build.id),
            status,
            error: Error { message },
            pusher: user::of(state, build.caused_by),
            commit: build.sha,
            duration: build.updated_at.millis() - build.created_at.millis(),
            created_at: build.created_at,
            updated_at: build.updated_at,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Asked {
    url: String,
    status: &'static str,
}

impl Asked {
    pub(crate) fn of(state: &State, at: &Repository) -> Self {
        Self { url: format!("{}/builds/latest", url(state, at)), status: "queued" }
    }
}
