//! Examples out of the life of one work item.

use bus::{
    catalogue::{
        Kind,
        agent::{self, Alive, Claimed, Failed, Failure, Fence, Finished, GaveUp, Outcome as Left, Progressed, Verdict},
        cmd::{Deploy, DeployOrder, Door, Github, GithubOrder, Offer, Say, Verb},
        deploy::{Observed, Smoked},
        outcome::{End, Left as Number, Outcome},
        trace,
        work::{self, About, Course, Leased, Standing, Task, Transition},
    },
    commit::Oid,
    number::{IssueNumber, PullNumber, RepositoryId},
};
use serde_json::Value;

use super::{MOMENT, id, record};

const ITEM: Option<&str> = Some("acme/hello.site#42");
const SITE: &str = "https://hello.acme.example";

fn head() -> Oid {
    "4c1e0a9d5b6f7081920a3b4c5d6e7f8091a2b3c4".parse().unwrap()
}

fn about() -> About {
    About {
        repository_id: RepositoryId(1_296_269),
        repository: "acme/hello.site".to_owned(),
        number: IssueNumber(42),
        title: "Greet the visitor by name".to_owned(),
    }
}

fn fence() -> Fence {
    Fence { run: id("run"), generation: 1 }
}

pub(super) fn moved(kind: work::Kind) -> Value {
    let leased = Leased {
        task: Task::Build,
        run: fence().run,
        agent: "dev-e".to_owned(),
        pool: "linux".to_owned(),
        since: MOMENT,
        until: MOMENT + time::Duration::minutes(3),
        last: MOMENT + time::Duration::hours(2),
    };
    let course = Course {
        standing: Standing::Leased(leased),
        generation: 1,
        strikes: 0,
        resumes: 0,
        rounds: 0,
        repairs: 0,
        merges: 0,
        pull: None,
        hold: None,
        permit: None,
        landed: None,
        passed_by: Vec::new(),
        asked_for: false,
    };
    let transition = Transition {
        say: "#42 goes to dev-e.".to_owned(),
        item: about(),
        before: "offered".to_owned(),
        after: "leased".to_owned(),
        actor: Some("dev-e".to_owned()),
        commit: None,
        url: None,
        course,
    };
    record(Kind::Work(kind), "/rig/conductor", ITEM, transition)
}

pub(super) fn claimed(kind: agent::Kind) -> Value {
    let (source, fence) = ("/rig/agent/dev-e", fence());
    let say = |words: &str| words.to_owned();
    let of = Kind::Agent(kind);
    match kind {
        agent::Kind::Claimed => record(of, source, ITEM, Claimed { say: String::new(), fence }),
        agent::Kind::Alive => {
            let (role, pool) = (say("implementer"), say("linux"));
            record(of, source, ITEM, Alive { say: String::new(), role, pool, work: Some(fence), resting_until: None })
        }
        agent::Kind::Progressed => {
            let words = "I take it as: ?name=Ada says \"Hello, Ada!\", no name says \"Hello!\"";
            record(of, source, ITEM, Progressed { say: say(words), fence })
        }
        agent::Kind::Finished => {
            let result = Left::Judged {
                head: head(),
                verdict: Verdict::Approved,
                body: say("Read, and tried."),
                remarks: Vec::new(),
            };
            record(of, "/rig/agent/review-e", ITEM, Finished { say: say("approved 4c1e0a9"), fence, result })
        }
        agent::Kind::Failed => {
            let failure = Failure::Broken { error: say("no space left on device") };
            record(of, source, ITEM, Failed { say: say("the disk is full"), fence, failure })
        }
        agent::Kind::GaveUp => {
            record(of, source, ITEM, GaveUp { say: say("the issue contradicts its own test"), fence })
        }
    }
}

pub(super) fn turned() -> Value {
    let say = |words: &str| words.to_owned();
    let end = trace::End { outcome: say("done"), took: 41_300, said: vec![say("I take it as: …")], talk: say("ok") };
    let said =
        trace::Turn { say: say("Turn 2 ended: done."), fence: fence(), turn: 2, brain: say("command"), end: Some(end) };
    record(Kind::TraceTurn, "/rig/agent", ITEM, said)
}

pub(super) fn ordered(verb: Verb) -> Value {
    let (kind, source, repository) = (Kind::Command(verb), "/rig/conductor", "acme/hello.site".to_owned());
    let repository_id = RepositoryId(1_296_269);
    match verb.door() {
        Door::Agent => record(kind, source, ITEM, offer()),
        Door::Chat => record(kind, source, None, Say { say: "Nothing needs nora.".to_owned(), push: Vec::new() }),
        Door::Deploy => {
            let order = DeployOrder::Observe { commit: head(), known: None };
            let say = "look at the site".to_owned();
            record(kind, source, ITEM, Deploy { say, repository_id, repository, url: SITE.to_owned(), order })
        }
        Door::Github => {
            let title = "Greet the visitor by name (#42)".to_owned();
            let order = GithubOrder::Merge { pull: PullNumber(57), head: head(), title };
            record(kind, source, ITEM, Github { say: "land !57".to_owned(), repository_id, repository, order })
        }
    }
}

fn offer() -> Offer {
    Offer {
        say: "build acme/hello.site#42".to_owned(),
        fence: fence(),
        item: about(),
        task: Task::Build,
        attempt: 1,
        branch: "rig/42-greet-the-visitor-by-name".to_owned(),
        base: "main".to_owned(),
        pull: None,
    }
}

pub(super) fn done(verb: Verb) -> Value {
    let end = End::Done { left: Number::Pull { pull: PullNumber(57) } };
    let outcome = Outcome { say: "!57 is open".to_owned(), command: id("command"), end };
    record(Kind::Outcome(verb), "/rig/github", ITEM, outcome)
}

pub(super) fn observed() -> Value {
    let say = "the site shows 4c1e0a9".to_owned();
    let observed = Observed { say, repository_id: RepositoryId(1_296_269), commit: head(), url: SITE.to_owned() };
    record(Kind::DeployObserved, "/rig/probe", None, observed)
}

pub(super) fn smoked() -> Value {
    let smoked = Smoked {
        say: "smoke 4 of 4".to_owned(),
        repository_id: RepositoryId(1_296_269),
        commit: head(),
        url: SITE.to_owned(),
        checks: 4,
        failures: Vec::new(),
    };
    record(Kind::DeploySmoked, "/rig/probe", None, smoked)
}
