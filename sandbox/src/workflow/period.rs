//! Lengths of time as people write them: `90s`, `5m`, `1h`, `2d`.

use std::time::Duration;

const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// Reads a length of time of at least a second and at most a year.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    read(text).filter(|period| (Duration::from_secs(1)..=LONGEST).contains(period)).ok_or_else(|| {
        format!("{text:?} is no length of time; write a whole number and s, m, h or d, at most a year: \"90s\", \"5m\"")
    })
}

fn read(text: &str) -> Option<Duration> {
    let (number, seconds) = [('s', 1), ('m', 60), ('h', 3600), ('d', 24 * 3600)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.then_some(number)?.parse().ok()?;
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}
