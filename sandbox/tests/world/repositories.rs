//! Repositories come, change, move and go, and people come to them.

use sandbox::{
    object::Object,
    world::{Access, Effect, Kind, Permission},
};
use serde_json::{Value, json};

use crate::{local::Local, played_app::played, stage::Stage};

const SITE: &str = "/repos/acme/hello.site";

fn post_of(stage: &Stage, event: &str) -> Value {
    let post = stage.posts.iter().rfind(|post| post.headers["x-github-event"] == event).expect("it was told");
    serde_json::from_slice(&post.body).unwrap()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["full_name"].as_str().unwrap()).collect()
}

#[test]
fn a_person_makes_a_repository() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    let new = json!({"name": "first steps", "description": "Ours", "homepage": "http://127.0.0.1/", "private": true,
        "auto_init": true, "allow_rebase_merge": false});
    let made = stage.post(&ada, "/user/repos", new.clone()).expect(201);
    assert_eq!((&made["full_name"], &made["private"]), (&json!("ada/first-steps"), &json!(true)));
    assert_eq!((&made["allow_rebase_merge"], &made["permissions"]["admin"]), (&json!(false), &json!(true)));
    let readme = stage.get(&ada, "/repos/ada/first-steps/contents/README.md?ref=main").expect(200);
    let blob = stage.world.objects().get(readme["sha"].as_str().unwrap().parse().unwrap()).cloned();
    assert_eq!(blob, Some(Object::Blob("# first-steps\nOurs".into())));
    let id = sandbox::world::RepositoryId(made["id"].as_u64().unwrap());
    let created = Effect::Create { repository: id, default_branch: "main".into() };
    assert!(matches!(&stage.effects[..], [first, Effect::Move { .. }] if *first == created), "{:?}", stage.effects);
    stage.get(&sam, "/repos/ada/first-steps").expect(404);
    let told = stage.post(&ada, "/user/repos", new).expect(422);
    assert_eq!(told["errors"][0]["message"], "name already exists on this account");
    stage.post(&ada, "/user/repos", json!({"name": ".."})).expect(422);
    let none =
        json!({"name": "x", "allow_rebase_merge": false, "allow_squash_merge": false, "allow_merge_commit": false});
    stage.post(&ada, "/user/repos", none).expect(422);
    stage.post("", "/user/repos", json!({"name": "x"})).expect(401);
    assert_eq!(names(&stage.get(&ada, "/user/repos").expect(200)), ["acme/hello.site", "ada/first-steps"]);
    assert_eq!(names(&stage.get(&ada, "/user/repos?visibility=public").expect(200)), ["acme/hello.site"]);
    assert_eq!(names(&stage.get(&ada, "/user/repos?affiliation=owner").expect(200)), ["ada/first-steps"]);
    assert_eq!(names(&stage.get(&ada, "/users/ada/repos").expect(200)), ["ada/first-steps"]);
    assert_eq!(names(&stage.get(&sam, "/users/ada/repos").expect(200)), [""; 0]);
}

#[test]
fn an_organisations_members_and_apps_make_its_repositories() {
    let mut stage = Stage::new();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    let person = stage.world.account("nora", Kind::User);
    stage.world.join(stage.acme, person);
    let may = [(Permission::Administration, Access::Write), (Permission::Contents, Access::Write)];
    let robin = played(&mut stage, "Robin", &may, &["repository", "push"]);
    let wren = played(&mut stage, "Wren", &[(Permission::Contents, Access::Write)], &[]).token(&mut stage, json!({}));
    let robin = robin.token(&mut stage, json!({}));
    let made = stage.post(&nora, "/orgs/acme/repos", json!({"name": "tools", "visibility": "private"})).expect(201);
    assert_eq!((&made["owner"]["login"], &made["permissions"]["admin"]), (&json!("acme"), &json!(true)));
    assert_eq!(stage.told(), ["repository.created"], "robin is told");
    stage.post(&robin, "/orgs/acme/repos", json!({"name": "nest", "auto_init": true})).expect(201);
    assert_eq!(stage.told(), ["repository.created", "push"]);
    stage.post(&sam, "/orgs/acme/repos", json!({"name": "mine"})).expect(403);
    stage.post(&wren, "/orgs/acme/repos", json!({"name": "mine"})).expect(403);
    stage.post(&robin, "/user/repos", json!({"name": "mine"})).expect(403);
    stage.post(&nora, "/orgs/nobody/repos", json!({"name": "mine"})).expect(404);
    let list = stage.get(&sam, "/orgs/acme/repos?sort=full_name").expect(200);
    assert_eq!(names(&list), ["acme/hello.site", "acme/nest"]);
    assert_eq!(names(&stage.get(&nora, "/orgs/acme/repos?type=private").expect(200)), ["acme/tools"]);
}

#[test]
fn each_change_is_told_by_itself() {
    let mut stage = Stage::new();
    let (ada, nora, main) = (stage.ada.clone(), stage.nora.clone(), stage.branch("main").unwrap());
    Local::of(&stage).push(&mut stage, &nora, "refs/heads/next", None, Some(main));
    stage.told();
    stage.effects.clear();
    let change =
        json!({"description": "Hello", "default_branch": "next", "private": true, "delete_branch_on_merge": true});
    let changed = stage.patch(&ada, SITE, change).expect(200);
    assert_eq!((&changed["default_branch"], &changed["delete_branch_on_merge"]), (&json!("next"), &json!(true)));
    assert_eq!(post_of(&stage, "repository")["repository"]["private"], true);
    assert_eq!(stage.told(), ["repository.edited", "repository.privatized"]);
    assert_eq!(stage.effects, [Effect::Head { repository: stage.site, default_branch: "next".into() }]);
    stage.patch(&ada, SITE, json!({"visibility": "public"})).expect(200);
    assert_eq!(stage.told(), ["repository.publicized", "public"]);
    stage.patch(&ada, SITE, json!({"description": "Hello"})).expect(200);
    assert_eq!(stage.told(), [""; 0], "nothing has changed");
    stage.patch(&nora, SITE, json!({"description": "No"})).expect(403);
    stage.patch(&ada, SITE, json!({"default_branch": "none"})).expect(422);
}

#[test]
fn an_archived_repository_is_read_until_it_is_taken_out_again() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    stage.patch(&ada, SITE, json!({"archived": true})).expect(200);
    assert_eq!(stage.told(), ["repository.archived"]);
    let new = json!({"message": "Add", "content": ""});
    let told = stage.put(&nora, &format!("{SITE}/contents/a"), new.clone()).expect(403);
    assert_eq!(told["message"], "Repository was archived so is read-only.");
    stage.patch(&ada, SITE, json!({"description": "x"})).expect(403);
    stage.put(&ada, &format!("{SITE}/collaborators/sam"), json!({})).expect(403);
    stage.get(&nora, &format!("{SITE}/contents/index.html")).expect(200);
    stage.patch(&ada, SITE, json!({"archived": false})).expect(200);
    assert_eq!(stage.told(), ["repository.unarchived"]);
    stage.put(&nora, &format!("{SITE}/contents/a"), new).expect(201);
}

#[test]
fn an_old_name_leads_to_the_new_one_until_somebody_takes_it() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let person = stage.world.account("nora", Kind::User);
    stage.world.join(stage.acme, person);
    let renamed = stage.patch(&ada, SITE, json!({"name": "site", "description": "New"})).expect(200);
    assert_eq!(renamed["full_name"], "acme/site");
    let told = post_of(&stage, "repository");
    assert_eq!(told["repository"]["full_name"], "acme/site");
    assert_eq!(
        (&told["action"], &told["changes"]["repository"]["name"]["from"]),
        (&json!("renamed"), &json!("hello.site"))
    );
    let moved = stage.get(&nora, &format!("{SITE}/contents/index.html?ref=main"));
    assert_eq!(moved.status, 301);
    let location = moved.answer.headers()["location"].to_str().unwrap();
    let path = location.strip_prefix("http://127.0.0.1:8480/api/v3").unwrap().to_owned();
    assert_eq!(path, format!("/repositories/{}/contents/index.html?ref=main", stage.site));
    stage.get(&nora, "/repos/acme/site/contents/index.html").expect(200);
    assert_eq!(stage.put(&nora, &format!("{SITE}/topics"), json!({"names": []})).status, 307);
    stage.post(&nora, "/orgs/acme/repos", json!({"name": "hello.site"})).expect(201);
    assert_eq!(stage.get(&nora, SITE).expect(200)["full_name"], "acme/hello.site");
    stage.patch(&ada, "/repos/acme/site", json!({"name": "hello.site"})).expect(422);
}

#[test]
fn a_repository_gets_another_owner() {
    let mut stage = Stage::new();
    let (ada, nora, sam) = (stage.ada.clone(), stage.nora.clone(), stage.sam.clone());
    let transfer = json!({"new_owner": "sam", "new_name": "handed"});
    stage.post(&nora, &format!("{SITE}/transfer"), transfer.clone()).expect(403);
    stage.post(&ada, &format!("{SITE}/transfer"), json!({"new_owner": "nobody"})).expect(422);
    let moved = stage.post(&ada, &format!("{SITE}/transfer"), transfer).expect(202);
    assert_eq!((&moved["full_name"], &moved["id"]), (&json!("sam/handed"), &json!(stage.site)));
    let told = post_of(&stage, "repository");
    assert_eq!(told["changes"]["owner"]["from"]["organization"]["login"], "acme");
    assert_eq!(told["repository"]["owner"]["login"], "sam");
    assert_eq!(stage.get(&sam, "/repos/sam/handed").expect(200)["permissions"]["admin"], true);
    assert_eq!(stage.get(&nora, SITE).status, 301);
    stage.post(&sam, "/repos/sam/handed/transfer", json!({"new_owner": "acme"})).expect(403);
    stage.post(&sam, "/repos/sam/handed/transfer", json!({"new_owner": "nora"})).expect(202);
    assert_eq!(post_of(&stage, "repository")["changes"]["owner"]["from"]["user"]["login"], "sam");
    stage.get(&sam, "/repos/nora/handed/collaborators/sam").expect(204);
}

#[test]
fn a_repository_goes_with_its_hooks_and_its_forks_stay() {
    let mut stage = Stage::new();
    let (ada, nora, sam) = (stage.ada.clone(), stage.nora.clone(), stage.sam.clone());
    played(&mut stage, "Robin", &[(Permission::Metadata, Access::Read)], &["repository"]);
    let first = stage.post(&sam, &format!("{SITE}/forks"), json!({})).expect(202);
    let second = stage.post(&nora, &format!("{SITE}/forks"), json!({"name": "hers"})).expect(202);
    stage.told();
    stage.effects.clear();
    stage.delete(&nora, SITE).expect(403);
    stage.delete(&ada, SITE).expect(204);
    assert_eq!(stage.told(), ["repository.deleted"], "the App is told");
    assert_eq!(stage.effects, [Effect::Remove { repository: stage.site }]);
    stage.get(&ada, SITE).expect(404);
    assert_eq!(stage.get(&ada, "/repos/sam/hello.site").expect(200)["fork"], false);
    assert_eq!(stage.get(&ada, "/repos/nora/hers").expect(200)["parent"]["id"], first["id"]);
    assert_ne!(first["id"], second["id"]);
}

#[test]
fn a_fork_shares_what_was_there_and_goes_its_own_way() {
    let mut stage = Stage::new();
    let (ada, nora, sam, main) =
        (stage.ada.clone(), stage.nora.clone(), stage.sam.clone(), stage.branch("main").unwrap());
    Local::of(&stage).push(&mut stage, &nora, "refs/heads/next", None, Some(main));
    stage.told();
    stage.effects.clear();
    let fork = stage.post(&sam, &format!("{SITE}/forks"), json!({"default_branch_only": true})).expect(202);
    assert_eq!(
        (&fork["full_name"], &fork["parent"]["full_name"]),
        (&json!("sam/hello.site"), &json!("acme/hello.site"))
    );
    assert_eq!(post_of(&stage, "fork")["forkee"]["full_name"], "sam/hello.site");
    assert_eq!(stage.told(), ["fork"]);
    let id = sandbox::world::RepositoryId(fork["id"].as_u64().unwrap());
    let forked = Effect::Fork { repository: id, of: stage.site, default_branch: "main".into() };
    let moved = Effect::Move { repository: id, references: vec![("refs/heads/main".into(), Some(main))] };
    assert_eq!(stage.effects, [forked, moved]);
    assert_eq!(
        stage.post(&sam, &format!("{SITE}/forks"), json!({})).expect(202)["id"],
        fork["id"],
        "it is there already"
    );
    let new = json!({"message": "Mine", "content": ""});
    stage.put(&sam, "/repos/sam/hello.site/contents/mine", new).expect(201);
    assert_eq!(stage.branch("main"), Some(main));
    let compared = stage.get(&ada, &format!("{SITE}/compare/main...sam:main")).expect(200);
    assert_eq!((&compared["ahead_by"], &compared["files"][0]["filename"]), (&json!(1), &json!("mine")));
    assert_eq!(names(&stage.get(&ada, &format!("{SITE}/forks")).expect(200)), ["sam/hello.site"]);
    assert_eq!(stage.get(&ada, SITE).expect(200)["forks_count"], 1);
    stage.post("", &format!("{SITE}/forks"), json!({})).expect(401);
    stage.post(&sam, "/user/repos", json!({"name": "other"})).expect(201);
    let second = stage.post(&nora, &format!("{SITE}/forks"), json!({})).expect(202);
    assert_eq!(second["default_branch"], "main");
    assert_eq!(stage.get(&nora, "/repos/nora/hello.site/branches").expect(200).as_array().unwrap().len(), 2);
}

#[test]
fn people_come_to_a_repository_and_leave_it() {
    let mut stage = Stage::new();
    let (ada, nora, sam) = (stage.ada.clone(), stage.nora.clone(), stage.sam.clone());
    let place = format!("{SITE}/collaborators/sam");
    stage.put(&nora, &place, json!({})).expect(403);
    stage.get(&ada, &place).expect(404);
    stage.put(&ada, &place, json!({"permission": "push"})).expect(204);
    let told = post_of(&stage, "member");
    assert_eq!((&told["member"]["login"], &told["changes"]["permission"]["to"]), (&json!("sam"), &json!("write")));
    stage.get(&ada, &place).expect(204);
    stage.put(&sam, &format!("{SITE}/contents/a"), json!({"message": "Add", "content": ""})).expect(201);
    stage.put(&ada, &place, json!({"permission": "triage"})).expect(204);
    assert_eq!(post_of(&stage, "member")["changes"]["old_permission"]["from"], "write");
    let may = stage.get(&ada, &format!("{place}/permission")).expect(200);
    assert_eq!(
        (&may["permission"], &may["role_name"], &may["user"]["login"]),
        (&json!("read"), &json!("triage"), &json!("sam"))
    );
    stage.get(&sam, &format!("{SITE}/collaborators")).expect(403);
    let list = stage.get(&nora, &format!("{SITE}/collaborators")).expect(200);
    let roles: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["login"].as_str().unwrap(), one["role_name"].as_str().unwrap()))
        .collect();
    assert_eq!(roles, [("ada", "admin"), ("nora", "write"), ("sam", "triage")]);
    stage.delete(&nora, &place).expect(403);
    stage.delete(&sam, &place).expect(204);
    assert_eq!(stage.told(), ["member.added", "push", "member.edited", "member.removed"]);
    stage.put(&ada, &format!("{SITE}/collaborators/nobody"), json!({})).expect(404);
}

#[test]
fn topics_and_languages_are_told() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let topics = format!("{SITE}/topics");
    assert_eq!(
        stage.put(&ada, &topics, json!({"names": ["Site", "hello-world"]})).expect(200),
        json!({"names": ["site", "hello-world"]})
    );
    assert_eq!(post_of(&stage, "repository")["changes"]["topics"]["from"], json!([]));
    assert_eq!(stage.get(&nora, SITE).expect(200)["topics"], json!(["site", "hello-world"]));
    stage.put(&ada, &topics, json!({"names": ["-"]})).expect(422);
    stage.put(&nora, &topics, json!({"names": []})).expect(403);
    let languages = stage.get(&nora, &format!("{SITE}/languages")).expect(200);
    assert_eq!(languages, json!({"HTML": 16, "JavaScript": 31}));
}
