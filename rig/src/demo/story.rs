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

use super::{
    balance::Balance,
    town::{ACTS, Act, Town},
};
use crate::{
    exit::Failure,
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
    /// How often a person pressed a key.
    keys: u32,
    /// What was lost and what was doubled, where it was tried.
    balance: Option<Balance>,
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

impl Item {
    const fn new(issue: u64, page: &'static str) -> Self {
        Self {
            issue,
            pull_request: None,
            landed: None,
            live_url: None,
            verified: false,
            seconds: None,
            page,
            end: None,
        }
    }
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
        Self { began: Instant::now(), items, gates, records: 0, rows: 0, seconds: 0.0, keys: 0, balance: None }
    }

    /// An issue was filed; how that is told.
    pub(super) fn filed(&mut self, issue: u64, act: &Act) -> String {
        self.items.insert(issue, Item::new(issue, act.page));
        self.line("you", &format!("#{issue} {}{}", act.title, act.note))
    }

    /// Whether every issue has come to an end, or one of them to where only a person helps: the others may wait for it.
    pub(super) fn is_over(&self) -> bool {
        let ends = || self.items.values().map(|item| item.end);
        ends().any(|end| end == Some(End::Stuck)) || (ends().count() >= ACTS.len() && ends().all(|end| end.is_some()))
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
        // One that a person filed meanwhile is told like the others.
        let item = self.items.entry(number).or_insert_with(|| Item::new(number, "/"));
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

    /// Looks for itself whether the site shows what landed.
    pub(super) async fn close(&mut self, town: &Town) -> Result<(), Failure> {
        self.seconds = tenths(self.began.elapsed().as_secs_f64());
        for item in self.items.values_mut().filter(|item| item.end == Some(End::Live)) {
            if let Some(landed) = item.landed {
                item.verified = town.shows(landed).await?;
            }
        }
        Ok(())
    }

    /// Counts what was lost and what was doubled, once GitHub was asked for what met nobody.
    pub(super) async fn weigh(&mut self, town: &Town, rig: &Rig) -> Result<(), Failure> {
        let issues: Vec<u64> = self.items.keys().copied().collect();
        let deadline = Instant::now() + SETTLED_WITHIN;
        self.balance = loop {
            let balance = Balance::of(rig.operator(), town, &issues).await?;
            if balance.lost.is_empty() || Instant::now() >= deadline {
                break Some(balance);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        };
        Ok(())
    }

    /// Counts records and rows.
    pub(super) async fn count(&mut self, rig: &Rig) -> Result<(), Failure> {
        (self.records, self.rows) = rig.counted(Duration::from_secs(10)).await?;
        Ok(())
    }

    fn is_ok(&self) -> bool {
        let balanced = self.balance.as_ref().is_none_or(|balance| *balance == Balance::default());
        balanced
            && self.records == self.rows
            && self.is_over()
            && self.items.values().all(|item| item.end == Some(End::Live) && item.verified)
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
        let Self { items, seconds, records, rows, keys, .. } = self;
        format!(
            "{NAME}{} filed, {live} live, {seconds:.1} s.{NAME:#} {records} records on NATS, {rows} rows in PostgreSQL, \
             {keys} keys pressed.",
            items.len()
        )
    }

    /// What was lost and what was doubled, as a sentence.
    pub(super) fn balance(&self) -> Option<String> {
        let Balance { lost, doubled } = self.balance.as_ref()?;
        let said = |things: &[String]| match things {
            [] => "nothing".to_owned(),
            things => things.join(", "),
        };
        Some(format!("Lost: {}. Doubled: {}.", said(lost), said(doubled)))
    }

    /// A person pressed a key.
    pub(super) const fn press(&mut self) {
        self.keys += 1;
    }

    /// A line of somebody who only looks on.
    pub(super) fn aside(&self, words: &str) -> String {
        let at = self.began.elapsed().as_secs_f64();
        format!("  {FAINT}{at:>4.1}{FAINT:#}  {:<14}{words}", "plug")
    }

    /// What a script learns.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        if self.is_ok() {
            return Ok(());
        }
        let stuck = self.items.values().find(|item| item.end != Some(End::Live) || !item.verified);
        let Some(item) = stuck else {
            let what = format!("{} records have {} rows, or something was lost or doubled", self.records, self.rows);
            return Err(
                Failure::failed(what).advice("`rig demo --keep` stays up: `rig status` says how far the rows are.")
            );
        };
        let advice = format!("`rig demo --keep` stays up: `rig why {}` says where it stalled.", item.issue);
        Err(Failure::failed(format!("#{} is not live and verified", item.issue)).advice(advice))
    }
}

/// What an agent says of its work; that it takes something, and that it lives, is told otherwise.
const fn is_words(kind: agent::Kind) -> bool {
    use agent::Kind::{Failed, Finished, GaveUp, Progressed};
    matches!(kind, Progressed | Finished | Failed | GaveUp)
}

/// GitHub is asked within this for what met nobody.
const SETTLED_WITHIN: Duration = Duration::from_secs(30);

const LOOK_EVERY: Duration = Duration::from_millis(200);

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}
