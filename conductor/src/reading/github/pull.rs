//! How a pull request is.

use bus::{catalogue::outcome::PullState, number::PullNumber};

use super::{author, closing, commit, is_member, labels, login, moment, place, text};
use crate::{
    github::json::Json,
    machine::{
        Fact,
        fact::{Place, Pull},
    },
};

pub(super) fn read(payload: Json<'_>) -> Option<Fact> {
    let [repository, sender, pull] = payload.pick(["repository", "sender", "pull_request"]);
    let place = place(repository)?;
    let pull = object(pull?, &place, sender)?;
    Some(Fact::Pull(place, pull))
}

fn object(pull: Json<'_>, place: &Place, sender: Option<Json<'_>>) -> Option<Pull> {
    let [number, title, body, user, association, head, base, labelled, draft, mergeable, updated_at, merged_by] = pull
        .pick([
            "number",
            "title",
            "body",
            "user",
            "author_association",
            "head",
            "base",
            "labels",
            "draft",
            "mergeable",
            "updated_at",
            "merged_by",
        ]);
    let [sha, branch, from] = head?.pick(["sha", "ref", "repo"]);
    let base = base?.field("ref")?.name()?.into_owned();
    // GitHub closes issues by what lands on the default branch, and by nothing else.
    let lands = base == place.default_branch;
    Some(Pull {
        number: PullNumber(number?.number()?),
        title: text(title),
        author: author(user),
        member: is_member(association),
        branch: is_of(from, place).then(|| branch?.text()).flatten(),
        head: commit(sha)?,
        closes: if lands { closing::issues(&text(body), &place.name) } else { Vec::new() },
        base,
        labels: labels(labelled),
        draft: draft.is_some_and(Json::is_true),
        state: state(pull)?,
        mergeable: mergeable.and_then(Json::flag),
        updated_at: moment(updated_at)?,
        by: login(merged_by).or_else(|| login(sender)),
    })
}

/// Whether a repository is the one of this place. A fork that is gone is not.
fn is_of(repository: Option<Json<'_>>, place: &Place) -> bool {
    let id = repository.and_then(|repository| repository.field("id")).and_then(Json::number);
    id == Some(place.id.0)
}

/// A pull request in a list says that it was merged only by when.
fn state(pull: Json<'_>) -> Option<PullState> {
    let [state, merged, merged_at, merge_commit] = pull.pick(["state", "merged", "merged_at", "merge_commit_sha"]);
    let merged = merged.is_some_and(Json::is_true) || moment(merged_at).is_some();
    match state?.name()?.as_ref() {
        "open" => Some(PullState::Open),
        "closed" if merged => Some(PullState::Merged { commit: commit(merge_commit)? }),
        "closed" => Some(PullState::Closed),
        _ => None,
    }
}
