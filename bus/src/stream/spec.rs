use std::{collections::HashMap, sync::LazyLock, time::Duration};

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, Source, StorageType, SubjectTransform};
use serde::Deserialize;

use super::LOG;

/// The files, in the order in which streams are made: LOG last, since it takes over from others.
const FILES: [&str; 4] = [
    include_str!("../../../nats/voice.toml"),
    include_str!("../../../nats/clock.toml"),
    include_str!("../../../nats/trace.toml"),
    include_str!("../../../nats/log.toml"),
];

/// What configuration may change about the streams.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overrides {
    /// How many bytes LOG may hold, instead of what `nats/log.toml` says.
    pub log_max_bytes: Option<u64>,
    /// How many servers keep each stream, in a cluster; one where nothing is said.
    pub replicas: Option<usize>,
}

/// One file of `nats/`: what a stream should be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The stream's name.
    pub name: String,
    /// A sentence about it.
    pub description: String,
    /// What it takes.
    pub subjects: Vec<String>,
    /// What gives way when it is full.
    pub discard: Discard,
    /// How much it may hold.
    pub max_bytes: u64,
    /// How long it keeps a message; for ever where nothing is said.
    #[serde(default)]
    pub max_age_seconds: u64,
    /// How long it remembers ids.
    pub duplicate_window_seconds: u64,
    /// Whether it takes several messages as one.
    #[serde(default)]
    pub atomic_batches: bool,
    /// Whether it fires schedules.
    #[serde(default)]
    pub schedules: bool,
    /// Whether the server refuses to delete a message, whoever asks.
    pub deny_delete: bool,
    /// Whether the server refuses to purge, whoever asks.
    pub deny_purge: bool,
    /// What it takes over from other streams.
    #[serde(default, rename = "source")]
    pub sources: Vec<Origin>,
}

/// What gives way when a stream is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discard {
    /// What is new is refused.
    New,
    /// What is oldest goes.
    Old,
}

/// A stream from which another takes over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Its name.
    pub stream: String,
    /// Under which subjects.
    #[serde(rename = "transform")]
    pub transforms: Vec<Transform>,
}

/// Under which subject a message is taken over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transform {
    /// As it stands in the other stream.
    pub from: String,
    /// As it stands in this one; `$1` is what the first star stood for.
    pub to: String,
}

/// The streams of the Rig, in the order in which they are made.
pub fn specs() -> &'static [Spec] {
    static SPECS: LazyLock<Vec<Spec>> = LazyLock::new(|| FILES.iter().map(|file| read(file)).collect());
    &SPECS
}

#[expect(clippy::expect_used, reason = "the files are part of the program, and a test reads them")]
fn read(file: &str) -> Spec {
    toml::from_str(file).expect("a file of nats/ cannot be read")
}

impl Spec {
    /// The stream as the server is told of it.
    #[must_use]
    pub fn config(&self, overrides: &Overrides) -> Config {
        Config {
            name: self.name.clone(),
            description: Some(self.description.clone()),
            subjects: self.subjects.clone(),
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            discard: self.discard.into(),
            max_bytes: i64::try_from(self.max_bytes(overrides)).unwrap_or(i64::MAX),
            max_age: Duration::from_secs(self.max_age_seconds),
            duplicate_window: Duration::from_secs(self.duplicate_window_seconds),
            max_messages: -1,
            max_messages_per_subject: -1,
            max_message_size: -1,
            max_consumers: -1,
            num_replicas: overrides.replicas.unwrap_or(1),
            allow_atomic_publish: self.atomic_batches,
            allow_message_schedules: self.schedules,
            allow_message_ttl: self.schedules,
            allow_rollup: self.schedules,
            deny_delete: self.deny_delete,
            deny_purge: self.deny_purge,
            sources: self.has_sources().then(|| self.sources.iter().map(Origin::source).collect()),
            metadata: HashMap::new(),
            ..Config::default()
        }
    }

    /// The subjects, stars in their places, on which the server itself puts messages: taken over, or fired.
    pub fn carries(&self) -> Vec<String> {
        let taken = self.sources.iter().flat_map(|origin| &origin.transforms);
        let fired = self.schedules.then(|| self.subjects.iter().filter(|subject| subject.starts_with("rig.due.")));
        taken.map(Transform::arrives_as).chain(fired.into_iter().flatten().cloned()).collect()
    }

    const fn has_sources(&self) -> bool {
        !self.sources.is_empty()
    }

    fn max_bytes(&self, overrides: &Overrides) -> u64 {
        overrides.log_max_bytes.filter(|_| self.name == LOG).unwrap_or(self.max_bytes)
    }
}

impl Origin {
    fn source(&self) -> Source {
        Source {
            name: self.stream.clone(),
            subject_transforms: self.transforms.iter().map(Transform::transform).collect(),
            ..Source::default()
        }
    }
}

impl Transform {
    fn transform(&self) -> SubjectTransform {
        SubjectTransform { source: self.from.clone(), destination: self.to.clone() }
    }

    /// The destination with stars for what it fills in.
    #[must_use]
    pub fn arrives_as(&self) -> String {
        let star = |token: &str| if token.starts_with('$') { "*".to_owned() } else { token.to_owned() };
        self.to.split('.').map(star).collect::<Vec<_>>().join(".")
    }
}

impl From<Discard> for DiscardPolicy {
    fn from(discard: Discard) -> Self {
        match discard {
            Discard::New => Self::New,
            Discard::Old => Self::Old,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{filter::Filter, subject::FAMILIES};

    #[test]
    fn the_files_are_read_whole() {
        let names: Vec<_> = specs().iter().map(|spec| spec.name.as_str()).collect();
        assert_eq!(names, ["VOICE", "CLOCK", "TRACE", "LOG"]);
    }

    #[test]
    fn a_key_that_is_not_known_is_refused() {
        let file = format!("colour = \"red\"\n{}", FILES[0]);
        let refusal = toml::from_str::<Spec>(&file).unwrap_err();
        assert!(refusal.to_string().contains("colour"), "{refusal}");
    }

    #[test]
    fn configuration_gives_log_more_room_and_no_other() {
        let overrides = Overrides { log_max_bytes: Some(1 << 40), replicas: Some(3) };
        for spec in specs() {
            let config = spec.config(&overrides);
            assert_eq!(config.max_bytes == 1 << 40, spec.name == LOG);
            assert_eq!(config.num_replicas, 3);
        }
    }

    #[test]
    fn every_family_but_the_services_stands_in_one_stream() {
        for family in FAMILIES {
            let sample: Vec<_> = family.pattern.split('.').map(|part| part.trim_matches(['<', '>'])).collect();
            let taking =
                specs().iter().filter(|spec| spec.subjects.iter().any(|subject| covers(subject, &sample.join("."))));
            let expected = usize::from(!family.pattern.starts_with("rig.svc."));
            assert_eq!(taking.count(), expected, "{}", family.pattern);
        }
    }

    fn covers(pattern: &str, subject: &str) -> bool {
        let mut subject = subject.split('.');
        let mut pattern = pattern.split('.');
        loop {
            match (pattern.next(), subject.next()) {
                (Some(">"), Some(_)) | (None, None) => return true,
                (Some("*"), Some(_)) => {}
                (a, b) if a == b => {}
                _ => return false,
            }
        }
    }

    #[test]
    fn what_is_taken_over_lies_in_log_and_comes_from_where_it_is_taken() {
        let log = specs().iter().find(|spec| spec.name == LOG).unwrap();
        for subject in log.carries() {
            assert!(Filter::everything().iter().any(|all| all.matches(&subject)), "{subject}");
        }
        for origin in &log.sources {
            let other = specs().iter().find(|spec| spec.name == origin.stream).unwrap();
            for transform in &origin.transforms {
                assert!(other.subjects.contains(&transform.from), "{}", transform.from);
            }
        }
    }
}
