//! How far the words in a delivery may be trusted: as far as GitHub vouches for who wrote them.

use bus::Trust;

use super::Payload;
use crate::github::json::Json;

/// The trust in the newest words of this payload.
///
/// The words of a comment are its author's, whatever the issue's author may be; what nobody vouches for is an outsider's.
pub(super) fn of_words(payload: &Payload<'_>) -> Trust {
    let association = match payload.comment.or(payload.review) {
        Some(words) => words.field("author_association"),
        None => payload.thing.and_then(|thing| thing.author_association),
    };
    let association = association.and_then(Json::name);
    match association.as_deref() {
        Some("OWNER" | "MEMBER" | "COLLABORATOR") => Trust::Member,
        _ => Trust::Outsider,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(payload: &str) -> Trust {
        of_words(&Payload::of(Json::parse(payload).unwrap()))
    }

    #[test]
    fn only_who_belongs_to_the_repository_is_a_member() {
        for (association, expected) in [
            ("OWNER", Trust::Member),
            ("MEMBER", Trust::Member),
            ("COLLABORATOR", Trust::Member),
            ("CONTRIBUTOR", Trust::Outsider),
            ("FIRST_TIME_CONTRIBUTOR", Trust::Outsider),
            ("NONE", Trust::Outsider),
            ("owner", Trust::Outsider),
            ("", Trust::Outsider),
        ] {
            assert_eq!(
                trust(&format!(r#"{{"issue":{{"author_association":"{association}"}}}}"#)),
                expected,
                "{association}"
            );
        }
    }

    #[test]
    fn a_strangers_comment_on_a_members_issue_is_a_strangers() {
        let payload = r#"{"issue":{"author_association":"OWNER"},"comment":{"author_association":"NONE"}}"#;
        assert_eq!(trust(payload), Trust::Outsider);
        let payload = r#"{"issue":{"author_association":"OWNER"},"comment":{"author_association":7}}"#;
        assert_eq!(trust(payload), Trust::Outsider);
    }

    #[test]
    fn what_nobody_vouches_for_is_an_outsiders() {
        assert_eq!(trust("{}"), Trust::Outsider);
        assert_eq!(trust(r#"{"issue":"OWNER","sender":{"author_association":"OWNER"}}"#), Trust::Outsider);
    }
}
