//! A site as the API tells of it.

use sandbox::world::{Deployed, Settled};
use serde_json::json;

use crate::{
    browser::Page,
    deployments::{asked, push, report, site},
    stage::Stage,
};

const REPO: &str = "/repos/acme/hello.site";
const PLACE: &str = "/repos/acme/hello.site/pages";

#[test]
fn a_site_and_its_builds_are_told_of() {
    let mut stage = site(Settled::ByReport);
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    assert_eq!(stage.get(&sam, REPO).expect(200)["has_pages"], true);
    let (first, _) = asked(&mut stage).pop().unwrap();
    let front = Page::read(&stage.world.page("/acme/hello.site"));
    assert!(front.text.contains("http://127.0.0.1:8481/, not deployed yet"), "{}", front.text);
    report(&mut stage, first, Deployed::Served);
    let front = Page::read(&stage.world.page("/acme/hello.site"));
    let links = ["http://127.0.0.1:8481/", "http://127.0.0.1:8481/.well-known/commit"];
    assert!(links.iter().all(|link| front.links.iter().any(|found| found == link)), "{:?}", front.links);
    let page = stage.get(&nora, PLACE).expect(200);
    assert_eq!((&page["status"], &page["html_url"]), (&json!("built"), &json!("http://127.0.0.1:8481/")));
    assert_eq!((&page["source"], &page["custom_404"]), (&json!({"branch": "main", "path": "/"}), &json!(false)));
    push(&mut stage, "overtaken");
    let tip = push(&mut stage, "two");
    let (second, _) = asked(&mut stage).pop().unwrap();
    let latest = format!("{PLACE}/builds/latest");
    assert_eq!(stage.get(&nora, &latest).expect(200)["status"], "queued");
    assert_eq!(stage.get(&nora, PLACE).expect(200)["status"], "building");
    report(&mut stage, second, Deployed::Failed("The disk is full.".into()));
    assert_eq!(stage.get(&nora, PLACE).expect(200)["status"], "errored");
    let failed = stage.get(&nora, &latest).expect(200);
    assert_eq!((&failed["error"]["message"], &failed["commit"]), (&json!("The disk is full."), &json!(tip)));
    assert_eq!(failed["pusher"]["login"], "nora");
    let asked_for = stage.post(&nora, &format!("{PLACE}/builds"), json!({})).expect(201);
    assert_eq!(asked_for["status"], "queued");
    let (again, commit) = asked(&mut stage).pop().unwrap();
    assert_eq!(commit, tip);
    report(&mut stage, again, Deployed::Served);
    let builds = stage.get(&nora, &format!("{PLACE}/builds")).expect(200);
    let ends: Vec<_> = builds.as_array().unwrap().iter().map(|build| build["status"].as_str().unwrap()).collect();
    assert_eq!(ends, ["built", "errored", "errored", "built"]);
    assert_eq!(stage.get(&nora, &format!("{PLACE}/builds/{again}")).expect(200), builds[0]);
    assert!(stage.told().iter().any(|event| event == "page_build"));
}

#[test]
fn what_has_no_site_has_no_builds() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    assert_eq!(stage.get(&nora, REPO).expect(200)["has_pages"], false);
    for path in [PLACE.to_owned(), format!("{PLACE}/builds"), format!("{PLACE}/builds/latest")] {
        stage.get(&nora, &path).expect(404);
    }
    stage.post(&nora, &format!("{PLACE}/builds"), json!({})).expect(404);
}
