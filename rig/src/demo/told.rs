//! What the demo shows before and after.

use std::time::Duration;

use super::{Stage, Story, plug::Plug, quoted};
use crate::{
    context::DEMO,
    screen::{self, BAD, GOOD, NAME},
};

/// What is up, and where.
pub(super) fn begin(stage: &Stage, took: Duration) {
    screen::say(&format!(
        "{NAME}rig demo{NAME:#} · a whole rig on this machine: no keys, no account, nothing leaves it\n"
    ));
    let [nats, postgres] = stage.rig.servers();
    row(&nats.0, &at(&nats.1, "the channel: every word is kept"), "");
    row(&postgres.0, &at(&postgres.1, "a row for every record"), "");
    row("GitHub, played", &at(&stage.town.web, "real git, webhooks and CI script"), "");
    row("the site", &at(&stage.town.site, "says \"Hello!\""), "");
    let took = format!("{:.1} s", took.as_secs_f32());
    row("dev-e, review-e", "rehearsing from a playbook, not a model", &took);
}

fn at(address: &str, what: &str) -> String {
    format!("{address:<22}  {what}")
}

fn row(name: &str, what: &str, took: &str) {
    let line = format!("  {name:<19} {GOOD}ready{GOOD:#}  {what:<56} {took}");
    screen::say(line.trim_end());
}

/// What happens now, and what the person may do meanwhile.
pub(super) fn invite(pulls: bool, random: Option<u64>) {
    screen::say("\n  Two issues are filed in acme/hello.site. From here on nobody touches a key.");
    match (pulls, random) {
        (false, _) => {}
        (true, Some(seed)) => screen::say(&format!("  Each process is killed once with -9, by chance (seed {seed}).")),
        (true, None) => {
            let keys: Vec<String> =
                Plug::ALL.iter().enumerate().map(|(n, plug)| format!("{} {}", n + 1, plug.name())).collect();
            screen::say(&format!("  But you may kill what works, with -9: {}.", keys.join(" · ")));
        }
    }
    screen::say("");
}

/// How it went.
pub(super) fn end(story: &Story) {
    screen::say(&format!("\n  {}", story.sentence()));
    if let Some(balance) = story.balance() {
        screen::say(&format!("  {balance}"));
    }
}

/// That it stays, and what to do meanwhile.
pub(super) fn stays(stage: &Stage, story: &Story) {
    let home = match stage.home.path() {
        path if path.ends_with(DEMO) => String::new(),
        path => format!(" --home {}", quoted(path)),
    };
    if let Err(failure) = story.verdict() {
        screen::say(&format!("  {BAD}✗{BAD:#} {failure}"));
    }
    screen::say("");
    for (word, command, what) in [
        ("Ask", "rig why 1", "each step, backwards to its cause"),
        ("Talk", "rig chat", "then: file Add a dark mode"),
        ("Listen", "rig tail work", "your own program: docs/subscribe.md"),
        ("Break it", "rig demo --pull-the-plug", "kill anything while it works"),
        ("Yours", "rig init", "your repository, about ten minutes"),
    ] {
        screen::say(&format!("  {word:<9} {:<26} {what}", format!("{command}{home}")));
    }
    screen::say("\n  It stays up until Ctrl-C; nothing of it is kept after that.");
}
