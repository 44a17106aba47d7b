//! When somebody signed a commit, as GitHub writes it.

use crate::{object::Signature, world::moment::Moment};

/// The moment of a signature.
pub(crate) trait Signed {
    /// As clocks in Greenwich showed it.
    fn moment(&self) -> Moment;
    /// As the clock on the signer's wall showed it: `2019-05-15T15:20:41+02:00`.
    fn local(&self) -> String;
}

impl Signed for Signature {
    fn moment(&self) -> Moment {
        Moment::from_millis(self.seconds.saturating_mul(1000))
    }

    fn local(&self) -> String {
        let minutes = self.offset_minutes;
        let there = self.seconds.saturating_add(i64::from(minutes) * 60);
        let text = Moment::from_millis(there.saturating_mul(1000)).to_string();
        if minutes == 0 {
            return text;
        }
        let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
        format!("{}{sign}{:02}:{:02}", text.trim_end_matches('Z'), minutes / 60, minutes % 60)
    }
}
