//! What holds of a whole stage, besides what [`conductor::testing::Conservation`] looks at.

use conductor::machine::State;

/// What a snapshot keeps is read back as it was.
pub(crate) fn is_kept_whole(state: &State) {
    let kept = serde_json::to_string(state).unwrap();
    assert!(serde_json::from_str::<State>(&kept).unwrap() == *state, "the state does not read back");
}
