//! Histories: what people file and mend, drawn from a seed; and what is there in the end.

use std::collections::BTreeMap;

use conductor::machine::state::Ending;
use rand::{Rng, SeedableRng, rngs::SmallRng};
use serde_json::{Value, json};

use crate::{
    fate::Fate,
    town::{Times, Town},
};

const REPO: &str = "/repos/acme/hello.site";

/// The most issues of one history.
const MOST_ISSUES: u64 = 4;

/// One issue, as it is filed and mended.
struct Filed {
    body: String,
    /// It gets its label afterwards.
    labelled_later: bool,
    /// Its words are mended before anybody works on it.
    mended: bool,
}

/// What people do, and what chance does to it.
pub struct History {
    issues: Vec<Filed>,
    choices: Vec<u8>,
}

/// What is there in the end: nothing of who came first.
#[derive(PartialEq, Eq, Debug)]
pub struct End {
    issues: BTreeMap<u64, String>,
    /// How many pull requests there are of each state.
    pulls: BTreeMap<String, usize>,
    /// The base branch's files.
    files: BTreeMap<String, String>,
}

impl End {
    /// One pull request an issue, merged, and a file of each beside the two that were there.
    pub fn is_all_landed(&self) -> bool {
        let count = self.issues.len();
        let merged = self.pulls == BTreeMap::from([("merged".to_owned(), count)]);
        merged && self.issues.values().all(|end| end == "landed") && self.files.len() == count + 2
    }
}

impl History {
    pub fn drawn(seed: u64) -> Self {
        let mut chance = SmallRng::seed_from_u64(seed);
        let count = chance.random_range(1..=MOST_ISSUES);
        let issues = (1..=count).map(|number| Filed::drawn(&mut chance, number)).collect();
        let length = chance.random_range(1..200);
        Self { issues, choices: (0..length).map(|_| chance.random()).collect() }
    }

    /// Every delivery comes, once and at once.
    pub fn undisturbed(&self) -> End {
        let mut town = self.happens(Town::new(Times::Once));
        town.goes_on();
        self.end(town)
    }

    /// A third of the deliveries is lost, others come twice, late or in another order; what was lost is reconciled. How
    /// many were lost, and how many GitHub was asked for again.
    pub fn disturbed(&self) -> (End, [u32; 2]) {
        let mut town = Town::new(Times::ByChance);
        town.fate = Fate::of(self.choices.clone());
        let mut town = self.happens(town);
        town.lives(self.issues.len() as u64);
        let counts = [town.lost, town.asked_again];
        (self.end(town), counts)
    }

    fn happens(&self, mut town: Town) -> Town {
        for (number, filed) in (1..).zip(&self.issues) {
            let labels = if filed.labelled_later { json!([]) } else { json!(["agent-ready"]) };
            let new = json!({"title": format!("Wish number {number}"), "body": filed.body, "labels": labels});
            town.ask("POST", "nora", &format!("{REPO}/issues"), &new, 201);
        }
        for (number, filed) in (1..).zip(&self.issues) {
            let issue = format!("{REPO}/issues/{number}");
            if filed.mended {
                let body = format!("{}\n\nIn blue.", filed.body);
                town.ask("PATCH", "nora", &issue, &json!({ "body": body }), 200);
            }
            if filed.labelled_later {
                town.ask("POST", "nora", &format!("{issue}/labels"), &json!({"labels": ["agent-ready"]}), 200);
            }
        }
        town
    }

    fn end(&self, mut town: Town) -> End {
        assert_eq!(town.open_orders(), 0, "an order is open: {}", town.stands());
        let issues = (1..=self.issues.len() as u64).map(|issue| (issue, ended(&town, issue))).collect();
        let mut pulls = BTreeMap::new();
        for pull in town.shows(&format!("{REPO}/pulls?state=all&per_page=100")).as_array().unwrap() {
            let state = if pull["merged_at"].is_null() { &pull["state"] } else { &json!("merged") };
            *pulls.entry(state.as_str().unwrap().to_owned()).or_default() += 1;
        }
        let tree = town.shows(&format!("{REPO}/git/trees/main?recursive=1"));
        let entry = |entry: &Value| (entry["path"].as_str().unwrap().to_owned(), entry["sha"].to_string());
        End { issues, pulls, files: tree["tree"].as_array().unwrap().iter().map(entry).collect() }
    }
}

fn ended(town: &Town, issue: u64) -> String {
    match town.end_of(issue) {
        Some(Ending::Superseded { by }) => format!("superseded by {by}"),
        Some(end) => end.name().to_owned(),
        None => format!("goes on: {}", town.stands()),
    }
}

impl Filed {
    fn drawn(chance: &mut SmallRng, number: u64) -> Self {
        let mut body = "The page says it, in one line.".to_owned();
        for first in 1..number {
            if chance.random_ratio(1, 3) {
                body.push_str(&format!("\n\nDepends on #{first}"));
            }
        }
        Self { body, labelled_later: chance.random_ratio(1, 3), mended: chance.random_ratio(1, 4) }
    }
}
