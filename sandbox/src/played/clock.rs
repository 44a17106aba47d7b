//! The time of the machine, the only clock that the played world knows.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::world::Moment;

/// Now.
pub(crate) fn now() -> Moment {
    #[expect(clippy::disallowed_methods, reason = "here the world's time is read; inside it is a parameter")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
