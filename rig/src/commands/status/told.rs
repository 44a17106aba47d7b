//! The status as a person reads it.

use std::fmt::Write as _;

use bus::service::why::Queued;
use store::projector::Status as Log;
use time::{Duration, OffsetDateTime};

use super::look::{Consumer, Delivery, Part, Status, Work};
use crate::{
    local_time::{LocalTime, in_words},
    screen::{BAD, FAINT, GOOD, NAME, WARN, clean_line},
};

/// Repositories shown; the rest is in `--json`.
const REPOSITORIES: usize = 8;

/// Items shown that wait for their turn; the rest is in `--json`.
const QUEUED: usize = 5;

/// Standings of items that have ended.
const ENDS: [&str; 4] = ["landed", "live", "superseded", "cancelled"];

/// The whole, a line a thing.
pub(super) fn told(status: &Status) -> String {
    let time = LocalTime::of(status.at.0).seconds();
    let mut text = format!("rig up in {}, process {} {FAINT}{time}{FAINT:#}\n\n", status.home, status.pid);
    for (name, part) in status.health.iter().flat_map(|health| &health.parts) {
        line(&mut text, name, &part_in_words(part));
    }
    if let Some(log) = &status.log {
        text.push('\n');
        line(&mut text, "LOG", &log_in_words(log));
        line(&mut text, "rows", &rows_in_words(log, status));
    }
    consumers(&mut text, status.consumers.as_deref().unwrap_or_default());
    if let Some(known) = &status.work {
        work(&mut text, known, status.at.0);
    }
    deliveries(&mut text, status.deliveries.as_deref().unwrap_or_default());
    if let Some(dead @ 1..) = status.dead {
        line(&mut text, "dead", &format!("{WARN}{dead} given up and waiting{WARN:#}: rig dead list"));
    }
    for (what, why) in &status.unanswered {
        line(&mut text, what, &format!("{BAD}✗{BAD:#} {}", clean_line(why)));
    }
    text.truncate(text.trim_end().len());
    text
}

fn line(text: &mut String, name: &str, words: &str) {
    let _ = writeln!(text, "  {NAME}{name:<11}{NAME:#} {words}");
}

fn part_in_words(part: &Part) -> String {
    let style = match part.status.as_str() {
        "up" => GOOD,
        "degraded" => WARN,
        _ => BAD,
    };
    let why = part.rest.get("reason").and_then(serde_json::Value::as_str);
    let why = why.map(|why| format!("  {}", clean_line(why))).unwrap_or_default();
    format!("{style}{}{style:#}{why}", part.status)
}

fn log_in_words(log: &Log) -> String {
    let percent = u128::from(log.bytes) * 100 / u128::from(log.max_bytes.max(1));
    let style = if percent >= 70 { WARN } else { FAINT };
    let (bytes, most) = (size(log.bytes), size(log.max_bytes));
    format!("through {}; {bytes} of {most} {style}({percent} %){style:#}", log.last)
}

fn rows_in_words(log: &Log, status: &Status) -> String {
    let Some(through) = log.projected_through else { return format!("{WARN}none yet{WARN:#}") };
    let behind = match log.last.saturating_sub(through) {
        0 => "up to date".to_owned(),
        behind => format!("{WARN}{behind} behind{WARN:#}"),
    };
    let ago = log.projected_at.map(|at| format!(", the last {} ago", in_words(status.at.0 - at))).unwrap_or_default();
    let waits = log.waits.as_ref().map(|why| format!("  {BAD}waits:{BAD:#} {}", clean_line(why))).unwrap_or_default();
    format!("through {through}; {behind}{ago}{waits}")
}

/// Only those for whom something waits: an idle one needs nobody's eyes.
fn consumers(text: &mut String, consumers: &[Consumer]) {
    for Consumer { name, waiting, in_work } in consumers.iter().filter(|one| one.waiting + one.in_work > 0) {
        line(text, "waiting", &format!("{waiting} for {name}, and {in_work} in work"));
    }
}

/// What is open, and what is next.
fn work(text: &mut String, Work { items, queue }: &Work, now: OffsetDateTime) {
    let open = items.iter().filter(|(name, _)| !ENDS.contains(&name.as_str()));
    let open: Vec<String> = open.map(|(name, count)| format!("{count} {}", name.replace('_', " "))).collect();
    line(text, "work", &if open.is_empty() { "nothing is open".to_owned() } else { open.join(", ") });
    for (n, Queued { item, title, since }) in queue.iter().take(QUEUED).enumerate() {
        let name = if n == 0 { "queue" } else { "" };
        let since = in_words(now - *since);
        line(text, name, &format!("{} {} {FAINT}since {since}{FAINT:#}", clean_line(item), clean_line(title)));
    }
    if let Some(more @ 1..) = queue.len().checked_sub(QUEUED) {
        line(text, "", &format!("{FAINT}and {more} more: --json{FAINT:#}"));
    }
}

fn deliveries(text: &mut String, deliveries: &[Delivery]) {
    for (n, delivery) in deliveries.iter().take(REPOSITORIES).enumerate() {
        let name = if n == 0 { "GitHub" } else { "" };
        let ago = in_words(Duration::seconds(delivery.age_seconds));
        let (repository, event) = (clean_line(&delivery.repository), clean_line(&delivery.event));
        line(text, name, &format!("{repository:<28} {ago} ago {FAINT}{event}{FAINT:#}"));
    }
    if let Some(more @ 1..) = deliveries.len().checked_sub(REPOSITORIES) {
        line(text, "", &format!("{FAINT}and {more} more, heard of since: --json{FAINT:#}"));
    }
}

fn size(bytes: u64) -> String {
    let units = [(1_000_000_000_u64, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_in_three_digits_or_so() {
        let sizes = [0, 999, 1_500, 8_589_934_592].map(size);
        assert_eq!(sizes, ["0 bytes", "999 bytes", "1.5 kB", "8.5 GB"]);
    }
}
