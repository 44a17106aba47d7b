//! What people do of their own accord, when they see what they waited for.

use std::collections::BTreeMap;

use bus::{
    RecordId, Subject, Token,
    catalogue::{Kind, chat::Said, work::Standing},
    number::{IssueNumber, ItemKey, RepositoryId},
};
use sandbox::world::NewCommit;
use serde_json::json;

use crate::{records, town::Town};

const REPO: &str = "/repos/acme/hello.site";

/// How somebody gives up an issue that is asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GivesUp {
    /// In chat.
    Cancels,
    /// On GitHub.
    Closes,
}

/// What somebody says of a pull request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Review {
    Approves,
    Rejects,
}

/// What people will do, by issue.
#[derive(Default)]
pub struct People {
    give_up: BTreeMap<u64, GivesUp>,
    read: BTreeMap<u64, Review>,
}

impl People {
    pub fn expects(&mut self, issue: u64, gives_up: Option<GivesUp>, reads: Option<Review>) {
        self.give_up.extend(gives_up.map(|how| (issue, how)));
        self.read.extend(reads.map(|review| (issue, review)));
    }
}

impl Town {
    /// Whoever is asked what is meant gives it up.
    pub fn people_answer(&mut self) {
        let is_asked = |issue: &u64| {
            let key = ItemKey { repository: RepositoryId(self.site.0), issue: IssueNumber(*issue) };
            let item = self.state().items.get(&key);
            item.is_some_and(|item| matches!(item.course.standing, Standing::Waiting(_)))
        };
        let asked: Vec<u64> = self.people.give_up.keys().copied().filter(is_asked).collect();
        for issue in asked {
            match self.people.give_up.remove(&issue).unwrap() {
                GivesUp::Cancels => self.says("nora", &format!("cancel acme/hello.site#{issue}")),
                GivesUp::Closes => {
                    self.ask("PATCH", "nora", &format!("{REPO}/issues/{issue}"), &json!({"state": "closed"}), 200);
                }
            }
        }
    }

    fn says(&mut self, who: &str, say: &str) {
        let said = Said {
            say: say.to_owned(),
            room: "general".to_owned(),
            who: who.to_owned(),
            door: Some("terminal".to_owned()),
        };
        let subject = Subject::ChatOperator { room: Token::of("general"), who: Token::of(who) };
        self.log(records::draft(RecordId::of_delivery(say), Kind::ChatSaid, subject, &said));
    }

    /// A pull request is there: whoever waited for it reads it.
    pub fn people_see(&mut self, issue: u64, pull: u64) {
        if let Some(review) = self.people.read.remove(&issue) {
            let event = match review {
                Review::Approves => "APPROVE",
                Review::Rejects => "REQUEST_CHANGES",
            };
            let new = json!({"event": event, "body": "As I see it."});
            self.ask("POST", "nora", &format!("{REPO}/pulls/{pull}/reviews"), &new, 200);
        }
    }

    /// Somebody puts a file on the base branch, past everybody.
    pub fn people_push(&mut self, name: &str) {
        let author = self.world.account("nora", sandbox::world::Kind::User);
        let files = [(name, Some(&b"A note.\n"[..]))];
        self.world.commit(self.site, "main", &NewCommit { author, message: "A note", files: &files }).unwrap();
        self.carry();
    }
}
