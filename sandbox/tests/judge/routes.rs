use crate::contract::{Answer, Contract};

fn template(method: &str, path: &str) -> String {
    let found = Contract::load().find(method, path);
    found.map_or_else(|faults| faults.join(" "), |found| found.route.template.clone())
}

#[test]
fn a_path_means_the_route_with_most_words() {
    let of = |path| template("GET", path);
    assert_eq!(of("/repos/ada/engine/issues/7"), "/repos/{owner}/{repo}/issues/{issue_number}");
    assert_eq!(of("/repos/ada/engine/issues/comments"), "/repos/{owner}/{repo}/issues/comments");
    assert_eq!(of("/repos/ada/engine/releases/latest"), "/repos/{owner}/{repo}/releases/latest");
    assert_eq!(of("/repos/ada/engine/commits/main/check-runs"), "/repos/{owner}/{repo}/commits/{ref}/check-runs");
    assert_eq!(template("PUT", "/repos/ada/engine/pulls/1/merge"), "/repos/{owner}/{repo}/pulls/{pull_number}/merge");
}

#[test]
fn some_parameters_span_slashes() {
    let of = |path| template("GET", path);
    assert_eq!(of("/repos/ada/engine/contents/src/main.rs"), "/repos/{owner}/{repo}/contents/{path}");
    assert_eq!(of("/repos/ada/engine/contents"), "/repos/{owner}/{repo}/contents/{path}");
    assert_eq!(of("/repos/ada/engine/contents/"), "/repos/{owner}/{repo}/contents/{path}");
    assert_eq!(of("/repos/ada/engine/git/ref/heads/a/b"), "/repos/{owner}/{repo}/git/ref/{ref}");
    assert_eq!(template("PATCH", "/repos/ada/engine/git/refs/heads/a/b"), "/repos/{owner}/{repo}/git/refs/{ref}");
    assert_eq!(of("/repos/ada/engine/compare/main...a/b"), "/repos/{owner}/{repo}/compare/{basehead}");
    assert_eq!(of("/repos/ada/engine/branches/a/b/protection"), "/repos/{owner}/{repo}/branches/{branch}/protection");
    assert_eq!(of("/repos/ada/engine/commits/a/b/check-runs"), "/repos/{owner}/{repo}/commits/{ref}/check-runs");
}

#[test]
fn a_route_that_github_has_not_is_refused() {
    assert_eq!(template("GET", "/repos/ada/engine/nowhere"), "GitHub has no route GET /repos/ada/engine/nowhere");
    assert_eq!(template("PUT", "/repos/ada/engine/issues"), "GitHub has no route PUT /repos/ada/engine/issues");
    assert_eq!(template("GET", "/repos//engine"), "GitHub has no route GET /repos//engine");
    assert_eq!(template("POST", "/repos/ada/engine/statuses"), "GitHub has no route POST /repos/ada/engine/statuses");
}

#[test]
fn every_route_has_its_template_and_a_summary() {
    let contract = Contract::load();
    assert_eq!(contract.routes().len(), 1222);
    let merge = contract.routes().iter().find(|route| route.template.ends_with("/pulls/{pull_number}/merge")).unwrap();
    assert_eq!((merge.method.as_str(), merge.summary.as_str()), ("GET", "Check if a pull request has been merged"));
    assert_eq!(contract.routes().iter().filter(|route| route.summary.is_empty()).count(), 0);
}

#[test]
fn every_route_is_found_and_judged_by_its_own_template() {
    let contract = Contract::load();
    for route in contract.routes() {
        let path = route.template.replace(['{', '}'], "");
        assert_eq!(contract.find(&route.method, &path).unwrap().route.template, route.template);
        contract.request(&route.method, &path, "", b"{}").ok();
        for status in [200, 201, 202, 422] {
            contract
                .answer(&route.method, &path, Answer { status, content_type: Some("application/json"), body: b"{}" })
                .ok();
        }
    }
}
