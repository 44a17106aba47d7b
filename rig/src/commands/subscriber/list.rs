//! `rig subscriber list`.

use bus::{connect::Connection, stream::LOG};
use serde::Serialize;
use time::OffsetDateTime;

use super::List;
use crate::{
    context::Context,
    exit::Failure,
    home::Subscriber,
    local_time::in_words,
    screen::{self, FAINT, NAME},
};

/// One subscriber, and where it is.
#[derive(Serialize)]
struct Row {
    name: String,
    filters: Vec<String>,
    /// Records that it has not acknowledged.
    behind: u64,
    /// Everything up to this number is acknowledged; 0 before the first.
    acknowledged_through: u64,
    /// When it last acknowledged one, as far as the server remembers.
    #[serde(with = "time::serde::rfc3339::option")]
    last_acknowledged: Option<OffsetDateTime>,
    folder: String,
}

pub(super) async fn run(list: &List, context: &Context) -> Result<(), Failure> {
    let running = context.running()?;
    let operator = running.connect("rig subscriber").await?;
    let subscribers = running.home.subscribers()?;
    if subscribers.is_empty() {
        screen::say("No subscribers. Make one: rig subscriber add NAME --events … --lang python");
    }
    for subscriber in subscribers {
        let row = row(&operator, &subscriber).await?;
        screen::print(&if list.json { json(&row)? } else { told(&row) })?;
    }
    Ok(())
}

async fn row(operator: &Connection, subscriber: &Subscriber) -> Result<Row, Failure> {
    let consumer = format!("sub-{}", subscriber.name);
    let info = operator
        .jetstream()
        .get_consumer_from_stream::<async_nats::jetstream::consumer::pull::Config, _, _>(&consumer, LOG)
        .await
        .map_err(|error| {
            Failure::failed(format!("{consumer} cannot be asked about"))
                .because(error)
                .advice("`rig bus apply` makes what is missing.")
        })?
        .cached_info()
        .clone();
    Ok(Row {
        name: subscriber.name.to_string(),
        filters: subscriber.filters()?.iter().map(ToString::to_string).collect(),
        behind: info.num_pending + u64::try_from(info.num_ack_pending).unwrap_or(0),
        acknowledged_through: info.ack_floor.stream_sequence,
        last_acknowledged: info.ack_floor.last_active,
        folder: subscriber.folder().display().to_string(),
    })
}

fn json(row: &Row) -> Result<String, Failure> {
    serde_json::to_string(row).map_err(|error| Failure::failed("a row cannot be written").because(error))
}

fn told(row: &Row) -> String {
    let ago = row.last_acknowledged.map(|last| format!(", the last {} ago", in_words(bus::envelope::now() - last)));
    let place = match (row.behind, row.acknowledged_through) {
        (0, 0) => "nothing came for it yet".to_owned(),
        (behind, 0) => format!("{behind} behind: it never acknowledged one"),
        (0, through) => format!("up to date, through {through}"),
        (behind, through) => format!("{behind} behind, through {through}{}", ago.unwrap_or_default()),
    };
    format!("{NAME}{:<16}{NAME:#} {place}  {FAINT}{}{FAINT:#}", row.name, row.filters.join(" "))
}
