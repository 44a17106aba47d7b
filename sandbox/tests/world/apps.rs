//! Apps: their tokens, their installations, and how they come to be.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::world::{
    Access::{Read, Write},
    Kind, Moment, NewRepository,
    Permission::{Contents, Issues},
};
use serde_json::json;

use crate::{
    played_app::{ONE, TWO, app, jwt, played},
    stage::Stage,
};

const SITE: &str = "/repos/acme/hello.site";

#[test]
fn an_app_proves_itself_by_a_json_web_token() {
    let mut stage = Stage::new();
    let robin = played(&mut stage, "Robin", &[(Issues, Write)], &["issues"]);
    let id = json!(robin.app.0);
    let own = stage.get(&robin.jwt(&stage), "/app").expect(200);
    assert_eq!((&own["slug"], &own["installations_count"]), (&json!("robin"), &json!(1)));
    let by_client_id = jwt(&stage, &own["client_id"], (-30, 500), ONE.0);
    stage.get(&by_client_id, "/app").expect(200);
    for (issuer, times, key, status, sentence) in [
        (&id, (-30, 500), TWO.0, 401, "A JSON web token could not be decoded"),
        (&json!(1), (-30, 500), ONE.0, 404, "Integration not found"),
        (&id, (-900, -10), ONE.0, 401, "must be a numeric value representing the future time"),
        (&id, (-30, 900), ONE.0, 401, "'Expiration time' claim ('exp') is too far in the future"),
        (&id, (200, 500), ONE.0, 401, "'Issued at' claim ('iat') must be an Integer"),
    ] {
        let token = jwt(&stage, issuer, times, key);
        let said = stage.get(&token, "/app").expect(status);
        assert!(said["message"].as_str().unwrap().contains(sentence), "{said}");
    }
    let ada = stage.ada.clone();
    stage.get(&ada, "/app").expect(401);
    assert_eq!(stage.get(&ada, "/apps/robin").expect(200)["id"], id);
    stage.get(&ada, "/apps/nobody").expect(404);
}

#[test]
fn a_token_does_what_it_was_given_for_an_hour() {
    let mut stage = Stage::new();
    let robin = played(&mut stage, "Robin", &[(Issues, Write), (Contents, Read)], &["issues"]);
    let token = robin.token(&mut stage, json!({}));
    assert!(token.starts_with("ghs_"), "{token}");
    let filed = stage.post(&token, &format!("{SITE}/issues"), json!({"title": "Found by a robin"})).expect(201);
    assert_eq!(filed["user"]["login"], "robin[bot]");
    assert_eq!(filed["performed_via_github_app"]["slug"], "robin");
    assert_eq!(stage.told(), ["issues.opened", "issues.opened"], "the repository's hook, and the App's");
    let whole = robin.token(&mut stage, json!({"permissions": {}}));
    stage.post(&whole, &format!("{SITE}/issues"), json!({"title": "None named is all, as PyGithub asks"})).expect(201);
    let reader = robin.token(&mut stage, json!({"permissions": {"issues": "read"}}));
    stage.get(&reader, &format!("{SITE}/issues/1")).expect(200);
    let said = stage.post(&reader, &format!("{SITE}/issues"), json!({"title": "No"})).expect(403);
    assert_eq!(said["message"], "Resource not accessible by integration");
    stage.now = Moment::from_millis(stage.now.millis() + 3_600_000);
    assert_eq!(stage.get(&token, &format!("{SITE}/issues/1")).expect(401)["message"], "Bad credentials");
}

#[test]
fn a_token_cannot_have_more_than_the_installation() {
    let mut stage = Stage::new();
    let robin = played(&mut stage, "Robin", &[(Issues, Read)], &[]);
    let path = format!("/app/installations/{}/access_tokens", robin.installation);
    for body in [
        json!({"permissions": {"issues": "write"}}),
        json!({"permissions": {"contents": "read"}}),
        json!({"repositories": ["nowhere"]}),
        json!({"repository_ids": [1]}),
    ] {
        let jwt = robin.jwt(&stage);
        stage.post(&jwt, &path, body).expect(422);
    }
    let other = played(&mut stage, "Other", &[], &[]);
    let jwt = other.jwt(&stage);
    stage.post(&jwt, &path, json!({})).expect(404);
    let sam = stage.sam.clone();
    stage.post(&sam, &path, json!({})).expect(401);
}

#[test]
fn a_token_reaches_the_repositories_that_were_chosen() {
    let mut stage = Stage::new();
    let secret = stage.world.repository(&NewRepository {
        owner: stage.acme,
        name: "secret",
        private: true,
        files: &[],
        collaborators: BTreeMap::new(),
    });
    let robin = played(&mut stage, "Robin", &[(Issues, Write)], &[]);
    let all = robin.token(&mut stage, json!({}));
    let one = robin.token(&mut stage, json!({"repositories": ["hello.site"]}));
    let listed = stage.get(&all, "/installation/repositories").expect(200);
    assert_eq!((&listed["total_count"], &listed["repository_selection"]), (&json!(2), &json!("all")));
    let listed = stage.get(&one, "/installation/repositories").expect(200);
    assert_eq!((&listed["total_count"], &listed["repository_selection"]), (&json!(1), &json!("selected")));
    stage.get(&all, "/repos/acme/secret").expect(200);
    stage.get(&one, "/repos/acme/secret").expect(404);
    let (ada, acme) = (stage.world.account("ada", Kind::User), stage.acme);
    let site = stage.site;
    let at = stage.now;
    stage.world.select_by(at, ada, robin.installation, Some(BTreeSet::from([secret])));
    stage.carry();
    assert_eq!(stage.told(), ["installation_repositories.removed"]);
    stage.get(&all, "/repos/acme/secret").expect(200);
    stage.post(&all, &format!("{SITE}/issues"), json!({"title": "Out of reach"})).expect(403);
    stage.world.select_by(at, ada, robin.installation, Some(BTreeSet::from([secret, site])));
    stage.carry();
    assert_eq!(stage.told(), ["installation_repositories.added"]);
    stage.delete(&all, "/installation/token").expect(204);
    stage.get(&all, "/installation/repositories").expect(401);
    assert_eq!(stage.world.install(robin.app, acme), Some(robin.installation), "an App is on an account once");
}

#[test]
fn installations_are_found_put_to_sleep_and_taken_away() {
    let mut stage = Stage::new();
    let robin = played(&mut stage, "Robin", &[(Issues, Write)], &[]);
    let token = robin.token(&mut stage, json!({}));
    let jwt = robin.jwt(&stage);
    let there = format!("/app/installations/{}", robin.installation);
    let id = json!(robin.installation.0);
    for path in [&there, &format!("{SITE}/installation"), "/orgs/acme/installation", "/users/acme/installation"] {
        assert_eq!(stage.get(&jwt, path).expect(200)["id"], id);
    }
    stage.get(&jwt, "/users/sam/installation").expect(404);
    assert_eq!(stage.get(&jwt, "/app/installations").expect(200)[0]["id"], id);
    stage.ask("PUT", &jwt, &format!("{there}/suspended"), None).expect(204);
    assert_eq!(stage.get(&jwt, &there).expect(200)["suspended_by"]["login"], "robin[bot]");
    let said = stage.get(&token, SITE).expect(403);
    assert_eq!(said["message"], "This installation has been suspended");
    stage.post(&jwt, &format!("{there}/access_tokens"), json!({})).expect(403);
    stage.delete(&jwt, &format!("{there}/suspended")).expect(204);
    stage.get(&token, SITE).expect(200);
    stage.delete(&jwt, &there).expect(204);
    stage.get(&token, SITE).expect(401);
    stage.get(&jwt, &there).expect(404);
    assert_eq!(stage.told(), ["installation.suspend", "installation.unsuspend", "installation.deleted"]);
}

#[test]
fn people_install_apps_and_choose_repositories() {
    let mut stage = Stage::new();
    let robin = app(&mut stage, "Robin", &[(Issues, Write)], &["issues"]);
    let wren = app(&mut stage, "Wren", &[(Issues, Read)], &["issues"]);
    let (ada, acme, site, now) = (stage.world.account("ada", Kind::User), stage.acme, stage.site, stage.now);
    let chosen = Some(BTreeSet::from([site]));
    let there = stage.world.install_by(now, ada, (robin, acme), chosen).unwrap();
    stage.world.install_by(now, ada, (wren, acme), None).unwrap();
    stage.carry();
    assert_eq!(stage.told(), ["installation.created", "installation.created"]);
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    assert_eq!(stage.get(&ada, "/user/installations").expect(200)["total_count"], 2);
    assert_eq!(stage.get(&sam, "/user/installations").expect(200)["total_count"], 0);
    let repositories = format!("/user/installations/{there}/repositories");
    assert_eq!(stage.get(&ada, &repositories).expect(200)["total_count"], 1);
    stage.get(&sam, &repositories).expect(404);
    stage.delete(&ada, &format!("{repositories}/{site}")).expect(204);
    stage.post(&sam, &format!("{SITE}/issues"), json!({"title": "Who hears?"})).expect(201);
    let heard = stage.told();
    assert_eq!(heard, ["installation_repositories.removed", "issues.opened", "issues.opened"], "robin no more");
    stage.ask("PUT", &ada, &format!("{repositories}/{site}"), None).expect(204);
    stage.post(&sam, &format!("{SITE}/issues"), json!({"title": "And now?"})).expect(201);
    let heard = stage.told();
    assert_eq!(heard, ["installation_repositories.added", "issues.opened", "issues.opened", "issues.opened"]);
}

#[test]
fn a_manifest_becomes_an_app_once() {
    let mut stage = Stage::new();
    let (acme, now) = (stage.acme, stage.now);
    let manifest = json!({
        "name": "Rig of acme",
        "url": "http://127.0.0.1:1/",
        "hook_attributes": {"url": "http://127.0.0.1:1/hook"},
        "redirect_url": "http://127.0.0.1:1/back",
        "public": false,
        "default_permissions": {"issues": "write"},
        "default_events": ["issues"],
    });
    let registered = stage.world.manifest(now, acme, &manifest.to_string()).unwrap();
    assert_eq!(registered.redirect_url.as_deref(), Some("http://127.0.0.1:1/back"));
    let path = format!("/app-manifests/{}/conversions", registered.code);
    let made = stage.ask("POST", "", &path, None).expect(201);
    assert_eq!((&made["slug"], &made["permissions"]["issues"]), (&json!("rig-of-acme"), &json!("write")));
    let pem = made["pem"].as_str().unwrap();
    let own = jwt(&stage, &made["id"], (-30, 500), pem);
    assert_eq!(stage.get(&own, "/app").expect(200)["client_id"], made["client_id"]);
    stage.ask("POST", "", &path, None).expect(404);
    assert!(stage.world.manifest(now, acme, &manifest.to_string()).is_err(), "the name is taken");
    let late = json!({"name": "Late", "url": "http://127.0.0.1:1/"}).to_string();
    let late = stage.world.manifest(now, acme, &late).unwrap();
    stage.now = Moment::from_millis(stage.now.millis() + 3_600_000);
    stage.ask("POST", "", &format!("/app-manifests/{}/conversions", late.code), None).expect(404);
}
