use super::*;
use crate::{
    stream,
    subject::{FAMILIES, Family},
};

/// Whether every subject of the pattern belongs to the family.
fn within(pattern: &str, family: &Family) -> bool {
    let (pattern, family) = (pattern.split('.'), family.pattern.split('.'));
    pattern.clone().count() == family.clone().count()
        && pattern.zip(family).all(|(have, want)| want.starts_with('<') || have == want)
}

/// What the server itself publishes: what LOG takes over, and what CLOCK fires.
fn carried() -> Vec<String> {
    stream::specs().iter().flat_map(stream::Spec::carries).collect()
}

#[test]
fn every_family_has_a_speaker_in_the_table() {
    let spoken: Vec<String> = TABLE
        .iter()
        .flat_map(|row| row.publish.iter().chain(row.serves))
        .map(|text| (*text).to_owned())
        .chain(carried())
        .collect();
    for family in FAMILIES {
        assert!(
            spoken.iter().any(|pattern| within(pattern, family)),
            "nobody in the table speaks on {}",
            family.pattern
        );
    }
}

#[test]
fn every_pattern_of_the_table_lies_in_one_family() {
    for row in TABLE {
        for pattern in row.publish.iter().chain(row.asks).chain(row.serves) {
            let families = FAMILIES.iter().filter(|family| within(pattern, family));
            assert_eq!(families.count(), 1, "{} of {}", pattern, row.role);
        }
    }
}

#[test]
fn every_service_that_is_asked_is_answered_by_one_role() {
    for asked in TABLE.iter().flat_map(|row| row.asks) {
        let servers = TABLE.iter().filter(|row| row.serves.contains(asked));
        assert_eq!(servers.count(), 1, "{asked}");
    }
}

#[test]
fn a_door_gives_up_under_its_own_name() {
    for row in TABLE.iter().filter(|row| row.account == Account::Edge) {
        if let Some(consumer) = row.consumer {
            let own = format!("rig.evt.dead.{}", consumer.name);
            assert!(row.publish.contains(&own.as_str()), "{}", row.role);
        }
    }
}

#[test]
fn outside_the_core_every_speaker_has_its_name_or_its_door_in_the_subject() {
    for row in TABLE.iter().filter(|row| row.account == Account::Guest) {
        for pattern in row.publish {
            assert!(pattern.contains("{name}"), "{pattern} of {}", row.role);
        }
    }
}

#[test]
fn a_user_may_do_what_its_row_says_under_its_own_name() {
    let role = Role::Agent { role: Skill::of("implement").unwrap(), pool: Name::of("linux").unwrap() };
    let grants = role.grants(&Name::of("dev-e").unwrap());
    assert_eq!(grants.publish, ["rig.say.agent.dev-e.*", "rig.say.chat.*.dev-e", "rig.trace.dev-e.*"]);
    let durable = grants.durable.unwrap();
    assert_eq!(durable.name, "agent-implement-linux");
    assert_eq!(durable.filters, ["rig.cmd.agent.implement.linux.*"]);
}

#[test]
fn the_static_users_are_named_for_their_roles() {
    for role in Role::STATIC {
        assert_eq!(role.only_user().unwrap().as_str(), role.row().role);
    }
    assert_eq!(Role::STATIC.len() + 2, TABLE.len());
}
