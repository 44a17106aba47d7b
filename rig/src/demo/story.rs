//! What happens in the demo: which records are told, and how each issue ended.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bus::{
    Sequenced, Subject,
    catalogue::{
        Kind, agent,
        work::{self, Leased, Standing, Task, Transition},
    },
    commit::Oid,
};
use serde::Serialize;

use super::town::{ACTS, Act, Town};
use crate::{
    exit::Failure,
    home::Home,
    screen::{AGENT, BAD, FAINT, GOOD, NAME, clean_line},
    up::Rig,
};

/// How it went.
pub(super) struct Story {
    began: Instant,
    items: BTreeMap<u64, Item>,
    gates: BTreeMap<u64, String>,
    /// Records in LOG, once it is over.
    records: u64,
    /// Rows in PostgreSQL, once it is over.
    rows: u64,
    seconds: f64,
}

/// How an issue went.
#[derive(Clone, Serialize)]
struct Item {
    issue: u64,
    pull_request: Option<u64>,
    landed: Option<Oid>,
    live_url: Option<String>,
    verified: bool,
    seconds: Option<f64>,
    #[serde(skip)]
    page: &'static str,
    #[serde(skip)]
    end: Option<End>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Live,
    /// A person is needed, or it came to nothing.
    Stuck,
}

/// What a program is told.
#[derive(Serialize)]
struct Outcome<'a> {
    ok: bool,
    seconds: f64,
    records: u64,
    rows: u64,
    items: Vec<&'a Item>,
}

impl Story {
    pub(super) fn begin() -> Self {
        let (items, gates) = (BTreeMap::new(), BTreeMap::new());
        Self { began: Instant::now(), items, gates, records: 0, rows: 0, seconds: 0.0 }
    }

    /// An issue was filed; how that is told.
    pub(super) fn filed(&mut self, issue: u64, act: &Act) -> String {
        let item = Item {
            issue,
            pull_request: None,
            landed: None,
            live_url: None,
            verified: false,
            seconds: None,
            page: act.page,
            end: None,
        };
        self.items.insert(issue, item);
        self.line("you", &format!("#{issue} {}{}", act.title, act.note))
    }

    /// Whether every issue has come to an end, or one of them to where only a person helps: the others may wait for it.
    pub(super) fn is_over(&self) -> bool {
        let ends = || self.items.values().map(|item| item.end);
        ends().any(|end| end == Some(End::Stuck)) || (ends().count() == ACTS.len() && ends().all(|end| end.is_some()))
    }

    /// What is told of a record.
    pub(super) fn hear(&mut self, record: &Sequenced) -> Option<String> {
        let (subject, envelope) = record.decode().ok()?;
        match (subject, Kind::of_type(&envelope.type_name)?) {
            (Subject::Agent { name, .. }, Kind::Agent(kind)) if is_words(kind) => {
                Some(self.agent(name.as_str(), &envelope.say()))
            }
            (_, Kind::Work(kind)) => self.work(kind, &envelope.open().ok()?),
            _ => None,
        }
    }

    fn work(&mut self, kind: work::Kind, transition: &Transition) -> Option<String> {
        let number = transition.item.number.0;
        let elapsed = self.began.elapsed().as_secs_f64();
        let item = self.items.get_mut(&number)?;
        item.pull_request = transition.course.pull.map(|pull| pull.0);
        item.landed = transition.course.landed;
        item.end = match &transition.course.standing {
            Standing::Live { .. } => Some(End::Live),
            Standing::Waiting(_) | Standing::Cancelled { .. } | Standing::Superseded { .. } => Some(End::Stuck),
            _ => None,
        };
        let say = transition.say.trim_end_matches('.');
        match (kind, &transition.course.standing) {
            _ if item.end == Some(End::Stuck) => Some(self.line(&format!("conductor-e {BAD}✗{BAD:#}"), say)),
            (work::Kind::Live, _) => {
                let url = transition.url.as_deref().unwrap_or_default().trim_end_matches('/');
                let url = format!("{url}{}", item.page);
                item.live_url = Some(url.clone());
                item.seconds = Some(tenths(elapsed));
                Some(self.line(&format!("conductor-e {GOOD}●{GOOD:#}"), &format!("{say}   {url}")))
            }
            (work::Kind::Landing, _) => {
                let gates = say.split(';').next().unwrap_or_default().to_lowercase();
                self.gates.insert(number, gates);
                None
            }
            (work::Kind::Merged, _) => {
                let gates = self.gates.remove(&number).map(|gates| format!("{gates}. ")).unwrap_or_default();
                Some(self.line(&format!("conductor-e {GOOD}✓{GOOD:#}"), &format!("{gates}{say}")))
            }
            // Later rounds are told by those who work in them.
            (work::Kind::ReviewRequested, _) if transition.course.rounds > 0 => None,
            (work::Kind::Opened | work::Kind::ReviewRequested | work::Kind::Parked, _)
            | (work::Kind::Claimed, Standing::Leased(Leased { task: Task::Build, .. })) => {
                Some(self.line("conductor-e", say))
            }
            _ => None,
        }
    }

    /// An agent's mark stands before its words.
    fn agent(&self, name: &str, say: &str) -> String {
        match say.split_once(' ') {
            Some(("✗", words)) => self.line(&format!("{AGENT}{name:<11}{AGENT:#} {BAD}✗{BAD:#}"), words),
            Some(("✓", words)) => self.line(&format!("{AGENT}{name:<11}{AGENT:#} {GOOD}✓{GOOD:#}"), words),
            _ => self.line(&format!("{AGENT}{name}{AGENT:#}"), say),
        }
    }

    fn line(&self, who: &str, words: &str) -> String {
        let at = self.began.elapsed().as_secs_f64();
        let shown = anstream::adapter::strip_str(who).to_string();
        let pad = " ".repeat(14_usize.saturating_sub(shown.chars().count()));
        format!("  {FAINT}{at:>4.1}{FAINT:#}  {who}{pad}{}", clean_line(words))
    }

    /// Looks for itself whether the site shows what landed, and whether every record has a row.
    pub(super) async fn close(&mut self, town: &Town, rig: &Rig, _home: &Home) -> Result<(), Failure> {
        self.seconds = tenths(self.began.elapsed().as_secs_f64());
        for item in self.items.values_mut().filter(|item| item.end == Some(End::Live)) {
            if let Some(landed) = item.landed {
                item.verified = town.shows(landed).await?;
            }
        }
        (self.records, self.rows) = rig.counted(Duration::from_secs(10)).await?;
        Ok(())
    }

    fn is_ok(&self) -> bool {
        self.is_over() && self.items.values().all(|item| item.end == Some(End::Live) && item.verified)
    }

    /// How it went, as one line.
    pub(super) fn json(&self) -> Result<String, Failure> {
        let items = self.items.values().collect();
        let outcome =
            Outcome { ok: self.is_ok(), seconds: self.seconds, records: self.records, rows: self.rows, items };
        serde_json::to_string(&outcome).map_err(|error| Failure::failed("the outcome cannot be written").because(error))
    }

    /// How it went, as a sentence.
    pub(super) fn sentence(&self) -> String {
        let live = self.items.values().filter(|item| item.end == Some(End::Live)).count();
        let Self { items, seconds, records, rows, .. } = self;
        format!(
            "{NAME}{} filed, {live} live, {seconds:.1} s.{NAME:#} {records} records on NATS, {rows} rows in PostgreSQL, \
             0 keys pressed.",
            items.len()
        )
    }

    /// What a script learns.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        if self.is_ok() {
            return Ok(());
        }
        let stuck = self.items.values().find(|item| item.end != Some(End::Live) || !item.verified);
        let which = stuck.map_or_else(|| "an issue".to_owned(), |item| format!("#{}", item.issue));
        Err(Failure::failed(format!("{which} is not live and verified")).advice("`rig why 1` says where it stalled."))
    }
}

/// What an agent says of its work; that it takes something, and that it lives, is told otherwise.
const fn is_words(kind: agent::Kind) -> bool {
    use agent::Kind::{Failed, Finished, GaveUp, Progressed};
    matches!(kind, Progressed | Finished | Failed | GaveUp)
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}
