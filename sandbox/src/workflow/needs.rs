//! Puts checks after those they need.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, Fault};

/// Orders the checks; where a need cannot be met, says so and leaves them as they are. Some that were declared may be
/// missing, for faults of their own.
pub(super) fn in_order(checks: Vec<Check>, declared: &BTreeSet<String>, faults: &mut Vec<Fault>) -> Vec<Check> {
    let before = faults.len();
    faults.extend(checks.iter().flat_map(|check| unmet(check, &checks, declared)));
    if checks.len() < declared.len() {
        return checks;
    }
    if faults.len() > before { checks } else { sorted(checks, faults) }
}

fn unmet(check: &Check, checks: &[Check], declared: &BTreeSet<String>) -> Vec<Fault> {
    let wrong = check.needs.iter().filter_map(|need| match checks.iter().find(|other| other.name == *need) {
        None if declared.contains(need) => None,
        None => Some(format!("there is no check {need:?} to need")),
        Some(needed) => unstarted(check, needed),
    });
    wrong.map(|sentence| Fault { place: format!("check.{}.needs", check.name), sentence }).collect()
}

/// A check that waits for one that its event does not start would wait for ever.
fn unstarted(check: &Check, needed: &Check) -> Option<String> {
    let event = check.on.iter().map(|trigger| trigger.event()).find(|event| !needed.starts_on(*event))?;
    Some(format!("{:?} does not start on {event}, so this check would wait for it for ever", needed.name))
}

fn sorted(checks: Vec<Check>, faults: &mut Vec<Fault>) -> Vec<Check> {
    let mut left: BTreeMap<String, Check> = checks.into_iter().map(|check| (check.name.clone(), check)).collect();
    let mut ordered: Vec<Check> = Vec::with_capacity(left.len());
    let mut placed = BTreeSet::new();
    while let Some(name) = free(&left, &placed) {
        ordered.extend(left.remove(&name));
        placed.insert(name);
    }
    faults.extend(left.keys().map(|name| Fault {
        place: format!("check.{name}.needs"),
        sentence: "this check could never start: what it needs goes round in a circle".into(),
    }));
    ordered
}

fn free(left: &BTreeMap<String, Check>, placed: &BTreeSet<String>) -> Option<String> {
    let free = left.values().find(|check| check.needs.iter().all(|need| placed.contains(need)))?;
    Some(free.name.clone())
}
