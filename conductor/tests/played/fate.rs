//! Chance: deliveries that are lost, doubled and held back; and what is looked up because of that.

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{Kind, due::Tick},
};
use conductor::github::inbound;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::town::Town;

const REPO: &str = "/repos/acme/hello.site";

/// How many steps a life may have.
const MOST: usize = 1200;

/// What comes next, drawn before anything happens.
#[derive(Default)]
pub struct Fate {
    choices: Vec<u8>,
    at: usize,
}

impl Fate {
    pub fn of(choices: Vec<u8>) -> Self {
        Self { choices, at: 0 }
    }

    /// One of so many. When all is drawn it goes round, each time another way.
    fn next(&mut self, of: usize) -> usize {
        let count = self.choices.len().max(1);
        let choice = self.choices.get(self.at % count).map_or(0, |choice| usize::from(*choice));
        let round = self.at / count;
        self.at += 1;
        (choice + round) % of
    }
}

impl Town {
    /// A third of the deliveries is lost, some come twice, and none at once.
    pub fn draws(&mut self, draft: Draft) {
        let copies = match self.fate.next(6) {
            0 | 1 => 0,
            2 => 2,
            _ => 1,
        };
        self.late.extend(std::iter::repeat_n(draft, copies));
    }

    /// Orders and deliveries in any order, until these issues have ended.
    pub fn lives(&mut self, issues: u64) {
        for _ in 0..MOST {
            let busy = self.open.len() + self.late.len();
            if busy == 0 && (1..=issues).all(|issue| self.end_of(issue).is_some()) && self.open_orders() == 0 {
                return;
            }
            if busy == 0 {
                self.looks_everything_up();
                self.ticks();
                continue;
            }
            let next = self.fate.next(busy);
            if next < self.open.len() {
                let (id, order) = self.open.remove(next).unwrap();
                self.does(id, &order);
            } else {
                let draft = self.late.swap_remove(next - self.open.len());
                self.log(draft);
            }
        }
        panic!("it does not come to an end:\n{}\n{}", self.sentences.join("\n"), self.stands());
    }

    fn ticks(&mut self) {
        let tick = Tick { say: "the clock ticked".to_owned() };
        let name = Kind::DueTick.type_name();
        let envelope =
            Envelope::new(RecordId::of_delivery("tick"), name, "/rig/clock", OffsetDateTime::UNIX_EPOCH, tick);
        self.log(Draft::new(Subject::Due { kind: Token::of("tick") }, &envelope).unwrap());
    }

    /// A record of what was looked up.
    pub fn looked_up(&mut self, event: &str, what: &Value) -> Draft {
        let mut payload = what.clone();
        payload["action"] = json!("observed");
        payload["repository"] = self.shows(REPO);
        let headers = [("x-github-event", event), ("x-github-delivery", "looked up")];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let body = payload.to_string();
        inbound::draft(&headers.into_iter().collect(), body.as_bytes(), OffsetDateTime::UNIX_EPOCH).unwrap()
    }

    pub fn shows(&mut self, path: &str) -> Value {
        self.ask("GET", "conductor-e", path, &Value::Null, 200)
    }

    fn looks_everything_up(&mut self) {
        for branch in items(&self.shows(&format!("{REPO}/branches"))) {
            let commit = self.shows(&format!("{REPO}/commits/{}", text(&branch["commit"]["sha"])));
            let (tree_id, message) = (&commit["commit"]["tree"]["sha"], &commit["commit"]["message"]);
            let head = json!({"id": commit["sha"], "tree_id": tree_id, "message": message});
            let reference = format!("refs/heads/{}", text(&branch["name"]));
            self.finds("push", &json!({"ref": reference, "after": commit["sha"], "head_commit": head}));
        }
        for issue in items(&self.shows(&format!("{REPO}/issues?state=all"))) {
            self.finds("issues", &json!({ "issue": issue }));
        }
        for pull in items(&self.shows(&format!("{REPO}/pulls?state=all"))) {
            self.looks_up_pull(&pull);
        }
    }

    fn looks_up_pull(&mut self, pull: &Value) {
        let place = format!("{REPO}/pulls/{}", pull["number"]);
        let pull = self.shows(&place);
        self.finds("pull_request", &json!({ "pull_request": pull }));
        for review in items(&self.shows(&format!("{place}/reviews"))) {
            self.finds("pull_request_review", &json!({"review": review, "pull_request": pull}));
        }
        let runs = self.shows(&format!("{REPO}/commits/{}/check-runs", text(&pull["head"]["sha"])));
        for run in items(&runs["check_runs"]) {
            self.finds("check_run", &json!({ "check_run": run }));
        }
    }

    fn finds(&mut self, event: &str, what: &Value) {
        let draft = self.looked_up(event, what);
        self.log(draft);
    }
}

fn items(list: &Value) -> Vec<Value> {
    list.as_array().unwrap().clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
