//! Lists of commits: whichever page of whichever history was asked for before, each is as git has it.

use serde_json::{Value, json};

use crate::{
    local::Local,
    rounds::{commit, tip},
    stage::Stage,
};

const COMMITS: &str = "/repos/acme/hello.site/commits";

/// All commits of a branch by their ids, two at a time.
fn listed(stage: &mut Stage, branch: &str) -> Vec<String> {
    let nora = stage.nora.clone();
    let mut all = Vec::new();
    for number in 1.. {
        let page = stage.get(&nora, &format!("{COMMITS}?sha={branch}&per_page=2&page={number}"));
        let links = page.answer.headers().get("link").map(|links| links.to_str().unwrap().to_owned());
        let ids = page.expect(200);
        all.extend(ids.as_array().unwrap().iter().map(|commit| commit["sha"].as_str().unwrap().to_owned()));
        if !links.unwrap_or_default().contains("rel=\"next\"") {
            return all;
        }
    }
    all
}

fn real(stage: &Stage, branch: &str) -> Vec<String> {
    stage.world.objects().log(tip(stage, branch), &[]).iter().map(ToString::to_string).collect()
}

#[test]
fn histories_are_listed_as_git_has_them_however_they_grow() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    for round in 0..4 {
        for branch in ["main", "greet"] {
            commit(&mut stage, branch, &format!("{branch}-{round}.txt"), "text\n");
            assert_eq!(listed(&mut stage, branch), real(&stage, branch), "{branch} after {round}");
        }
    }
    let [main, greet] = ["main", "greet"].map(|branch| tip(&stage, branch));
    let mut local = Local::of(&stage);
    let merge = local.commit(&[main, greet], "Join", &[]);
    assert_eq!(local.push(&mut stage, &nora, "refs/heads/main", Some(main), Some(merge)), "ok");
    let next = commit(&mut stage, "main", "next.txt", "text\n");
    let all = listed(&mut stage, "main");
    assert_eq!(all, real(&stage, "main"));
    assert_eq!((all.len(), &all[0]), (11, &next.to_string()));
}

#[test]
fn a_filter_lets_through_what_it_names() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    let first = commit(&mut stage, "main", "a.txt", "one\n");
    commit(&mut stage, "main", "b.txt", "one\n");
    let of = |list: Value| list.as_array().unwrap().iter().map(|commit| commit["sha"].clone()).collect::<Vec<_>>();
    assert_eq!(of(stage.get(&nora, &format!("{COMMITS}?path=a.txt")).expect(200)), [json!(first)]);
    assert_eq!(of(stage.get(&nora, &format!("{COMMITS}?author=nora")).expect(200)).len(), 2);
    assert_eq!(of(stage.get(&nora, &format!("{COMMITS}?since=2100-01-01T00:00:00Z")).expect(200)), [""; 0]);
    assert_eq!(of(stage.get(&nora, &format!("{COMMITS}?until=2100-01-01T00:00:00Z")).expect(200)).len(), 3);
}
