//! What the demo shows before and after.

use std::time::Duration;

use super::{Stage, Story, quoted};
use crate::{
    context::DEMO,
    screen::{self, GOOD, NAME},
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

/// How it went.
pub(super) fn end(story: &Story) {
    screen::say(&format!("\n  {}", story.sentence()));
}

/// That it stays, and what to do meanwhile.
pub(super) fn stays(stage: &Stage) {
    let home = match stage.home.path() {
        path if path.ends_with(DEMO) => String::new(),
        path => format!(" --home {}", quoted(path)),
    };
    screen::say("");
    for (word, command, what) in [
        ("Ask", "rig why 1", "each step, backwards to its cause"),
        ("Talk", "rig chat", "then: file Add a dark mode"),
        ("Listen", "rig tail work", "your own program: docs/subscribe.md"),
        ("Yours", "rig init", "your repository, about ten minutes"),
    ] {
        screen::say(&format!("  {word:<9} {:<25} {what}", format!("{command}{home}")));
    }
    screen::say("\n  It stays up until Ctrl-C; nothing of it is kept after that.");
}
