//! How much the Rig writes on GitHub, as its orders tell.

use std::collections::BTreeMap;

use bus::{
    Sequenced, Subject,
    catalogue::outcome::{End, Outcome},
};

/// Comments and checks that an issue may cost, written or written anew: GitHub counts them, and who reads them has one
/// comment on the issue, one on its pull request, and one check a head. Seven or eight are usual.
const WORDS_AN_ISSUE: usize = 12;

/// So many issues did not cost more words than that.
pub fn are_few(records: &[Sequenced], issues: usize) {
    let done = carried_out(records);
    eprintln!("what GitHub took of what was ordered: {done:?}");
    let words: usize = ["tell", "judge"].iter().filter_map(|verb| done.get(*verb)).sum();
    assert!(words <= issues * WORDS_AN_ISSUE, "{words} words for {issues} issues: {done:?}");
}

/// Orders that GitHub took, by verb. Those that read alone are left out.
fn carried_out(records: &[Sequenced]) -> BTreeMap<String, usize> {
    let mut orders = BTreeMap::new();
    let mut done = BTreeMap::<String, usize>::new();
    for record in records {
        let (subject, envelope) = record.decode().unwrap();
        match subject {
            Subject::CmdGithub { verb, .. } if verb.as_str() != "look" => {
                orders.insert(envelope.id, verb.as_str().to_owned());
            }
            Subject::Outcome { .. } => {
                let Outcome { command, end, .. } = envelope.open().unwrap();
                if let (Some(verb), End::Done { .. }) = (orders.remove(&command), end) {
                    *done.entry(verb).or_default() += 1;
                }
            }
            _ => {}
        }
    }
    done
}
