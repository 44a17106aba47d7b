//! What goes wrong, and when: all of it from one seed.

use std::time::Duration;

use rand::{
    Rng as _,
    rngs::StdRng,
    seq::{SliceRandom as _, index::sample},
};
use serde_json::{Value, json};

use crate::stage::Stage;

/// The longest and the shortest time between two kills.
const PAUSES: std::ops::Range<u64> = 300..3000;

/// How often somebody pushes to the base branch in each round.
const PUSHES: usize = 3;

/// GitHub's troubles: answers that do not come before or after the deed, tokens that die, deliveries that are lost, doubled
/// and late, checks that never end, and a site that lags and stumbles. Who pushes meanwhile is spared.
fn troubles() -> Value {
    let request = |method: Option<&str>, path: &str, what: Value, often: Value| {
        let mut rule = json!({ "on": "request", "path": path, "what": what, "often": often });
        if let Some(method) = method {
            rule["method"] = json!(method);
        }
        rule
    };
    let delivery = |what: Value, chance: f64| json!({ "on": "delivery", "event": "*", "what": what, "often": { "chance": chance } });
    json!([
        request(Some("PUT"), "/repos/*/*/contents/**", json!({ "slow": 1 }), json!({ "chance": 1.0 })),
        request(Some("PUT"), "/repos/*/*/pulls/*/merge", json!({ "silent_after": 1000 }), json!({ "every": 3 })),
        request(Some("POST"), "/repos/**", json!({ "silent_after": 1000 }), json!({ "chance": 0.06 })),
        request(Some("PATCH"), "/repos/**", json!({ "silent_after": 1000 }), json!({ "chance": 0.06 })),
        request(None, "/repos/**", json!({ "silent_before": 1000 }), json!({ "chance": 0.02 })),
        request(None, "/**", json!({ "status": 502 }), json!({ "chance": 0.04 })),
        request(None, "/repos/**", json!("token_dies"), json!({ "chance": 0.01 })),
        delivery(json!("lose"), 0.15),
        delivery(json!("double"), 0.15),
        delivery(json!({ "late": 1500 }), 0.15),
        json!({ "on": "check", "name": "test", "often": { "every": 12 } }),
        json!({ "on": "deployment", "what": { "late": 2000 }, "often": { "every": 3 } }),
        json!({ "on": "visit", "path": "/**", "what": { "status": 503 }, "often": { "chance": 0.1 } }),
    ])
}

/// Lets GitHub stumble while everybody is killed so many times, in a random order; then GitHub is well again.
pub async fn rages(stage: &mut Stage, rounds: u64, dice: &mut StdRng) {
    stage.town.trouble(troubles()).await;
    for round in 0..rounds {
        let mut victims = stage.victims();
        victims.shuffle(dice);
        let pushes = sample(dice, victims.len(), PUSHES).into_vec();
        for (n, victim) in victims.into_iter().enumerate() {
            if pushes.contains(&n) {
                stage.town.push(&format!("notes/{round}-{n}.txt")).await;
            }
            tokio::time::sleep(Duration::from_millis(dice.random_range(PAUSES))).await;
            let name = stage.kill(victim).await;
            eprintln!("killed {name}");
        }
    }
    let struck = stage.town.struck().await;
    eprintln!("GitHub's troubles, how often each: {struck:?}");
    assert!(struck.iter().skip(1).sum::<u64>() >= 10, "it was no storm");
    stage.town.trouble(json!([])).await;
}
