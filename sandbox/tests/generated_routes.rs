//! The table of routes in `docs/sandbox.md` is made from GitHub's contract and from what is played.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod contract;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use contract::{Contract, Route};
use sandbox::world::World;

const BEGIN: &str = "<!-- routes: written by `make docs`; a test fails where it drifts -->\n";
const END: &str = "<!-- end of routes -->";

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment to write what it made")]
fn generated_routes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sandbox.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has a place for the routes");
    let (_, after) = rest.split_once(END).expect("the place for the routes has an end");
    let made = format!("{before}{BEGIN}{}{END}{after}", routes());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(written == made, "docs/sandbox.md does not say what is played; run `make docs` and commit it");
}

#[test]
fn every_route_that_is_played_is_one_of_githubs() {
    let known: BTreeSet<(&str, &str)> = Contract::load().routes().iter().map(name).collect();
    let strange: Vec<_> = World::routes().filter(|route| !known.contains(route)).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

fn name(route: &Route) -> (&str, &str) {
    (&route.method, &route.template)
}

/// Of each family of which something is played, every route; of the others how many there are.
fn routes() -> String {
    let played: BTreeSet<(&str, &str)> = World::routes().collect();
    let mut families: BTreeMap<String, Vec<&Route>> = BTreeMap::new();
    for route in Contract::load().routes() {
        families.entry(family(&route.template)).or_default().push(route);
    }
    let all: usize = families.values().map(Vec::len).sum();
    families.retain(|_, routes| routes.iter().any(|route| played.contains(&name(route))));
    let shown: usize = families.values().map(Vec::len).sum();
    let mut text = format!(
        "\nOf the {all} routes that GitHub describes, {} are played (✓). Below are those and their neighbours; the other {} \
         belong to\nfamilies of which nothing is played.\n\n| | method | route | what GitHub says it does |\n|---|---|---|---|\n",
        played.len(),
        all - shown,
    );
    for route in families.into_values().flat_map(sorted) {
        let mark = if played.contains(&name(route)) { "✓" } else { "" };
        writeln!(text, "| {mark} | {} | `{}` | {} |", route.method, route.template, route.summary.replace('|', "\\|"))
            .unwrap();
    }
    text.push('\n');
    text
}

fn sorted(mut routes: Vec<&Route>) -> Vec<&Route> {
    routes.sort_by_key(|route| (route.template.clone(), route.method.clone()));
    routes
}

/// `/repos/{owner}/{repo}/issues/{issue_number}` belongs to `/repos/{owner}/{repo}/issues`.
fn family(template: &str) -> String {
    let parts: Vec<&str> = template.split('/').skip(1).collect();
    let variables = parts.iter().skip(1).take_while(|part| part.starts_with('{')).count();
    let length = (2 + variables).min(parts.len());
    parts[..length].join("/")
}
