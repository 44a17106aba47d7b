//! `rig dead show`.

use store::{
    Store,
    query::dead::{self, Dead},
};

use super::{Row, Show, numbered};
use crate::{
    exit::Failure,
    local_time::LocalTime,
    screen::{self, BAD, FAINT, NAME, clean, clean_line},
};

pub(super) async fn run(show: &Show, store: &Store) -> Result<(), Failure> {
    let dead = numbered(store, show.number).await?;
    let body = dead::body(store, &dead).await?.map(|body| String::from_utf8_lossy(&body).into_owned());
    if show.json {
        return screen::print(&Row::of(&dead, body).json()?);
    }
    for line in told(&dead) {
        screen::print(&line)?;
    }
    screen::print(&match body {
        Some(body) => pretty(&body),
        None => format!("{FAINT}the record is not among the rows: rig tail --from {}{FAINT:#}", dead.about_sequence),
    })
}

fn told(dead: &Dead) -> Vec<String> {
    let parked = LocalTime::of(dead.parked_at);
    let again = match dead.retried {
        Some(retried) => format!("handed out again as record {}", retried.sequence),
        None => format!("hand it out again: rig dead retry {}", dead.sequence),
    };
    let mut lines = vec![
        format!("{NAME}{}{NAME:#}", clean_line(&dead.say)),
        format!("  when     {} {}", parked.day(), parked.seconds()),
        format!("  record   {} on {}", dead.about_sequence, clean_line(&dead.about_subject)),
        format!("  now      {again}"),
    ];
    let errors = dead.errors.iter().enumerate();
    lines.extend(errors.map(|(n, error)| format!("  {BAD}✗{BAD:#} {:<6} {}", n + 1, clean_line(error))));
    lines
}

/// Indented where it is JSON; else as it is.
fn pretty(body: &str) -> String {
    let parsed: Result<serde_json::Value, _> = serde_json::from_str(body);
    let text = parsed.ok().and_then(|value| serde_json::to_string_pretty(&value).ok());
    clean(text.as_deref().unwrap_or(body)).into_owned()
}
