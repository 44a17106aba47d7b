//! The numbers that each part tells of itself.

use bus::{connect::Connection, intake::Intake};
use conductor::{
    driver::{Report, Role},
    github::ingest::{Health, Reason},
};
use store::projector::Tally;
use tokio::sync::watch;

use super::Measure;

/// What became of the deliveries on a line.
pub(super) fn intakes(line: &watch::Receiver<Option<Connection>>) -> Vec<Measure> {
    let Some(connection) = line.borrow().clone() else { return Vec::new() };
    let intakes = connection.intakes();
    let sum = |name, of: fn(&Intake) -> u64| Measure::counter(name, intakes.values().map(of).sum());
    vec![
        sum("rig_deliveries_done_total", |intake| intake.done),
        sum("rig_deliveries_again_total", |intake| intake.again),
        sum("rig_deliveries_given_up_total", |intake| intake.given_up),
    ]
}

pub(super) fn conductor(report: &Report) -> [Measure; 6] {
    let Report { role, term, through, from: _, read, batches, decided, said: _ } = *report;
    [
        Measure::gauge("rig_conductor_leads", u64::from(role == Role::Leading)),
        Measure::gauge("rig_conductor_term", term),
        Measure::gauge("rig_conductor_through", through),
        Measure::gauge("rig_conductor_read", read),
        Measure::counter("rig_conductor_batches_total", batches),
        Measure::counter("rig_conductor_decided_total", decided),
    ]
}

/// What became of GitHub's webhooks.
pub(super) fn ingest(health: &watch::Receiver<Option<Health>>) -> Vec<Measure> {
    let Some(counts) = health.borrow().as_ref().map(Health::counts) else { return Vec::new() };
    let refused = Reason::ALL.map(|reason| {
        let count = counts.refused.get(&reason).copied().unwrap_or_default();
        Measure::counter("rig_webhooks_refused_total", count).of("reason", reason.name())
    });
    let stored = [
        Measure::counter("rig_webhooks_taken_total", counts.taken),
        Measure::counter("rig_webhooks_doubled_total", counts.doubled),
    ];
    stored.into_iter().chain(refused).collect()
}

/// What was written, and how far LOG is ahead of it.
pub(super) fn projector(tally: &Tally, lag: Option<u64>) -> Vec<Measure> {
    let written = Measure::counter("rig_projector_rows_total", tally.records());
    [written].into_iter().chain(lag.map(|lag| Measure::gauge("rig_projector_lag", lag))).collect()
}
