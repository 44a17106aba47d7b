//! What `docs/operate.md` tells a person to type is typed here.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod world;

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use world::Rig;

/// The blocks of shell under a heading.
fn blocks(heading: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/operate.md");
    let page = fs::read_to_string(page).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Types it in a shell, in which `rig` is the program under test and its home is this one's.
async fn typed(rig: &Rig, script: &str) -> String {
    let script =
        script.replace("home=.rig\n", "").replace("http://127.0.0.1:8420/webhooks/github", &rig.told("/webhooks"));
    let program = Path::new(env!("CARGO_BIN_EXE_rig")).parent().unwrap().display();
    let path = std::env::var("PATH").unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-euc", &script]).env("home", rig.folder()).env("RIG_HOME", rig.folder());
    shell.env("PATH", format!("{program}:{path}")).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The targets of a page's links that lie in this repository.
fn links(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let targets = targets.map(|target| target.split('#').next().unwrap_or_default().to_owned());
    targets.filter(|target| !target.is_empty() && !target.contains("://")).collect()
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for page in ["README.md", "docs/operate.md"] {
        let page = root.join(page);
        for link in links(&page) {
            assert!(page.parent().unwrap().join(&link).exists(), "{} leads to {link}", page.display());
        }
    }
}

#[tokio::test]
async fn a_webhook_posted_by_hand_is_a_record_and_a_row() {
    let rig = Rig::up().await;
    let blocks = blocks("A webhook by hand");
    let [post, look] = &blocks[..] else { panic!("{blocks:?}") };
    let answer = typed(&rig, post).await;
    assert!(answer.contains("HTTP/1.1 202"), "{answer}");
    rig.caught_up().await;
    let shown = typed(&rig, look).await;
    assert!(shown.contains("acme/site#1"), "the channel has it: {shown}");
    assert!(shown.contains("rig.evt.github.acme.site.issues"), "PostgreSQL has it: {shown}");
    rig.finish().await;
}
