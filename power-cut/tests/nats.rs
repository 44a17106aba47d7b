//! Records that the channel acknowledged, and the power goes.
//!
//! The settings are those of `rig up`: `sync_interval: always`, the streams of `nats/*.toml`, the accounts of the one
//! table. Beside it stands the same with the server's default, which must lose records: else this would prove nothing.
#![allow(clippy::panic, clippy::unwrap_used)]

mod channel;
mod ledger;

use std::{sync::Arc, time::Instant};

use channel::{ALWAYS, Channel, SERVERS_DEFAULT, load, load::Stored};
use ledger::{Acked, Ledger, seeds};
use power_cut::{Options, Tear};

/// One cut, and what of all that was ever acknowledged is missing after it.
async fn cut_under_load(
    channel: &mut Channel,
    ledger: &Arc<Ledger<Stored>>,
    seed: u64,
    tear: &mut Tear,
) -> Vec<Acked<Stored>> {
    let tasks = load::start(channel, ledger, seed).await;
    ledger.moment(seed, 100..=3000).await;
    let at = Instant::now();
    let forgotten = channel.cut(tear).await;
    let back = at.elapsed();
    // What was in flight has been answered or not by now.
    drop(tasks);
    let holdings = channel.holdings().await;
    let acked = ledger.all();
    let before = acked.iter().filter(|acked| acked.at < at).count();
    let lost: Vec<_> = acked.iter().filter(|acked| !holdings.have(&acked.what)).cloned().collect();
    eprintln!(
        "seed {seed}: {} acknowledged ({before} before the cut), {} lost, LOG holds {}, {forgotten:?}, back after {back:.1?}",
        acked.len(),
        lost.len(),
        holdings.records()
    );
    assert_eq!(holdings.doubles(), [], "seed {seed}: records stand twice in LOG");
    lost.into_iter().filter(|lost| lost.at < at).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn soak_slice_power_cut_loses_no_acknowledged_record() {
    let mut channel = Channel::new(ALWAYS, Options::default()).await;
    let ledger = Arc::new(Ledger::new());
    for seed in seeds() {
        let lost = cut_under_load(&mut channel, &ledger, seed, &mut Tear::seeded(seed)).await;
        assert!(
            lost.is_empty(),
            "seed {seed}: {} acknowledged records are lost, the first is {:?}",
            lost.len(),
            lost[0]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_power_cut_with_the_servers_default_loses_records() {
    let mut lost = 0;
    for seed in 0..3 {
        let mut channel = Channel::new(SERVERS_DEFAULT, Options::default()).await;
        channel.disk.settle();
        lost += cut_under_load(&mut channel, &Arc::new(Ledger::new()), seed, &mut Tear::clean()).await.len();
    }
    assert!(lost > 0, "nothing was lost although nothing was flushed: this disk forgets nothing");
}
