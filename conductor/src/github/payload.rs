//! GitHub's bytes: the few fields that are read, and the way back to the exact bytes.
//!
//! Every field may be missing or of another type than GitHub documents: the record then knows less, and is a record all
//! the same.

use std::borrow::Cow;

use bus::envelope::Sealed;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::json::Json;

macro_rules! looked_at {
    ($($field:ident $name:literal)*) => {
        /// The top of a delivery's payload: what sentences, places and trust are made of, found in one pass.
        #[derive(Clone, Copy, Debug, Default)]
        pub(super) struct Payload<'a> {
            $(pub(super) $field: Option<Json<'a>>,)*
            /// The issue, pull request or discussion it is about.
            pub(super) thing: Option<Thing<'a>>,
        }

        impl<'a> Payload<'a> {
            /// The fields of this object; the last of several counts.
            pub(super) fn of(object: Json<'a>) -> Self {
                let mut payload = Self::default();
                for (name, value) in object.fields() {
                    match name.as_ref() {
                        $($name => payload.$field = Some(value),)*
                        _ => {}
                    }
                }
                payload.thing = Thing::of(&payload);
                payload
            }
        }
    };
}

looked_at! {
    action "action"
    after "after"
    assignee "assignee"
    check_run "check_run"
    check_suite "check_suite"
    comment "comment"
    commits "commits"
    context "context"
    created "created"
    deleted "deleted"
    deployment "deployment"
    deployment_status "deployment_status"
    description "description"
    discussion "discussion"
    forced "forced"
    forkee "forkee"
    head_commit "head_commit"
    hook_id "hook_id"
    installation "installation"
    issue "issue"
    label "label"
    member "member"
    milestone "milestone"
    organization "organization"
    pull_request "pull_request"
    reference "ref"
    ref_type "ref_type"
    release "release"
    repository "repository"
    requested_reviewer "requested_reviewer"
    requested_team "requested_team"
    review "review"
    sender "sender"
    sha "sha"
    state "state"
    workflow_job "workflow_job"
    workflow_run "workflow_run"
    zen "zen"
}

/// An issue, a pull request or a discussion: they are large, and looked into once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thing<'a> {
    pub(super) kind: Kind,
    pub(super) number: Option<u64>,
    pub(super) title: Option<Json<'a>>,
    pub(super) author_association: Option<Json<'a>>,
    pub(super) state_reason: Option<Json<'a>>,
    pub(super) merged: Option<Json<'a>>,
    pub(super) head: Option<Json<'a>>,
}

/// Which of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Issue,
    Pull,
    Discussion,
}

impl<'a> Thing<'a> {
    /// GitHub counts issues and pull requests together, and a comment on a pull request comes as one on an issue.
    fn of(payload: &Payload<'a>) -> Option<Self> {
        let object = |value: Option<Json<'a>>| value.filter(|value| value.is_object());
        if let Some(pull) = object(payload.pull_request) {
            return Some(Self::look(pull, Kind::Pull));
        }
        if let Some(issue) = object(payload.issue) {
            return Some(Self::look(issue, Kind::Issue));
        }
        object(payload.discussion).map(|discussion| Self::look(discussion, Kind::Discussion))
    }

    fn look(object: Json<'a>, kind: Kind) -> Self {
        let names = ["number", "title", "author_association", "state_reason", "merged", "head", "pull_request"];
        let [number, title, author_association, state_reason, merged, head, pull] = object.pick(names);
        let kind = if pull.is_some_and(Json::is_object) { Kind::Pull } else { kind };
        let number = number.and_then(Json::number);
        Self { kind, number, title, author_association, state_reason, merged, head }
    }
}

impl<'a> Payload<'a> {
    /// The login of who did it.
    pub(super) fn actor(&self) -> Option<Cow<'a, str>> {
        login(self.sender)
    }

    /// The action's name.
    pub(super) fn action(&self) -> Option<Cow<'a, str>> {
        self.action?.name()
    }
}

/// The login of an account.
pub(super) fn login(account: Option<Json<'_>>) -> Option<Cow<'_, str>> {
    account?.field("login")?.name()
}

/// A field of a field that may be missing, as a name.
pub(super) fn name<'a>(object: Option<Json<'a>>, field: &str) -> Option<Cow<'a, str>> {
    object?.field(field)?.name()
}

/// A field of a field that may be missing, as words.
pub(super) fn words<'a>(object: Option<Json<'a>>, field: &str) -> Option<Cow<'a, str>> {
    object?.field(field)?.words()
}

/// The bytes as GitHub sent them, white space round them included, out of a record's body; nothing where the record is
/// not a delivery.
///
/// A reader who parses the record gets the payload without the white space round it: a signature, or a hash of the
/// body, needs this one.
#[must_use]
pub fn exact(body: &[u8]) -> Option<&[u8]> {
    let body = std::str::from_utf8(body).ok()?;
    let envelope: Sealed<'_> = serde_json::from_str(body).ok()?;
    let within: Within<'_> = serde_json::from_str(envelope.data.get()).ok()?;
    let payload = within.payload.get();
    let start = payload.as_ptr().addr().checked_sub(body.as_ptr().addr())?;
    let (before, after) = (body.get(..start)?, body.get(start + payload.len()..)?);
    let start = before.trim_end_matches(is_space).len();
    let end = body.len() - after.trim_start_matches(is_space).len();
    body.as_bytes().get(start..end)
}

#[derive(Deserialize)]
struct Within<'a> {
    #[serde(borrow)]
    payload: &'a RawValue,
}

/// JSON's own white space.
const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_delivery_has_no_payload() {
        for body in [&b""[..], b"{}", b"\xff", br#"{"data":{"payload":1}}"#] {
            assert_eq!(exact(body), None);
        }
    }

    #[test]
    fn a_field_of_another_type_is_less_knowledge() {
        let text = r#"{"sender":[],"action":{"a":1},"sender":{"login":7}}"#;
        let payload = Payload::of(Json::parse(text).unwrap());
        assert_eq!((payload.actor(), payload.action()), (None, None));
    }
}
