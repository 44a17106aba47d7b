//! `rig dead list`.

use store::{
    Store,
    query::dead::{self, Dead, Which},
};

use super::{List, Row};
use crate::{
    exit::Failure,
    local_time::LocalTime,
    screen::{self, FAINT, GOOD, NAME, clean_line},
};

pub(super) async fn run(list: &List, store: &Store) -> Result<(), Failure> {
    let which = if list.all { Which::All } else { Which::Waiting };
    let found = dead::list(store, which, list.most).await?;
    if found.is_empty() {
        screen::say("Nothing waits: nothing was given up that was not handed out again.");
    }
    for dead in &found {
        screen::print(&if list.json { Row::of(dead, None).json()? } else { told(dead) })?;
    }
    Ok(())
}

fn told(dead: &Dead) -> String {
    let parked = LocalTime::of(dead.parked_at);
    let when = format!("{} {}", parked.day(), parked.minutes());
    let retried = dead.retried.map(|retried| format!("  {GOOD}✓{GOOD:#} again as {}", retried.sequence));
    let (say, subject) = (clean_line(&dead.say), clean_line(&dead.about_subject));
    let retried = retried.unwrap_or_default();
    format!("{NAME}{:>7}{NAME:#}  {FAINT}{when}{FAINT:#}  {say}{retried}  {FAINT}{subject}{FAINT:#}", dead.sequence)
}
