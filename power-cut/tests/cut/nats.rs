//! Records that the channel acknowledged.
//!
//! The settings are those of `rig up`: `sync_interval: always`, the streams of `nats/*.toml`, the accounts of the one
//! table.

use std::{sync::Arc, time::Instant};

use power_cut::{Entries, Tear};

use crate::{
    channel::{ALWAYS, Channel, SERVERS_DEFAULT, load, load::Stored},
    ledger::{Acked, Ledger, seeds},
    machine::Machine,
};

const STREAMS: [&str; 3] = ["LOG", "VOICE", "CLOCK"];

/// One cut, and what is missing after it.
struct Outcome {
    /// Of all that was ever acknowledged.
    lost: Vec<Acked<Stored>>,
    /// The moment of the cut. What was said after it was said while the disk stood still already.
    at: Instant,
}

async fn cut_under_load(
    machine: &mut Machine,
    channel: &mut Channel,
    ledger: &Arc<Ledger<Stored>>,
    seed: u64,
    tear: &mut Tear,
) -> Outcome {
    let tasks = load::start(channel, ledger, seed).await;
    ledger.moment(seed, 100..=3000).await;
    let at = Instant::now();
    let forgotten = machine.cut(tear, || channel.kill());
    channel.start_again().await;
    let back = at.elapsed();
    // What was in flight has been answered or not by now.
    drop(tasks);
    let holdings = channel.holdings().await;
    let acked = ledger.all();
    let lost: Vec<_> = acked.iter().filter(|acked| !holdings.have(&acked.what)).cloned().collect();
    eprintln!("seed {seed}: acknowledged {}, lost {}; {forgotten:?}; back after {back:.1?}", told(&acked), told(&lost));
    assert!(STREAMS.iter().all(|stream| count(&acked, stream) > 0), "the load reached every stream: {}", told(&acked));
    assert_eq!(holdings.doubles(), [], "seed {seed}: records stand twice in LOG");
    Outcome { lost, at }
}

fn count(of: &[Acked<Stored>], stream: &str) -> usize {
    of.iter().filter(|acked| acked.what.stream() == stream).count()
}

fn told(of: &[Acked<Stored>]) -> String {
    STREAMS.map(|stream| format!("{stream} {}", count(of, stream))).join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn soak_slice_power_cut_loses_no_acknowledged_record() {
    for seeds in seeds(5) {
        let mut machine = Machine::new(Entries::WithFile);
        let mut channel = Channel::start(&machine, ALWAYS).await;
        let ledger = Arc::new(Ledger::new());
        for seed in seeds {
            let lost = cut_under_load(&mut machine, &mut channel, &ledger, seed, &mut Tear::seeded(seed)).await.lost;
            assert!(lost.is_empty(), "seed {seed}: {} lost, the first is {:?}", told(&lost), lost[0]);
        }
    }
}

/// Everything written and not flushed is forgotten; the test below shows what that costs with the server's default.
#[tokio::test(flavor = "multi_thread")]
async fn i_25_a_power_cut_takes_nothing_that_was_acknowledged() {
    let mut machine = Machine::new(Entries::WithFile);
    let mut channel = Channel::start(&machine, ALWAYS).await;
    let ledger = Arc::new(Ledger::new());
    let lost = cut_under_load(&mut machine, &mut channel, &ledger, 25, &mut Tear::clean()).await.lost;
    assert!(lost.is_empty(), "{} lost, the first is {:?}", told(&lost), lost[0]);
    assert!(!ledger.all().is_empty(), "nothing was acknowledged");
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_power_cut_with_the_servers_default_loses_records() {
    let mut lost = Vec::new();
    for seed in 0..2 {
        let mut machine = Machine::new(Entries::WithFile);
        let mut channel = Channel::start(&machine, SERVERS_DEFAULT).await;
        machine.settle();
        let ledger = Arc::new(Ledger::new());
        let outcome = cut_under_load(&mut machine, &mut channel, &ledger, seed, &mut Tear::clean()).await;
        lost.extend(outcome.lost.into_iter().filter(|lost| lost.at < outcome.at));
    }
    for stream in STREAMS {
        assert!(
            count(&lost, stream) > 0,
            "{stream} lost nothing although nothing was flushed: this disk forgets nothing"
        );
    }
}
