//! The commits that a commit takes back, as git writes it into the message.

use bus::commit::Oid;

const SENTENCE: &str = "This reverts commit ";

/// The commits that this message says to take back: `git revert` writes the sentence, and so does GitHub's button.
pub(super) fn reverts_of(message: &str) -> impl Iterator<Item = Oid> {
    message.split(SENTENCE).skip(1).filter_map(|rest| rest.get(..40)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_commit_that_is_taken_back_is_named() {
        let (one, two) = ("4c1e0a9d5b6f7081920a3b4c5d6e7f8091a2b3c4", "00000a9d5b6f7081920a3b4c5d6e7f8091a2b3c4");
        let text = format!(
            "Revert \"Greet\"\n\nThis reverts commit {one}, reversing\nchanges made to abc.\n\nThis reverts commit {two}."
        );
        assert_eq!(reverts_of(&text).map(|oid| oid.to_string()).collect::<Vec<_>>(), [one, two]);
    }

    #[test]
    fn what_only_sounds_like_it_takes_nothing_back() {
        for text in ["", "Revert \"Greet\"", "This reverts commit", "This reverts commit abc.", "This reverts commit é"]
        {
            assert_eq!(reverts_of(text).count(), 0, "{text}");
        }
    }
}
