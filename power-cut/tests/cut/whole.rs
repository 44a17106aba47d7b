//! Both servers and the projector on one machine: the power goes for all of them at one moment.
//!
//! Afterwards what was acknowledged is in LOG, the rows are not ahead of LOG, and the projector makes them the same.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bus::publish::{Options, Publisher};
use power_cut::{Entries, Tear};
use store::{Store, projector};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    channel::{ALWAYS, Channel, load, stored::Held},
    database::{self, Database},
    ledger::{Ledger, seeds},
    machine::Machine,
};

const PATIENCE: Duration = Duration::from_secs(60);

struct Whole {
    // Before the machine they run on.
    channel: Channel,
    database: Database,
    machine: Machine,
}

impl Whole {
    async fn new() -> Self {
        let machine = Machine::new(Entries::WithFile);
        let database = Database::start(&machine).await;
        Store::connect(&database.url()).unwrap().migrate().await.unwrap();
        let channel = Channel::start(&machine, ALWAYS).await;
        Self { channel, database, machine }
    }

    /// The projector runs until this is dropped, which ends it as suddenly as a cut does.
    async fn project(&self) -> JoinSet<()> {
        let connection = self.channel.user("projector").await;
        let store = Store::connect(&self.database.url()).unwrap();
        let publisher = Publisher::start(&connection, Options::default());
        let mut projector = JoinSet::new();
        projector.spawn(async move { projector::run(&connection, &store, publisher, CancellationToken::new()).await });
        projector
    }

    async fn through(&self) -> u64 {
        database::through(&mut self.database.connect().await).await
    }

    async fn rows(&self) -> Held {
        database::rows(&mut self.database.connect().await).await
    }

    async fn wait_for_rows(&self, through: u64) {
        let deadline = Instant::now() + PATIENCE;
        while self.through().await < through {
            assert!(Instant::now() < deadline, "the rows end at {} and not at {through}", self.through().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn soak_slice_power_cut_leaves_log_and_rows_whole() {
    for seeds in seeds(3) {
        let mut whole = Whole::new().await;
        let ledger = Arc::new(Ledger::new());
        for seed in seeds {
            let projector = whole.project().await;
            let load = load::start(&whole.channel, &ledger, seed).await;
            ledger.moment(seed, 100..=2000).await;
            whole.machine.cut(&mut Tear::seeded(seed), || {
                whole.channel.kill();
                whole.database.kill();
            });
            drop((projector, load));
            whole.channel.start_again().await;
            whole.database.start_again().await;
            check(&whole, &ledger, seed).await;
        }
    }
}

async fn check(whole: &Whole, ledger: &Ledger<load::Stored>, seed: u64) {
    let holdings = whole.channel.holdings().await;
    let last = holdings.log.last_key_value().map_or(0, |(sequence, _)| *sequence);
    let through = whole.through().await;
    assert!(through <= last, "seed {seed}: the rows tell of {through} records, and LOG has {last}");
    let projector = whole.project().await;
    whole.wait_for_rows(last).await;
    drop(projector);
    let rows = whole.rows().await;
    let acked = ledger.all();
    let lost = acked.iter().filter(|acked| !holdings.have(&acked.what)).count();
    let differ = holdings.log.iter().filter(|(sequence, body)| rows.get(sequence) != Some(body)).count();
    eprintln!(
        "seed {seed}: {} acknowledged, {lost} lost; LOG holds {last}, {through} of them were rows already; {differ} rows differ",
        acked.len()
    );
    assert_eq!((lost, differ), (0, 0), "seed {seed}");
}
