//! Pages of long lists.

use serde_json::json;

use crate::{
    pages::{SITE, look},
    rounds::commit,
    stage::Stage,
};

#[test]
fn a_long_list_comes_in_portions() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    for number in 1..=62 {
        stage.post(&ada, &format!("{SITE}/issues"), json!({"title": format!("Issue {number}.")})).expect(201);
        commit(&mut stage, &format!("try/{number:02}"), "a.txt", &format!("{number}\n"));
    }
    stage.patch(&ada, &format!("{SITE}/issues/7"), json!({"state": "closed"})).expect(200);
    let (issues, branches) = ("/acme/hello.site/issues", "/acme/hello.site/branches");
    let walk = |first: &str| {
        let (mut address, mut pages) = (Some(first.to_owned()), Vec::new());
        while let Some(page) = address.map(|address| look(&stage, &address)) {
            address = page.leads_on("Next");
            pages.push(page);
        }
        pages
    };
    let open = walk(issues);
    let all: String = open.iter().map(|page| page.text.as_str()).collect();
    assert_eq!((open.len(), all.matches("Issue ").count(), all.contains("Issue 7.")), (3, 61, false));
    assert!(
        open[0].text.contains("Open: 61") && open[0].text.contains("Closed: 1") && open[0].text.contains("Issue 62.")
    );
    assert_eq!(open[2].leads_on("Previous").unwrap(), format!("{issues}?page=2"));
    let closed = walk(&format!("{issues}?state=closed"));
    assert!(closed.len() == 1 && closed[0].text.contains("Issue 7.") && !closed[0].text.contains("Issue 8."));
    let trials: String = walk(branches).iter().map(|page| page.text.clone()).collect();
    assert!((1..=62).all(|number| trials.contains(&format!("try/{number:02}"))));
    for beyond in ["99", "0", "-1", "x", "18446744073709551615", "99999999999999999999"] {
        assert_eq!(look(&stage, &format!("{issues}?page={beyond}")).status, 200, "{beyond}");
    }
    let odd = look(&stage, &format!("{branches}?page=1&x=%22%3E%3Cscript%3E&%ff"));
    assert!(odd.leads_on("Next").unwrap().ends_with("page=2"));
}
