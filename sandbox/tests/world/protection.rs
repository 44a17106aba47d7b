//! Protected branches.

use serde_json::{Value, json};

use sandbox::world::{Access, Permission};

use crate::{played_app::played, rounds::opened, stage::Stage};

const PLACE: &str = "/repos/acme/hello.site/branches/main/protection";

fn rules() -> Value {
    json!({
        "required_status_checks": {"strict": true, "contexts": [], "checks": [{"context": "test"}, {"context": "lint", "app_id": 7}]},
        "enforce_admins": true,
        "required_pull_request_reviews": {"required_approving_review_count": 2, "dismiss_stale_reviews": true},
        "restrictions": null,
        "required_linear_history": true,
    })
}

#[test]
fn a_branch_is_protected_changed_and_freed() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    stage.get(&ada, PLACE).expect(404);
    let set = stage.put(&ada, PLACE, rules()).expect(200);
    assert_eq!(set["required_status_checks"]["contexts"], json!(["test", "lint"]));
    assert_eq!(set["required_status_checks"]["checks"][1]["app_id"], 7);
    assert_eq!(set["required_linear_history"], json!({"enabled": true}));
    assert_eq!(set["allow_force_pushes"], json!({"enabled": false}));
    assert_eq!(stage.get(&ada, PLACE).expect(200), set, "what was set is shown");
    stage.delete(&ada, &format!("{PLACE}/enforce_admins")).expect(204);
    assert_eq!(stage.get(&ada, &format!("{PLACE}/enforce_admins")).expect(200)["enabled"], false);
    stage.ask("POST", &ada, &format!("{PLACE}/enforce_admins"), None).expect(200);
    assert_eq!(stage.get(&ada, PLACE).expect(200), set);
    stage.delete(&ada, PLACE).expect(204);
    stage.get(&ada, PLACE).expect(404);
}

#[test]
fn required_checks_and_reviews_are_changed_by_themselves() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    let (checks, reviews) =
        (format!("{PLACE}/required_status_checks"), format!("{PLACE}/required_pull_request_reviews"));
    stage.put(&ada, PLACE, rules()).expect(200);
    let changed = stage.patch(&ada, &checks, json!({"strict": false, "contexts": ["build"]})).expect(200);
    assert_eq!((&changed["strict"], &changed["contexts"]), (&json!(false), &json!(["build"])));
    let contexts = format!("{checks}/contexts");
    let added = stage.post(&ada, &contexts, json!({"contexts": ["lint", "build"]})).expect(200);
    assert_eq!(added, json!(["build", "lint"]));
    let left = stage.ask("DELETE", &ada, &contexts, Some(&json!({"contexts": ["build"]}))).expect(200);
    assert_eq!(left, json!(["lint"]));
    assert_eq!(stage.put(&ada, &contexts, json!({"contexts": ["a", "b"]})).expect(200), json!(["a", "b"]));
    assert_eq!(stage.get(&ada, &contexts).expect(200), json!(["a", "b"]));
    stage.delete(&ada, &checks).expect(204);
    stage.get(&ada, &checks).expect(404);
    let fewer = stage.patch(&ada, &reviews, json!({"required_approving_review_count": 1})).expect(200);
    assert_eq!((&fewer["required_approving_review_count"], &fewer["dismiss_stale_reviews"]), (&json!(1), &json!(true)));
    stage.delete(&ada, &reviews).expect(204);
    stage.get(&ada, &reviews).expect(404);
}

#[test]
fn only_administrators_protect_and_only_what_is_there() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    stage.put(&nora, PLACE, rules()).expect(403);
    stage.get(&nora, PLACE).expect(404);
    let gone = stage.put(&ada, "/repos/acme/hello.site/branches/none/at-all/protection", rules()).expect(404);
    assert_eq!(gone["message"], "Branch not found");
    let mut without = rules();
    without.as_object_mut().unwrap().remove("restrictions");
    let said = stage.put(&ada, PLACE, without).expect(422);
    assert_eq!(said["message"], "Invalid request.\n\n\"restrictions\" wasn't supplied.");
    let mut many = rules();
    many["required_pull_request_reviews"]["required_approving_review_count"] = json!(7);
    stage.put(&ada, PLACE, many).expect(422);
    stage.get(&ada, PLACE).expect(404);
}

#[test]
fn only_those_who_are_named_push() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let robin = played(&mut stage, "Robin", &[(Permission::Contents, Access::Write)], &[]);
    let app = robin.token(&mut stage, json!({}));
    let mut restricted = rules();
    restricted["required_status_checks"] = Value::Null;
    restricted["required_pull_request_reviews"] = Value::Null;
    restricted["restrictions"] = json!({"users": [], "teams": [], "apps": ["robin"]});
    let set = stage.put(&ada, PLACE, restricted.clone()).expect(200);
    assert_eq!(set["restrictions"]["apps"][0]["slug"], "robin");
    let file =
        |path: &str| (format!("/repos/acme/hello.site/contents/{path}"), json!({"message": "Write", "content": ""}));
    let (path, body) = file("a");
    let said = stage.put(&nora, &path, body.clone()).expect(409);
    assert!(said["message"].as_str().unwrap().ends_with("You're not authorized to push to this branch."));
    stage.put(&app, &path, body).expect(201);
    opened(&mut stage, "greet", "");
    let said = stage.put(&nora, "/repos/acme/hello.site/pulls/1/merge", json!({"merge_method": "squash"})).expect(405);
    assert_eq!(said["message"], "You're not authorized to push to this branch.");
    let users = format!("{PLACE}/restrictions/users");
    assert_eq!(stage.post(&ada, &users, json!({"users": ["nora"]})).expect(200)[0]["login"], "nora");
    stage.put(&nora, "/repos/acme/hello.site/pulls/1/merge", json!({"merge_method": "squash"})).expect(200);
    stage.ask("DELETE", &ada, &users, Some(&json!({"users": ["nora"]}))).expect(200);
    assert_eq!(stage.get(&ada, &users).expect(200), json!([]));
    let (path, body) = file("b");
    stage.put(&nora, &path, body.clone()).expect(409);
    stage.put(&ada, &path, body).expect(201);
    let apps = format!("{PLACE}/restrictions/apps");
    assert_eq!(stage.put(&ada, &apps, json!({"apps": []})).expect(200), json!([]));
    assert_eq!(stage.get(&ada, &format!("{PLACE}/restrictions")).expect(200)["apps"], json!([]));
    for restrictions in [json!({"users": ["nobody"], "teams": []}), json!({"users": [], "teams": ["core"]})] {
        restricted["restrictions"] = restrictions;
        stage.put(&ada, PLACE, restricted.clone()).expect(422);
    }
    stage.delete(&ada, &format!("{PLACE}/restrictions")).expect(204);
    stage.get(&ada, &users).expect(404);
    let (path, body) = file("c");
    stage.put(&nora, &path, body).expect(201);
}
