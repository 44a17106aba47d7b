//! Times as people read them: of the day, in their own zone.

use jiff::{Timestamp, Zoned, tz::TimeZone};
use time::{Duration, OffsetDateTime};

/// A moment on the person's own clock.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct LocalTime(Zoned);

impl LocalTime {
    /// This moment in the zone of this machine.
    pub(crate) fn of(moment: OffsetDateTime) -> Self {
        Self::in_zone(moment, TimeZone::system())
    }

    fn in_zone(moment: OffsetDateTime, zone: TimeZone) -> Self {
        // A moment beyond the calendar can only come from a broken record; its beginning is as good a place.
        let timestamp = Timestamp::from_nanosecond(moment.unix_timestamp_nanos()).unwrap_or_default();
        Self(timestamp.to_zoned(zone))
    }

    /// `09:02`.
    pub(crate) fn minutes(&self) -> String {
        self.0.strftime("%H:%M").to_string()
    }

    /// `09:02:31`.
    pub(crate) fn seconds(&self) -> String {
        self.0.strftime("%H:%M:%S").to_string()
    }

    /// `CET`; `UTC` where this machine knows no zone of its own.
    pub(crate) fn zone(&self) -> String {
        if self.0.time_zone().is_unknown() { "UTC".to_owned() } else { self.0.strftime("%Z").to_string() }
    }

    /// `Sun 22 Nov 2026`.
    pub(crate) fn day(&self) -> String {
        self.0.strftime("%a %-d %b %Y").to_string()
    }
}

/// A length of time in two units at most: `4 s`, `12 min`, `3 h 5 min`, `2 d 4 h`.
pub(crate) fn in_words(length: Duration) -> String {
    let seconds = length.whole_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |big: i64, name: &str, small: i64, other: &str| match small {
        0 => format!("{big} {name}"),
        small => format!("{big} {name} {small} {other}"),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min"),
        3600..86_400 => two(hours, "h", minutes % 60, "min"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

/// A moment as a person gives it: how long ago (`90s`, `10m`, `2h`, `1d`), or RFC 3339.
pub(crate) fn parse_moment(text: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let unit = |c: char| match c {
        's' => Some(Duration::SECOND),
        'm' => Some(Duration::MINUTE),
        'h' => Some(Duration::HOUR),
        'd' => Some(Duration::DAY),
        _ => None,
    };
    let ago = || {
        let unit = unit(text.chars().next_back()?)?;
        let count: i32 = text[..text.len() - 1].parse().ok().filter(|count| *count >= 0)?;
        now.checked_sub(unit.checked_mul(count)?)
    };
    ago().or_else(|| OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_in_the_zone() {
        let moment = OffsetDateTime::from_unix_timestamp(1_795_341_751).unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let local = LocalTime::in_zone(moment, zone);
        assert_eq!((local.minutes().as_str(), local.seconds().as_str()), ("12:02", "12:02:31"));
        assert_eq!((local.day().as_str(), local.zone().as_str()), ("Sun 22 Nov 2026", "+02"));
        let zones = [TimeZone::UTC, TimeZone::unknown()].map(|zone| LocalTime::in_zone(moment, zone).zone());
        assert_eq!(zones, ["UTC", "UTC"]);
    }

    #[test]
    fn lengths_read_in_two_units() {
        let words = |seconds| in_words(Duration::seconds(seconds));
        let all = [-3, 4, 60, 3599, 3600, 11_100, 86_400, 187_200].map(words);
        assert_eq!(all, ["0 s", "4 s", "1 min", "59 min", "1 h", "3 h 5 min", "1 d", "2 d 4 h"]);
    }

    #[test]
    fn a_moment_is_given_as_long_ago_or_in_full() {
        let now = OffsetDateTime::from_unix_timestamp(1_000_000).unwrap();
        let ago = |text| parse_moment(text, now).map(|moment| (now - moment).whole_seconds());
        assert_eq!(ago("90s"), Some(90));
        assert_eq!(ago("10m"), Some(600));
        assert_eq!(ago("2h"), Some(7200));
        assert_eq!(ago("1d"), Some(86_400));
        assert_eq!(parse_moment("1970-01-12T13:46:40Z", now), Some(now));
        for text in ["", "m", "-5m", "10", "ten minutes", "99999999999d", "5é"] {
            assert_eq!(parse_moment(text, now), None, "{text}");
        }
    }
}
