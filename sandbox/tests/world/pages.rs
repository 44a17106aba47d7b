//! Pages: every address that the API gives leads to one, and nothing that is said becomes markup. Each page that is
//! looked at is read as a browser reads it, and judged by the rules that all of them keep.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header;
use sandbox::world::{
    Access::{Read, Write},
    NewRepository,
    Permission::{Checks, Contents, Issues},
};
use serde_json::{Value, json};

use crate::{
    browser::Page,
    played_app::played,
    rounds::{PULLS, commit, learn, opened, person, tip},
    stage::Stage,
};

pub const HTML: &str = "http://127.0.0.1:8480";
pub const SITE: &str = "/repos/acme/hello.site";
pub const HOSTILE: &str =
    "<script>alert(\"1\")</script> & ' \u{202e}txt.exe\u{202c} &lt;b&gt; <img src=x onerror=alert(1)>";

pub fn look(stage: &Stage, address: &str) -> Page {
    Page::read(&stage.world.page(address))
}

/// An issue, a pull request with a review, checks and comments, merged; an App and its installation: what the API says
/// of all of it.
fn life(stage: &mut Stage) -> Vec<Value> {
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let robin = played(stage, "Robin", &[(Issues, Write), (Contents, Read), (Checks, Write)], &["issues"]);
    let token = robin.token(stage, json!({}));
    stage.post(&token, &format!("{SITE}/issues"), json!({"title": "Greet", "body": "By name"})).expect(201);
    stage.post(&ada, &format!("{SITE}/issues/1/comments"), json!({"body": "Soon"})).expect(201);
    let pull = opened(stage, "greet", "Closes #1");
    let head = pull["head"]["sha"].as_str().unwrap().to_owned();
    let run = json!({"name": "build", "head_sha": head, "status": "completed", "conclusion": "success"});
    stage.post(&token, &format!("{SITE}/check-runs"), run).expect(201);
    let line = json!({"path": "greet.txt", "line": 2, "side": "RIGHT", "body": "Why two?"});
    let review = json!({"event": "APPROVE", "body": "Good", "comments": [line]});
    stage.post(&ada, &format!("{PULLS}/2/reviews"), review).expect(200);
    stage.post(&nora, &format!("{SITE}/issues/2/comments"), json!({"body": "Merging"})).expect(201);
    let early = stage.get(&ada, &format!("{SITE}/compare/main...greet")).expect(200);
    stage.put(&nora, &format!("{PULLS}/2/merge"), json!({"merge_method": "squash"})).expect(200);
    learn(stage);
    let mut told = vec![early];
    let commit = tip(stage, "main");
    for path in [
        "/users/ada".to_owned(),
        "/users/acme".to_owned(),
        "/users/robin[bot]".to_owned(),
        "/apps/robin".to_owned(),
        SITE.to_owned(),
        format!("{SITE}/branches/main"),
        format!("{SITE}/commits"),
        format!("{SITE}/commits/{commit}"),
        format!("{SITE}/commits/{head}/check-runs"),
        format!("{SITE}/issues?state=all"),
        format!("{SITE}/issues/1/comments"),
        format!("{SITE}/issues/2/comments"),
        format!("{PULLS}?state=all"),
        format!("{PULLS}/2"),
        format!("{PULLS}/2/files"),
        format!("{PULLS}/2/reviews"),
        format!("{PULLS}/2/comments"),
    ] {
        told.push(stage.get(&ada, &path).expect(200));
    }
    let jwt = robin.jwt(stage);
    told.push(stage.get(&jwt, "/app/installations").expect(200));
    told
}

/// The addresses of pages in an answer, by what they are called there.
fn addresses(told: &Value, found: &mut BTreeMap<String, String>) {
    const NAMES: [&str; 8] =
        ["html_url", "html", "avatar_url", "blob_url", "raw_url", "diff_url", "patch_url", "permalink_url"];
    match told {
        Value::Array(all) => all.iter().for_each(|told| addresses(told, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().and_then(|address| address.strip_prefix(HTML)) {
                    Some(address) if NAMES.contains(&name.as_str()) => {
                        found.insert(address.to_owned(), name.clone());
                    }
                    _ => addresses(value, found),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_address_that_the_api_gives_leads_to_a_page() {
    let mut stage = Stage::new();
    let mut found = BTreeMap::new();
    life(&mut stage).iter().for_each(|told| addresses(told, &mut found));
    for kind in ["/issues/1", "/pull/2", "#issuecomment-", "#discussion_r", "#pullrequestreview-", "/commit/", "/runs/"]
    {
        assert!(found.keys().any(|address| address.contains(kind)), "{kind} is in {found:#?}");
    }
    for (address, name) in found {
        let (path, fragment) = address.split_once('#').unwrap_or((&address, ""));
        let mut answer = stage.world.page(path);
        if let Some(there) = answer.headers().get(header::LOCATION) {
            answer = stage.world.page(there.to_str().unwrap());
        }
        assert_eq!(answer.status(), 200, "{name} {address}");
        let html = answer.headers()["content-type"].to_str().unwrap().starts_with("text/html");
        assert_eq!(html, !["avatar_url", "raw_url", "diff_url", "patch_url"].contains(&name.as_str()), "{address}");
        if html {
            let page = Page::read(&answer);
            assert!(fragment.is_empty() || page.ids.contains(fragment), "{address}");
        }
    }
}

#[test]
fn what_is_on_a_page_leads_to_pages() {
    let mut stage = Stage::new();
    life(&mut stage);
    let mut seen = BTreeMap::new();
    let mut ahead = vec!["/".to_owned()];
    while let Some(address) = ahead.pop() {
        let path = address.split('#').next().unwrap().to_owned();
        if path.is_empty() || seen.contains_key(&path) {
            continue;
        }
        let answer = stage.world.page(&path);
        assert!(answer.status() == 200 || answer.status() == 302, "{address}: {}", answer.status());
        if answer.headers()["content-type"].to_str().unwrap().starts_with("text/html") {
            let leads = Page::read(&answer).links.into_iter();
            ahead.extend(
                leads.map(|link| link.trim_start_matches(HTML).to_owned()).filter(|link| link.starts_with('/')),
            );
        }
        seen.insert(path, answer.status());
    }
    for part in ["/acme/hello.site/pull/2", "/acme/hello.site/blob/main/src/hello.js", "/apps/robin", "/ada"] {
        assert!(seen.contains_key(part), "{part} in {seen:#?}");
    }
}

#[test]
fn a_pull_request_shows_its_whole_life() {
    let mut stage = Stage::new();
    life(&mut stage);
    let page = look(&stage, "/acme/hello.site/pull/2");
    for words in ["Merged", "Add greet", "approved", "Why two?", "greet.txt, line 2", "success", "+one", "Merging"] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
    let list = look(&stage, "/acme/hello.site/pulls");
    assert!(list.text.contains("Open: 0") && list.text.contains("Closed: 1"), "{}", list.text);
    let issue = look(&stage, "/acme/hello.site/issues/1");
    assert!(issue.text.contains("Closed as completed") && issue.text.contains("Soon"), "{}", issue.text);
    let home = look(&stage, "/");
    assert!(home.text.contains("acme/hello.site") && home.text.contains("robin[bot]"), "{}", home.text);
}

#[test]
fn what_people_say_stays_text() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    let (branch, path) = ("x\"<script>'/y", "a \"<script>b.txt");
    stage.world.label(stage.site, "\"><script>", "\"><script>", None);
    let labels = json!(["\"><script>"]);
    let issue = json!({"title": HOSTILE, "body": HOSTILE, "labels": labels});
    stage.post(&ada, &format!("{SITE}/issues"), issue).expect(201);
    stage.post(&ada, &format!("{SITE}/issues/1/comments"), json!({"body": format!("{HOSTILE}\n\n  two")})).expect(201);
    commit(&mut stage, "main", "README.md", HOSTILE);
    let long = format!("\n{HOSTILE}\n{}\n", "<i>".repeat(33_334));
    commit(&mut stage, branch, path, &long);
    let pull = json!({"title": HOSTILE, "body": HOSTILE, "head": branch, "base": "main"});
    stage.post(&ada, PULLS, pull).expect(201);
    for address in
        ["/acme/hello.site", "/acme/hello.site/issues/1", "/acme/hello.site/pull/2", "/acme/hello.site/pulls"]
    {
        assert!(look(&stage, address).text.contains(HOSTILE), "{address}");
    }
    let issue = look(&stage, "/acme/hello.site/issues/1");
    assert!(issue.title.starts_with(HOSTILE) && issue.text.contains(&format!("{HOSTILE}\n\n  two")), "{}", issue.text);
    let branches = look(&stage, "/acme/hello.site/branches");
    let tree = branches.links.iter().find(|link| link.contains("/tree/x")).unwrap();
    let blob = look(&stage, tree).links.into_iter().find(|link| link.ends_with("b.txt")).unwrap();
    let file = look(&stage, &blob);
    assert_eq!(file.cells(1).join("\n") + "\n", long);
    let raw = stage.world.page(&blob.replace("/blob/", "/raw/"));
    assert_eq!(
        (raw.body(), &raw.headers()["content-type"]),
        (&Bytes::from(long), &"text/plain; charset=utf-8".parse().unwrap())
    );
    let diff = look(&stage, "/acme/hello.site/pull/2");
    assert!(diff.text.contains("… and 96002 more characters") && diff.text.contains(&format!("+{HOSTILE}")));
}

#[test]
fn what_is_too_much_is_cut_and_counted() {
    let mut stage = Stage::new();
    let (nora, site) = (stage.nora.clone(), stage.site);
    commit(&mut stage, "much", "a.txt", &"line\n".repeat(4000));
    let author = person(&mut stage, "nora");
    let names: Vec<String> = (0..119).map(|number| format!("b/{number:03}.txt")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), Some(b"word\n".as_slice()))).collect();
    let new = sandbox::world::NewCommit { author, message: "", files: &files };
    stage.world.commit(site, "much", &new).unwrap();
    stage.post(&nora, PULLS, json!({"title": "Much", "head": "much", "base": "main"})).expect(201);
    let page = look(&stage, "/acme/hello.site/pull/1");
    assert!(page.text.contains("120 files: +4119 −0"), "{}", page.text);
    assert!(page.text.contains("1001 more lines are not shown.") && page.text.contains("20 more files are not shown."));
    assert_eq!(page.cells(2).len(), 3000);
    assert!(page.text.contains("(no message)"));
    commit(&mut stage, "long", "long.txt", &"x\n".repeat(12_000));
    let long = look(&stage, "/acme/hello.site/blob/long/long.txt");
    assert!(long.text.contains("2000 more lines are not shown."));
    commit(&mut stage, "long", "wide.txt", &"é".repeat(300_000));
    let wide = look(&stage, "/acme/hello.site/blob/long/wide.txt");
    assert!(wide.text.contains("37856 more characters are not shown."));
    let binary = commit(&mut stage, "long", "binary", "a\0b");
    assert!(look(&stage, "/acme/hello.site/blob/long/binary").text.contains("No text: 3 bytes."));
    assert!(
        look(&stage, &format!("/acme/hello.site/commit/{binary}")).text.contains("No text: 0 bytes before, 3 after.")
    );
}

#[test]
fn what_is_not_there_or_private_is_not_found() {
    let mut stage = Stage::new();
    let (acme, ada) = (stage.acme, stage.ada.clone());
    let hidden = stage.world.repository(&NewRepository {
        owner: acme,
        name: "hidden",
        private: true,
        files: &[("plan.txt", b"secret\n")],
        collaborators: BTreeMap::new(),
    });
    let secret = stage.world.branch(hidden, "main").unwrap();
    stage.post(&ada, &format!("{SITE}/issues"), json!({"title": "One"})).expect(201);
    for address in [
        "/nobody".to_owned(),
        "/nobody/hello.site".to_owned(),
        "/acme/nothing".to_owned(),
        "/acme/hidden".to_owned(),
        "/acme/hidden/issues".to_owned(),
        format!("/acme/hello.site/commit/{secret}"),
        format!("/acme/hello.site/commit/{}", secret.short()),
        format!("/acme/hello.site/tree/{secret}"),
        format!("/acme/hello.site/raw/{secret}/plan.txt"),
        format!("/acme/hello.site/compare/main...acme:{secret}"),
        "/acme/hello.site/issues/2".to_owned(),
        "/acme/hello.site/issues/x".to_owned(),
        "/acme/hello.site/pull/1".to_owned(),
        "/acme/hello.site/blob/main/nothing".to_owned(),
        "/acme/hello.site/blob/main".to_owned(),
        "/acme/hello.site/blob".to_owned(),
        "/acme/hello.site/%ff%00/..".to_owned(),
        "/acme/hello.site/runs/1".to_owned(),
        "/apps/nobody".to_owned(),
        "/avatars/x".to_owned(),
        "/settings/installations/1".to_owned(),
    ] {
        let page = look(&stage, &address);
        assert_eq!((page.status, page.text.contains("There is no such page")), (404, true), "{address}");
    }
    assert!(!look(&stage, "/").text.contains("hidden") && !look(&stage, "/acme").text.contains("hidden"));
}

#[test]
fn an_old_name_leads_to_the_new_one_as_long_as_everybody_may_see_it() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    stage.post(&ada, &format!("{SITE}/issues"), json!({"title": "One"})).expect(201);
    stage.patch(&ada, SITE, json!({"name": "moved"})).expect(200);
    let old = stage.world.page("/acme/hello.site/issues/1");
    assert_eq!((old.status().as_u16(), old.headers()["location"].to_str().unwrap()), (302, "/acme/moved/issues/1"));
    assert_eq!(look(&stage, "/acme/moved/issues/1").status, 200);
    stage.patch(&ada, "/repos/acme/moved", json!({"private": true})).expect(200);
    assert_eq!(look(&stage, "/acme/hello.site/issues/1").status, 404);
}
