//! Rulesets: shown, told, and in force together with the protection of branches.

use sandbox::world::{Access, Permission};
use serde_json::{Value, json};

use crate::{
    local::Local,
    played_app::played,
    rounds::{PULLS, commit, opened, told},
    stage::Stage,
};

const SITE: &str = "/repos/acme/hello.site";
const RULESETS: &str = "/repos/acme/hello.site/rulesets";

#[allow(clippy::needless_pass_by_value, reason = "reads better where it is called")]
fn ruleset(name: &str, include: &[&str], rules: Value) -> Value {
    let conditions = json!({"ref_name": {"include": include, "exclude": []}});
    json!({"name": name, "target": "branch", "enforcement": "active", "conditions": conditions, "rules": rules})
}

fn pull_request(approvals: u64) -> Value {
    json!({"type": "pull_request", "parameters": {
        "allowed_merge_methods": ["squash"],
        "dismiss_stale_reviews_on_push": true,
        "require_code_owner_review": false,
        "require_last_push_approval": false,
        "required_approving_review_count": approvals,
        "required_review_thread_resolution": false,
    }})
}

fn tests_required() -> Value {
    json!({"type": "required_status_checks", "parameters": {
        "required_status_checks": [{"context": "test"}],
        "strict_required_status_checks_policy": false,
    }})
}

fn made(stage: &mut Stage, new: Value) -> u64 {
    let ada = stage.ada.clone();
    stage.post(&ada, RULESETS, new).expect(201)["id"].as_u64().unwrap()
}

fn passed(stage: &mut Stage, sha: &str) {
    let ada = stage.ada.clone();
    stage.post(&ada, &format!("{SITE}/statuses/{sha}"), json!({"state": "success", "context": "test"})).expect(201);
}

#[test]
fn a_ruleset_is_made_shown_changed_told_and_deleted() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let rules = json!([
        {"type": "creation"}, {"type": "update"}, {"type": "deletion"}, {"type": "non_fast_forward"},
        {"type": "required_linear_history"}, pull_request(2), tests_required(),
    ]);
    let new = ruleset("Main", &["~DEFAULT_BRANCH"], rules.clone());
    stage.post(&nora, RULESETS, new.clone()).expect(403);
    let set = stage.post(&ada, RULESETS, new.clone()).expect(201);
    assert_eq!((&set["source"], &set["current_user_can_bypass"]), (&json!("acme/hello.site"), &json!("never")));
    assert_eq!(set["rules"].as_array().unwrap().len(), 7);
    assert_eq!(set["rules"][5], rules[5]);
    let said = stage.post(&ada, RULESETS, new).expect(422);
    assert_eq!(said["errors"][0]["message"], "Name must be unique");
    let place = format!("{RULESETS}/{}", set["id"]);
    assert_eq!(stage.get(&ada, &place).expect(200), set, "what was set is shown");
    let seen = stage.get(&nora, &place).expect(200);
    assert_eq!((&seen["name"], seen.get("bypass_actors")), (&json!("Main"), None), "whom it spares is a secret");
    let listed = stage.get(&nora, &format!("{RULESETS}?targets=branch")).expect(200);
    assert_eq!((&listed[0]["id"], listed[0].get("rules")), (&set["id"], None));
    assert_eq!(stage.get(&nora, &format!("{RULESETS}?targets=tag")).expect(200), json!([]));
    let fewer =
        stage.put(&ada, &place, json!({"rules": [{"type": "deletion"}], "enforcement": "disabled"})).expect(200);
    assert_eq!((&fewer["name"], &fewer["rules"]), (&json!("Main"), &json!([{"type": "deletion"}])));
    stage.delete(&nora, &place).expect(403);
    stage.delete(&ada, &place).expect(204);
    stage.get(&ada, &place).expect(404);
    let actions = ["repository_ruleset.created", "repository_ruleset.edited", "repository_ruleset.deleted"];
    let edited: Value = serde_json::from_slice(&stage.posts[1].body).unwrap();
    assert_eq!(edited["changes"]["enforcement"], json!({"from": "active"}));
    assert_eq!(edited["changes"]["rules"]["deleted"].as_array().unwrap().len(), 6);
    assert_eq!(stage.told(), actions);
}

#[test]
fn what_is_not_played_is_refused_and_not_forgotten() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    for rules in [
        json!([{"type": "required_signatures"}]),
        json!([{"type": "pull_request", "parameters": {"required_reviewers": []}}]),
        json!([{"type": "pull_request", "parameters": {"required_approving_review_count": 11}}]),
        json!([{"type": "required_status_checks"}]),
    ] {
        stage.post(&ada, RULESETS, ruleset("Odd", &["~ALL"], rules.clone())).expect(422);
    }
    let mut team = ruleset("Odd", &["~ALL"], json!([]));
    team["bypass_actors"] = json!([{"actor_id": 1, "actor_type": "Team", "bypass_mode": "always"}]);
    stage.post(&ada, RULESETS, team.clone()).expect(422);
    team["bypass_actors"] = json!([{"actor_id": 1, "actor_type": "Integration", "bypass_mode": "always"}]);
    stage.post(&ada, RULESETS, team).expect(422);
    assert_eq!(stage.get(&ada, RULESETS).expect(200), json!([]));
}

#[test]
fn a_push_is_declined_in_githubs_words() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let rules = json!([pull_request(0), tests_required(), {"type": "non_fast_forward"}, {"type": "deletion"}]);
    let id = made(&mut stage, ruleset("Main", &["refs/heads/main", "refs/heads/release/**"], rules));
    let main = stage.branch("main").unwrap();
    let mut local = Local::of(&stage);
    let next = local.commit(&[main], "Next", &[("a", Some("a"))]);
    let declined = "push declined due to repository rule violations";
    assert_eq!(local.push(&mut stage, &ada, "refs/heads/main", Some(main), Some(next)), declined);
    assert_eq!(
        local.messages,
        [
            "error: GH013: Repository rule violations found for refs/heads/main.",
            "Review all repository rules at http://127.0.0.1:8480/acme/hello.site/rules?ref=refs%2Fheads%2Fmain",
            "",
            "- Changes must be made through a pull request.",
            "- Required status check \"test\" is expected.",
        ]
    );
    let file = json!({"message": "Write", "content": ""});
    let said = stage.put(&nora, &format!("{SITE}/contents/a"), file).expect(409);
    let both = "Repository rule violations found\n\nChanges must be made through a pull request.\n\nRequired status check \"test\" is expected.\n\n";
    assert_eq!(said["message"], both);
    let said = stage.patch(&nora, &format!("{SITE}/git/refs/heads/main"), json!({"sha": next, "force": true}));
    said.expect(422);
    assert_eq!(local.push(&mut stage, &nora, "refs/heads/free", None, Some(next)), "ok");
    assert_eq!(local.push(&mut stage, &nora, "refs/heads/release/1", None, Some(next)), declined, "checks, new or not");
    passed(&mut stage, &next.to_string());
    assert_eq!(local.push(&mut stage, &nora, "refs/heads/release/1", None, Some(next)), "ok");
    assert_eq!(local.push(&mut stage, &nora, "refs/heads/release/1", Some(next), None), declined);
    stage.put(&ada, &format!("{RULESETS}/{id}"), json!({"enforcement": "evaluate"})).expect(200);
    assert_eq!(local.push(&mut stage, &nora, "refs/heads/release/1", Some(next), None), "ok");
    assert_eq!(stage.branch("main"), Some(main));
}

#[test]
fn creations_updates_and_tags_are_for_those_it_spares() {
    let mut stage = Stage::new();
    let (ada, nora, main) = (stage.ada.clone(), stage.nora.clone(), stage.branch("main").unwrap());
    let rules = json!([{"type": "creation"}, {"type": "update"}, {"type": "required_linear_history"}]);
    let mut new = ruleset("Versions", &["refs/tags/v*"], rules);
    new["target"] = json!("tag");
    new["bypass_actors"] = json!([{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]);
    let id = made(&mut stage, new);
    let shown = stage.get(&ada, &format!("{RULESETS}/{id}")).expect(200);
    assert_eq!(shown["current_user_can_bypass"], "always");
    assert_eq!(shown["bypass_actors"][0]["actor_id"], 5);
    let tag = json!({"ref": "refs/tags/v1", "sha": main});
    let said = stage.post(&nora, &format!("{SITE}/git/refs"), tag.clone()).expect(422);
    let words = "Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n";
    assert_eq!(said["message"], words);
    stage.post(&nora, &format!("{SITE}/git/refs"), json!({"ref": "refs/tags/w1", "sha": main})).expect(201);
    stage.post(&nora, &format!("{SITE}/git/refs"), json!({"ref": "refs/heads/v1", "sha": main})).expect(201);
    stage.post(&ada, &format!("{SITE}/git/refs"), tag).expect(201);
    let next = commit(&mut stage, "next", "next.txt", "");
    let moved = json!({"sha": next});
    let said = stage.patch(&nora, &format!("{SITE}/git/refs/tags/v1"), moved.clone()).expect(422);
    assert!(said["message"].as_str().unwrap().contains("Cannot update this protected ref."));
    stage.patch(&ada, &format!("{SITE}/git/refs/tags/v1"), moved).expect(200);
}

#[test]
fn a_merge_needs_what_protection_and_rulesets_ask_together() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    made(&mut stage, ruleset("Main", &["~DEFAULT_BRANCH"], json!([pull_request(1)])));
    let protection = json!({
        "required_status_checks": {"strict": false, "contexts": ["test"]}, "enforce_admins": true,
        "required_pull_request_reviews": null, "restrictions": null,
    });
    stage.put(&ada, &format!("{SITE}/branches/main/protection"), protection).expect(200);
    let pull = opened(&mut stage, "greet", "");
    assert_eq!(pull["mergeable_state"], "blocked");
    let merge = format!("{PULLS}/1/merge");
    let said = stage.put(&ada, &merge, json!({})).expect(405);
    let words = [
        "Required status check \"test\" is expected.",
        "Merge commits are not allowed on this branch.",
        "At least 1 approving review is required by reviewers with write access.",
    ];
    assert_eq!(said["message"], format!("Repository rule violations found\n\n{}\n\n", words.join("\n\n")));
    passed(&mut stage, pull["head"]["sha"].as_str().unwrap());
    stage.post(&ada, &format!("{PULLS}/1/reviews"), json!({"event": "APPROVE"})).expect(200);
    assert_eq!(stage.get(&nora, &format!("{PULLS}/1")).expect(200)["mergeable_state"], "clean");
    commit(&mut stage, "greet", "more.txt", "more\n");
    stage.learn();
    let head = stage.branch("greet").unwrap().to_string();
    passed(&mut stage, &head);
    let review = &stage.get(&nora, &format!("{PULLS}/1/reviews")).expect(200)[0];
    assert_eq!(review["state"], "DISMISSED", "a push took the approval away");
    stage.put(&nora, &merge, json!({"merge_method": "squash"})).expect(405);
    stage.post(&ada, &format!("{PULLS}/1/reviews"), json!({"event": "APPROVE"})).expect(200);
    stage.put(&nora, &merge, json!({"merge_method": "squash"})).expect(200);
}

#[test]
fn a_bypass_is_for_whom_it_names_and_for_what() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let robin = played(&mut stage, "Robin", &[(Permission::Contents, Access::Write)], &[]);
    let robin_token = robin.token(&mut stage, json!({}));
    let mut new = ruleset("Main", &["~ALL"], json!([pull_request(1)]));
    new["bypass_actors"] = json!([
        {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "pull_request"},
        {"actor_id": robin.app, "actor_type": "Integration", "bypass_mode": "always"},
    ]);
    new["conditions"]["ref_name"]["exclude"] = json!(["refs/heads/greet"]);
    let id = made(&mut stage, new);
    let shown = stage.get(&ada, &format!("{RULESETS}/{id}")).expect(200);
    assert_eq!(shown["current_user_can_bypass"], "pull_requests_only");
    opened(&mut stage, "greet", "");
    let file = json!({"message": "Write", "content": ""});
    stage.put(&ada, &format!("{SITE}/contents/a"), file.clone()).expect(409);
    stage.put(&robin_token, &format!("{SITE}/contents/a"), file).expect(201);
    stage.learn();
    stage.put(&nora, &format!("{PULLS}/1/merge"), json!({"merge_method": "squash"})).expect(405);
    stage.put(&ada, &format!("{PULLS}/1/merge"), json!({})).expect(200);
    assert_eq!(told(&mut stage), ["pull_request.opened", "pull_request.closed"]);
}

#[test]
fn the_rules_of_a_branch_are_told_by_where_they_come_from() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    let id = made(&mut stage, ruleset("All", &["~ALL"], json!([{"type": "deletion"}, tests_required()])));
    made(&mut stage, ruleset("Releases", &["refs/heads/release/*"], json!([{"type": "non_fast_forward"}])));
    let off = ruleset("Off", &["~ALL"], json!([{"type": "update"}]));
    let off = made(&mut stage, off);
    let ada = stage.ada.clone();
    stage.put(&ada, &format!("{RULESETS}/{off}"), json!({"enforcement": "disabled"})).expect(200);
    let rules = stage.get(&nora, &format!("{SITE}/rules/branches/main")).expect(200);
    let types = |rules: &Value| -> Vec<String> {
        rules.as_array().unwrap().iter().map(|rule| rule["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(types(&rules), ["deletion", "required_status_checks"]);
    assert_eq!((&rules[1]["ruleset_id"], &rules[1]["ruleset_source"]), (&json!(id), &json!("acme/hello.site")));
    assert_eq!(rules[1]["parameters"]["required_status_checks"], json!([{"context": "test"}]));
    let rules = stage.get(&nora, &format!("{SITE}/rules/branches/release/1")).expect(200);
    assert_eq!(types(&rules).len(), 3);
    assert_eq!(stage.get(&nora, &format!("{SITE}/branches/main")).expect(200)["protected"], true);
    assert_eq!(stage.get(&nora, &format!("{SITE}/branches?protected=false")).expect(200), json!([]));
}
