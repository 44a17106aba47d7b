//! `GET /metrics`: how each part is and what it did, in the text that Prometheus reads.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>: a `# TYPE` line a metric, then a line
//! a sample. Names of parts are ours and hold nothing that would need escaping but what is escaped here.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{Report, Status};

/// A number of a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Measure {
    /// Its name, with what it counts in: `rig_conductor_decided_total`.
    pub(crate) name: &'static str,
    /// Whether it only goes up.
    pub(crate) counts: bool,
    /// Its value now.
    pub(crate) value: u64,
    /// What it is of, where it is one of several: `reason="signature"`.
    pub(crate) label: Option<(&'static str, &'static str)>,
}

impl Measure {
    /// A number that only goes up.
    pub(crate) const fn counter(name: &'static str, value: u64) -> Self {
        Self { name, counts: true, value, label: None }
    }

    /// A number that goes up and down.
    pub(crate) const fn gauge(name: &'static str, value: u64) -> Self {
        Self { name, counts: false, value, label: None }
    }

    /// As one of several.
    pub(crate) const fn of(self, name: &'static str, value: &'static str) -> Self {
        Self { label: Some((name, value)), ..self }
    }
}

/// Everything in one text.
pub(super) fn text(report: &Report, measures: &BTreeMap<String, Vec<Measure>>) -> String {
    let mut text = String::from("# HELP rig_part_up 1 where the part is up, 0 where it is degraded or down.\n");
    text.push_str("# TYPE rig_part_up gauge\n");
    for (part, standing) in &report.parts {
        let _ = writeln!(text, "rig_part_up{{part=\"{}\"}} {}", escaped(part), u8::from(standing.status == Status::Up));
    }
    let mut by_name: BTreeMap<&str, Vec<(&str, Measure)>> = BTreeMap::new();
    for (part, measures) in measures {
        for measure in measures {
            by_name.entry(measure.name).or_default().push((part, *measure));
        }
    }
    for (name, samples) in by_name {
        let kind = if samples.iter().any(|(_, measure)| measure.counts) { "counter" } else { "gauge" };
        let _ = writeln!(text, "# TYPE {name} {kind}");
        for (part, measure) in samples {
            let label = measure.label.map(|(name, value)| format!(",{name}=\"{value}\"")).unwrap_or_default();
            let _ = writeln!(text, "{name}{{part=\"{}\"{label}}} {}", escaped(part), measure.value);
        }
    }
    text
}

fn escaped(part: &str) -> String {
    part.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::health::{Seen, Standing};

    #[test]
    fn each_metric_has_one_type_and_a_line_a_part() {
        let standing = |seen| Standing::after(None, seen, false, OffsetDateTime::UNIX_EPOCH);
        let parts = [("conductor", standing(Seen::Well)), ("dev-\"e\"", standing(Seen::Ill("it rests".to_owned())))];
        let parts = parts.map(|(name, standing)| (name.to_owned(), standing)).into();
        let report = Report { status: Status::Degraded, parts };
        let measures = [
            ("conductor", vec![Measure::gauge("rig_conductor_term", 3)]),
            ("conductor 2", vec![Measure::gauge("rig_conductor_term", 3)]),
            ("ingest", ["form", "size"].map(|why| Measure::counter("rig_refused_total", 2).of("reason", why)).to_vec()),
        ];
        let measures = measures.map(|(part, measures)| (part.to_owned(), measures)).into();
        let told = text(&report, &measures);
        let lines: Vec<&str> = told.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "# TYPE rig_part_up gauge",
                "rig_part_up{part=\"conductor\"} 1",
                "rig_part_up{part=\"dev-\\\"e\\\"\"} 0",
                "# TYPE rig_conductor_term gauge",
                "rig_conductor_term{part=\"conductor\"} 3",
                "rig_conductor_term{part=\"conductor 2\"} 3",
                "# TYPE rig_refused_total counter",
                "rig_refused_total{part=\"ingest\",reason=\"form\"} 2",
                "rig_refused_total{part=\"ingest\",reason=\"size\"} 2",
            ]
        );
    }
}
