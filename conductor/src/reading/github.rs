//! What GitHub tells, and what was looked up there: one fact a record.
//!
//! A record of something looked up has the same shape as a delivery, its action `observed`: the object as the REST API
//! answers it, under the name that it has in a delivery (a review with its `pull_request`), and `repository`. A commit
//! status lies at the top, beside its `sha`; a branch is told by `ref`, `after` and `head_commit`, as a push tells it.

mod branch;
mod check;
mod closing;
mod comment;
mod issue;
mod pull;
mod review;

use bus::{catalogue::github::Delivered, commit::Oid, envelope::Sealed, number::RepositoryId};
use serde_json::value::RawValue;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    github::json::Json,
    machine::{Fact, fact::Place},
};

/// Who stands for an account that is gone.
const GHOST: &str = "ghost";

pub(super) fn told(event: &str, envelope: &Sealed<'_>) -> Option<Fact> {
    match event {
        "issues" => issue::read(payload(envelope)?),
        "issue_comment" => comment::read(envelope.id, payload(envelope)?),
        "pull_request" => pull::read(payload(envelope)?),
        "pull_request_review" => review::read(payload(envelope)?),
        "check_run" => check::read_run(payload(envelope)?),
        "status" => check::read_status(payload(envelope)?),
        "push" => branch::read_push(payload(envelope)?),
        "delete" => branch::read_deletion(payload(envelope)?),
        _ => None,
    }
}

fn payload<'a>(envelope: &Sealed<'a>) -> Option<Json<'a>> {
    let delivered: Delivered<&RawValue> = envelope.open().ok()?;
    Some(Json::of(delivered.payload))
}

/// A repository, where all is told that is needed of it.
fn place(repository: Option<Json<'_>>) -> Option<Place> {
    let [id, name, default_branch] = repository?.pick(["id", "full_name", "default_branch"]);
    let (name, default_branch) = (name?.name()?.into_owned(), default_branch?.name()?.into_owned());
    Some(Place { id: RepositoryId(id?.number()?), name, default_branch })
}

fn login(account: Option<Json<'_>>) -> Option<String> {
    Some(account?.field("login")?.name()?.into_owned())
}

/// Who wrote it.
fn author(account: Option<Json<'_>>) -> String {
    login(account).unwrap_or_else(|| GHOST.to_owned())
}

/// Whether the repository gives its author a say.
fn is_member(association: Option<Json<'_>>) -> bool {
    let association = association.and_then(Json::name);
    matches!(association.as_deref(), Some("OWNER" | "MEMBER" | "COLLABORATOR"))
}

fn moment(text: Option<Json<'_>>) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&text?.name()?, &Rfc3339).ok()
}

/// A commit; the one of zeros stands for none.
fn commit(text: Option<Json<'_>>) -> Option<Oid> {
    let commit = text?.name()?.parse().ok()?;
    (commit != Oid::of([0; 20])).then_some(commit)
}

fn text(text: Option<Json<'_>>) -> String {
    text.and_then(Json::text).unwrap_or_default()
}

fn labels(labels: Option<Json<'_>>) -> Vec<String> {
    let name = |label: Json<'_>| label.field("name").unwrap_or(label).text();
    labels.into_iter().flat_map(Json::items).filter_map(name).collect()
}
