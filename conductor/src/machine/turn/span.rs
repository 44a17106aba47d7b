//! Durations, as people say them.

use std::time::Duration;

/// A duration as people say it, in its largest whole unit.
pub(in crate::machine) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_in_its_largest_whole_unit() {
        let spans = [45, 180, 3 * 3600, 86_400, 3 * 86_400].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(spans, ["45 s", "3 min", "3 h", "24 h", "3 days"]);
    }
}
