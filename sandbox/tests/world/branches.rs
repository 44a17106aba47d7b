//! Branches that get another name.

use sandbox::world::Effect;
use serde_json::json;

use crate::{
    rounds::{PULLS, commit, opened, told},
    stage::Stage,
};

const SITE: &str = "/repos/acme/hello.site";

fn renamed(stage: &mut Stage, token: &str, old: &str, new: &str) -> crate::stage::Told {
    stage.post(token, &format!("{SITE}/branches/{old}/rename"), json!({"new_name": new}))
}

#[test]
fn what_is_aimed_at_a_branch_goes_with_its_name() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    opened(&mut stage, "greet", "");
    let rules = json!({
        "required_status_checks": null, "enforce_admins": null, "required_pull_request_reviews": null,
        "restrictions": null,
    });
    stage.put(&ada, &format!("{SITE}/branches/main/protection"), rules).expect(200);
    let tip = stage.branch("main");
    stage.told();
    renamed(&mut stage, &nora, "main", "trunk").expect(403);
    let branch = renamed(&mut stage, &ada, "main", "trunk").expect(201);
    assert_eq!((&branch["name"], &branch["protected"]), (&json!("trunk"), &json!(true)));
    assert_eq!((stage.branch("main"), stage.branch("trunk")), (None, tip));
    assert_eq!(stage.get(&nora, SITE).expect(200)["default_branch"], "trunk");
    let head = Effect::Head { repository: stage.site, default_branch: "trunk".into() };
    assert!(stage.effects.contains(&head), "the mirror follows");
    let pull = stage.get(&nora, &format!("{PULLS}/1")).expect(200);
    assert_eq!((&pull["state"], &pull["base"]["ref"]), (&json!("open"), &json!("trunk")));
    stage.get(&ada, &format!("{SITE}/branches/trunk/protection")).expect(200);
    let events = ["push", "create", "pull_request.edited", "repository.edited", "push", "delete"];
    let mut all = stage.told();
    all.sort();
    let mut events = events.map(str::to_owned).to_vec();
    events.sort();
    assert_eq!(all, events);
}

#[test]
fn what_was_to_be_merged_from_it_is_closed() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    opened(&mut stage, "greet", "");
    commit(&mut stage, "feature/one", "one.txt", "");
    told(&mut stage);
    renamed(&mut stage, &nora, "nothing", "other").expect(404);
    renamed(&mut stage, &nora, "greet", "main").expect(422);
    renamed(&mut stage, &nora, "greet", "a..b").expect(422);
    renamed(&mut stage, &nora, "greet", "feature").expect(422);
    renamed(&mut stage, &nora, "feature/one", "feature/two").expect(201);
    renamed(&mut stage, &nora, "greet", "hello").expect(201);
    assert_eq!(stage.get(&nora, &format!("{PULLS}/1")).expect(200)["state"], "closed");
    assert_eq!(told(&mut stage), ["pull_request.closed"]);
}
