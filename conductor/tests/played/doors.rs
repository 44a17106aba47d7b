//! Whoever carries orders out: two agents, and the door to the played GitHub.

use bus::{
    RecordId,
    catalogue::{
        agent::{self, Claimed, Fence, Finished, Verdict},
        cmd::{GithubOrder, Offer},
        outcome::{End, Left, Look, PullState, Refusal},
        work::Task,
    },
    number::PullNumber,
};
use conductor::{machine::Order, reading::run_of};
use sandbox::{object::Oid, world::NewCommit};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    records,
    town::{Town, ours},
};

const REPO: &str = "/repos/acme/hello.site";

impl Town {
    pub fn does(&mut self, id: RecordId, order: &Order) {
        match order {
            Order::Agent { offer, .. } => self.works(id, offer),
            Order::Github { order, .. } => {
                let end = self.at_github(order);
                self.log(records::outcome(order.verb(), id, end));
            }
            Order::Say { .. } => {
                let end = End::Done { left: Left::Nothing };
                self.log(records::outcome(bus::catalogue::cmd::Verb::Say, id, end));
            }
            Order::Deploy { .. } => panic!("nothing is deployed here"),
        }
    }

    /// An agent claims the offer, does it, and says so.
    fn works(&mut self, id: RecordId, offer: &Offer) {
        let (agent, say) = (if offer.task.is_review() { "review-e" } else { "dev-e" }, String::new());
        let claimed = Claimed { say: say.clone(), fence: offer.fence };
        self.log(records::claim(id.named("claimed"), agent::Kind::Claimed, agent, &claimed));
        let result = match &offer.task {
            Task::Review { head, .. } => {
                let (head, verdict) = (*head, Verdict::Approved);
                agent::Outcome::Judged { head, verdict, body: "Reads well.".to_owned(), remarks: Vec::new() }
            }
            _ => {
                let head = self.pushes(&offer.branch, offer.fence);
                agent::Outcome::Pushed { head, title: offer.item.title.clone(), body: "As asked.".to_owned() }
            }
        };
        let finished = Finished { say, fence: offer.fence, result };
        self.log(records::claim(id.named("finished"), agent::Kind::Finished, agent, &finished));
    }

    fn pushes(&mut self, branch: &str, Fence { run, generation }: Fence) -> bus::commit::Oid {
        let author = self.world.account("dev-e", sandbox::world::Kind::User);
        let message = format!("Greet by name\n\nRig-Run: {run}.{generation}\n");
        let path = format!("{}.js", branch.replace('/', "-"));
        let files = [(path.as_str(), Some(&b"export const hello = name => `Hello, ${name}!`;\n"[..]))];
        let new = NewCommit { author, message: &message, files: &files };
        let head = self.world.commit(self.site, branch, &new).unwrap();
        self.carry();
        ours(head)
    }

    fn at_github(&mut self, order: &GithubOrder) -> End {
        let left = match order {
            GithubOrder::Open { branch, base, title, body, issue, .. } => {
                let new = json!({"title": title, "head": branch, "base": base, "body": body});
                let pull = match self.try_to("POST", "dev-e", &format!("{REPO}/pulls"), &new) {
                    (201, opened) => opened["number"].as_u64().unwrap(),
                    // What began again finds what is there of the first time.
                    (422, _) => {
                        let there = self.shows(&format!("{REPO}/pulls?head=acme:{branch}&state=open"));
                        there[0]["number"].as_u64().unwrap()
                    }
                    (status, answer) => panic!("{status}: {answer}"),
                };
                self.people_see(issue.0, pull);
                Left::Pull { pull: PullNumber(pull) }
            }
            GithubOrder::Review { pull, head, verdict: Verdict::Approved, body, .. } => {
                let new = json!({"event": "APPROVE", "commit_id": head, "body": body});
                self.ask("POST", "review-e", &format!("{REPO}/pulls/{}/reviews", pull.0), &new, 200);
                Left::Nothing
            }
            GithubOrder::Look { pull, .. } => Left::Look(Box::new(self.look(*pull))),
            GithubOrder::Merge { pull, head, title } => return self.merges(*pull, *head, title),
            GithubOrder::Update { pull, head } => return self.updates(*pull, *head),
            GithubOrder::Tell { thread, text, .. } | GithubOrder::Answer { thread, text, .. } => {
                let path = format!("{REPO}/issues/{thread}/comments");
                self.ask("POST", "conductor-e", &path, &json!({ "body": text }), 201);
                Left::Nothing
            }
            GithubOrder::Judge { .. } => Left::Nothing,
            other => panic!("nobody asked for {other:?}"),
        };
        End::Done { left }
    }

    fn merges(&mut self, pull: PullNumber, head: bus::commit::Oid, title: &str) -> End {
        let new = json!({"sha": head, "commit_title": title, "merge_method": "squash"});
        match self.try_to("PUT", "conductor-e", &format!("{REPO}/pulls/{}/merge", pull.0), &new) {
            (200, merged) => self.left(&merged["sha"]),
            (409, answer) => refused(Refusal::HeadMoved, &answer),
            (_, answer) => refused(Refusal::NotMergeable, &answer),
        }
    }

    fn updates(&mut self, pull: PullNumber, head: bus::commit::Oid) -> End {
        let place = format!("{REPO}/pulls/{}", pull.0);
        let new = json!({ "expected_head_sha": head });
        match self.try_to("PUT", "conductor-e", &format!("{place}/update-branch"), &new) {
            (202, _) => {
                let pull = self.shows(&place);
                self.left(&pull["head"]["sha"])
            }
            (_, answer) => refused(Refusal::HeadMoved, &answer),
        }
    }

    fn left(&self, commit: &Value) -> End {
        let commit: Oid = commit.as_str().unwrap().parse().unwrap();
        End::Done { left: Left::Commit { commit: ours(commit), tree: self.tree(commit) } }
    }

    /// Reads a pull request back.
    fn look(&mut self, number: PullNumber) -> Look {
        let pull = self.ask("GET", "conductor-e", &format!("{REPO}/pulls/{}", number.0), &Value::Null, 200);
        let head: Oid = pull["head"]["sha"].as_str().unwrap().parse().unwrap();
        let base = self.world.branch(self.site, "main").unwrap();
        let objects = self.world.objects();
        let message = objects.commit(head).unwrap().message.clone();
        let behind = u32::try_from(objects.ahead_behind(base, head).behind).unwrap();
        Look {
            pull: number,
            head: ours(head),
            tree: self.tree(head),
            run: run_of(&message),
            base: ours(base),
            behind,
            state: match (pull["state"].as_str(), pull["merge_commit_sha"].as_str()) {
                (Some("open"), _) => PullState::Open,
                (_, Some(commit)) if pull["merged"] == true => PullState::Merged { commit: commit.parse().unwrap() },
                _ => PullState::Closed,
            },
            draft: pull["draft"].as_bool().unwrap(),
            mergeable: pull["mergeable"].as_bool(),
            patch: "the change".to_owned(),
            authors: vec!["dev-e".to_owned()],
            more_authors: false,
            updated_at: OffsetDateTime::parse(pull["updated_at"].as_str().unwrap(), &Rfc3339).unwrap(),
        }
    }

    fn tree(&self, commit: Oid) -> bus::commit::Oid {
        ours(self.world.objects().commit(commit).unwrap().tree)
    }
}

fn refused(why: Refusal, answer: &Value) -> End {
    End::Refused { why, answer: answer.to_string() }
}
