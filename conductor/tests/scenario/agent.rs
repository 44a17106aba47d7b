//! What agents say of their runs.

use std::time::Duration;

use bus::catalogue::agent::{Failure, Outcome, Verdict};
use conductor::machine::{
    Fact,
    fact::{Claim, Says},
};

use super::{line::parse, stage::Stage};

pub(crate) fn claim(stage: &mut Stage, agent: &str, words: &[&str]) {
    let (number, what) = match words {
        ["claims", number] => (number, Says::Claimed),
        ["asks", "whether", "to", "go", "on", "with", number] => return stage.tells_next(agent, parse(number), None),
        ["asks", "whether", "to", "go", "on", "with", number, "of", generation] => {
            return stage.tells_next(agent, parse(number), Some(parse(generation)));
        }
        ["is", "alive"] => {
            return stage.tell(Fact::Claim(Claim { agent: agent.to_owned(), fence: None, what: alive() }));
        }
        ["is", "told", "to", "stop", number] => (number, Says::Failed(Failure::Stopped)),
        ["lives", "on", number, "for", count, "min"] => {
            for _ in 0..parse::<u32>(count) {
                stage.wait(Duration::from_secs(60));
                claim(stage, agent, &["is", "alive", "on", number]);
            }
            return;
        }
        ["is", "alive", "on", number] => (number, alive()),
        ["pushed", head, "for", number] => {
            let head = stage.names.oid(head);
            (
                number,
                Says::Finished(Outcome::Pushed {
                    head,
                    title: "A change".to_owned(),
                    body: "What and why.".to_owned(),
                }),
            )
        }
        ["approves", head, "of", number] => (number, judged(stage, head, Verdict::Approved)),
        ["rejects", head, "of", number] => (number, judged(stage, head, Verdict::ChangesRequested)),
        ["comments", "on", head, "of", number] => (number, judged(stage, head, Verdict::Commented)),
        ["breaks", "on", number] => (number, Says::Failed(Failure::Broken { error: "no space left".to_owned() })),
        ["leaves", "nothing", "of", number] => (number, Says::Failed(Failure::Nothing)),
        ["runs", "out", "on", number] => (number, Says::Failed(Failure::Incomplete)),
        ["is", "full", "on", number] => {
            let until = stage.now + Duration::from_secs(1800);
            (number, Says::Failed(Failure::Saturated { until }))
        }
        ["gives", "up", number, why] => (number, Says::GaveUp((*why).to_owned())),
        ["late", "claims", number, "of", generation] => return late(stage, agent, number, generation, Says::Claimed),
        ["late", "pushed", head, "for", number, "of", generation] => {
            let head = stage.names.oid(head);
            let left = Outcome::Pushed { head, title: "A change".to_owned(), body: String::new() };
            return late(stage, agent, number, generation, Says::Finished(left));
        }
        _ => panic!("`{agent} {}` is not known", words.join(" ")),
    };
    let fence = Some(stage.last_fence(parse(number)));
    stage.tell(Fact::Claim(Claim { agent: agent.to_owned(), fence, what }));
}

const fn alive() -> Says {
    Says::Alive { resting_until: None }
}

fn judged(stage: &mut Stage, head: &str, verdict: Verdict) -> Says {
    let head = stage.names.oid(head);
    Says::Finished(Outcome::Judged { head, verdict, body: "Read.".to_owned(), remarks: Vec::new() })
}

/// A claim under an older fence.
fn late(stage: &mut Stage, agent: &str, number: &str, generation: &str, what: Says) {
    let key = Stage::key(parse(number));
    let generation = parse(generation);
    let fence = bus::catalogue::agent::Fence { run: conductor::machine::run::run_of(key, generation), generation };
    stage.tell(Fact::Claim(Claim { agent: agent.to_owned(), fence: Some(fence), what }));
}
