use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// A part that has not answered for this long is down, not slow.
const DEAD_AFTER: Duration = Duration::seconds(10);

/// How a part is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// It works.
    Up,
    /// It works, but slowly or not wholly.
    Degraded,
    /// It does not work.
    Down,
}

impl Status {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// What one look at a part showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Seen {
    /// It works.
    Well,
    /// It works, but not wholly.
    Ill(String),
    /// It does not work.
    Dead(String),
    /// It has not answered in time.
    Silent,
}

/// How a part is, and since when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Standing {
    /// How it is.
    pub(crate) status: Status,
    /// Whether the rig can do its work without it.
    pub(crate) critical: bool,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Since when it is so.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) since: OffsetDateTime,
    /// Since when it has not answered.
    #[serde(skip)]
    silent_since: Option<OffsetDateTime>,
}

impl Standing {
    /// What is to be said of a part after another look at it.
    pub(super) fn after(before: Option<Self>, seen: Seen, critical: bool, now: OffsetDateTime) -> Self {
        let silent_since =
            (seen == Seen::Silent).then(|| before.as_ref().and_then(|before| before.silent_since).unwrap_or(now));
        let (status, reason) = match seen {
            Seen::Well => (Status::Up, None),
            Seen::Ill(reason) => (Status::Degraded, Some(reason)),
            Seen::Dead(reason) => (Status::Down, Some(reason)),
            Seen::Silent => silence(now - silent_since.unwrap_or(now)),
        };
        let since = before.filter(|before| before.status == status).map_or(now, |before| before.since);
        Self { status, critical, reason, since, silent_since }
    }
}

fn silence(lasting: Duration) -> (Status, Option<String>) {
    if lasting < DEAD_AFTER {
        return (Status::Degraded, Some("no answer within 2 s".to_owned()));
    }
    (Status::Down, Some(format!("no answer for {} s", lasting.whole_seconds())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::seconds(second)
    }

    fn looks(seen: &[(i64, Seen)]) -> Standing {
        let next =
            |before, (second, seen): &(i64, Seen)| Some(Standing::after(before, seen.clone(), true, at(*second)));
        seen.iter().fold(None, next).unwrap()
    }

    #[test]
    fn since_is_when_it_changed() {
        let standing =
            looks(&[(0, Seen::Well), (5, Seen::Well), (7, Seen::Dead("a".into())), (9, Seen::Dead("b".into()))]);
        assert_eq!((standing.status, standing.since, standing.reason.as_deref()), (Status::Down, at(7), Some("b")));
        let standing = looks(&[(0, Seen::Dead("a".into())), (3, Seen::Well)]);
        assert_eq!((standing.status, standing.since, standing.reason), (Status::Up, at(3), None));
    }

    #[test]
    fn f_150_slow_is_degraded_and_silent_for_long_is_down() {
        assert_eq!(looks(&[(0, Seen::Well), (2, Seen::Silent)]).status, Status::Degraded);
        assert_eq!(looks(&[(2, Seen::Silent), (8, Seen::Silent)]).status, Status::Degraded);
        let dead = looks(&[(2, Seen::Silent), (8, Seen::Silent), (12, Seen::Silent)]);
        assert_eq!((dead.status, dead.since), (Status::Down, at(12)));
        assert_eq!(looks(&[(2, Seen::Silent), (8, Seen::Well), (12, Seen::Silent)]).status, Status::Degraded);
    }
}
