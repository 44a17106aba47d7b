//! Histories: what people file and mend, drawn from a seed; and what is there in the end.

use std::collections::BTreeMap;

use conductor::machine::state::Ending;
use rand::{Rng, SeedableRng, rngs::SmallRng};
use serde_json::{Value, json};

use crate::{
    fate::Fate,
    people::{GivesUp, Review},
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
    /// It is closed, and opened again.
    closed_and_opened: bool,
    /// It says too little; when that is asked about, it is given up.
    given_up: Option<GivesUp>,
    /// A person reads its pull request as soon as that is there.
    read_by_a_person: Option<Review>,
    /// A person pushes to the base branch before it is filed. Later such a push may fall between look and merge: then another
    /// tree lands than the tested one, and a person is told.
    main_moves: bool,
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
    /// One pull request an issue that was not given up, merged, and a file of each beside what people put there.
    pub fn is_all_landed(&self, History { issues, .. }: &History) -> bool {
        let landed = issues.iter().filter(|filed| filed.given_up.is_none()).count();
        let by_people = 2 + issues.iter().filter(|filed| filed.given_up.is_none() && filed.main_moves).count();
        let merged = BTreeMap::from([("merged".to_owned(), landed)]);
        let pulls = if landed == 0 { self.pulls.is_empty() } else { self.pulls == merged };
        let is_as_wanted =
            |(end, filed): (&String, &Filed)| end == if filed.given_up.is_some() { "cancelled" } else { "landed" };
        pulls && self.issues.values().zip(issues).all(is_as_wanted) && self.files.len() == landed + by_people
    }
}

impl History {
    pub fn drawn(seed: u64) -> Self {
        let mut chance = SmallRng::seed_from_u64(seed);
        let count = chance.random_range(1..=MOST_ISSUES);
        let mut issues: Vec<Filed> = Vec::new();
        for _ in 0..count {
            let filed = Filed::drawn(&mut chance, &issues);
            issues.push(filed);
        }
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
            if filed.main_moves {
                town.people_push(&format!("note-{number}.txt"));
            }
            let title = if filed.given_up.is_some() { "Hm".to_owned() } else { format!("Wish number {number}") };
            let new = json!({"title": title, "body": filed.body, "labels": labels});
            town.people.expects(number, filed.given_up, filed.read_by_a_person);
            town.ask("POST", "nora", &format!("{REPO}/issues"), &new, 201);
        }
        for (number, filed) in (1..).zip(&self.issues) {
            let issue = format!("{REPO}/issues/{number}");
            if filed.closed_and_opened {
                town.ask("PATCH", "nora", &issue, &json!({"state": "closed"}), 200);
                town.ask("PATCH", "nora", &issue, &json!({"state": "open"}), 200);
            }
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
    fn drawn(chance: &mut SmallRng, earlier: &[Self]) -> Self {
        if chance.random_ratio(1, 6) {
            return Self::given_up(chance);
        }
        let mut body = "The page says it, in one line.".to_owned();
        for (first, _) in (1..).zip(earlier).filter(|(_, filed)| filed.is_done_without_a_word()) {
            if chance.random_ratio(1, 3) {
                body.push_str(&format!("\n\nDepends on #{first}"));
            }
        }
        Self {
            body,
            labelled_later: chance.random_ratio(1, 3),
            mended: chance.random_ratio(1, 4),
            closed_and_opened: chance.random_ratio(1, 4),
            given_up: None,
            read_by_a_person: [None, None, Some(Review::Approves), Some(Review::Rejects)][chance.random_range(0..4)],
            main_moves: chance.random_ratio(1, 4),
        }
    }

    /// Of whatever waits for one that was closed meanwhile a person is asked.
    const fn is_done_without_a_word(&self) -> bool {
        self.given_up.is_none() && !self.closed_and_opened
    }

    fn given_up(chance: &mut SmallRng) -> Self {
        Self {
            body: String::new(),
            labelled_later: chance.random_ratio(1, 3),
            mended: false,
            closed_and_opened: false,
            given_up: Some(if chance.random() { GivesUp::Cancels } else { GivesUp::Closes }),
            read_by_a_person: None,
            main_moves: false,
        }
    }
}
