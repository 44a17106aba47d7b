//! How each issue stands, read from the log.

use std::collections::BTreeMap;

use bus::{
    Sequenced,
    catalogue::{
        Kind,
        work::{Need, Standing, Transition, Waiting},
    },
};

/// Every transition of every item, in order.
pub fn transitions(records: &[Sequenced]) -> Vec<Transition> {
    records
        .iter()
        .filter_map(|record| {
            let (_, envelope) = record.decode().ok()?;
            matches!(Kind::of_type(&envelope.type_name)?, Kind::Work(_)).then(|| envelope.open().unwrap())
        })
        .collect()
}

/// What happened to the items, and when: for whoever has to find out why it took long.
pub fn told(records: &[Sequenced]) -> String {
    let Some(begun) = records.first().map(|record| record.stored_at) else { return String::new() };
    let line = |record: &Sequenced| {
        let (_, envelope) = record.decode().ok()?;
        matches!(Kind::of_type(&envelope.type_name)?, Kind::Work(_)).then(|| {
            let seconds = (record.stored_at - begun).as_seconds_f64();
            let transition: Transition = envelope.open().unwrap();
            format!("{seconds:>6.1} {} {}\n", transition.item.number, transition.say)
        })
    };
    records.iter().filter_map(line).collect()
}

/// Where each item stands now, by its issue.
pub fn last(transitions: &[Transition]) -> BTreeMap<u64, &Transition> {
    transitions.iter().map(|transition| (transition.item.number.0, transition)).collect()
}

/// Whether nothing is to come by itself: it is live, or a person was asked.
pub const fn is_settled(standing: &Standing) -> bool {
    matches!(standing, Standing::Live { .. } | Standing::Waiting(Waiting { .. }))
}

/// Why the person is asked, where that is for a trouble.
pub fn trouble(standing: &Standing) -> Option<&str> {
    match standing {
        Standing::Waiting(Waiting { what: Need::Trouble { why, .. }, .. }) => Some(why),
        _ => None,
    }
}

/// How all of them stand, for people.
pub fn shown(last: &BTreeMap<u64, &Transition>) -> String {
    let line = |(number, transition): (&u64, &&Transition)| {
        format!("#{number} {}: {}\n", transition.course.standing.name(), transition.say)
    };
    last.iter().map(line).collect()
}
