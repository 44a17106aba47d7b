use super::*;
use crate::roles::Skill;

fn user(role: Role, name: &str) -> User {
    User { role, name: Name::of(name).unwrap(), password: "correct-horse-battery".parse().unwrap() }
}

fn agent(name: &str) -> User {
    let role = Role::Agent { role: Skill::of("implement").unwrap(), pool: Name::of("linux").unwrap() };
    user(role, name)
}

/// The lines from an account's name to its end.
fn account_of<'a>(conf: &'a str, name: &str) -> &'a str {
    let start = conf.find(&format!("  {name} {{")).unwrap();
    let end = conf[start..].find("\n  }\n").unwrap();
    &conf[start..start + end]
}

#[test]
fn jetstream_is_in_rig_alone() {
    let conf = render(&[user(Role::Operator, "operator"), user(Role::Chat, "chat"), agent("dev-e")]).unwrap();
    assert_eq!(conf.matches("jetstream: enabled").count(), 1);
    assert!(account_of(&conf, "RIG").contains("jetstream: enabled"));
}

#[test]
fn every_speaker_outside_has_an_account_of_its_own() {
    let conf = render(&[agent("dev-e"), agent("dev-f"), user(Role::Chat, "chat")]).unwrap();
    for name in ["GUEST-dev-e", "GUEST-dev-f", "EDGE-chat"] {
        assert_eq!(account_of(&conf, name).matches("password").count(), 1, "{name}");
    }
}

#[test]
fn nothing_of_jetstream_but_pull_and_ack_is_let_out() {
    let conf = render(&[agent("dev-e"), user(Role::Github, "github")]).unwrap();
    for line in conf.lines().filter(|line| line.contains("$JS")) {
        assert!(line.contains("$JS.API.CONSUMER.MSG.NEXT.LOG.") || line.contains("$JS.ACK.LOG."), "{line}");
    }
    assert!(!conf.contains("allow_responses"));
}

#[test]
fn a_service_without_its_server_is_imported_by_nobody() {
    let without = render(&[agent("dev-e")]).unwrap();
    assert!(!without.contains("account: EDGE-memory"));
    let with = render(&[agent("dev-e"), user(Role::Memory, "memory")]).unwrap();
    assert!(account_of(&with, "GUEST-dev-e").contains("account: EDGE-memory, subject: \"rig.svc.memory.*\""));
}

#[test]
fn a_name_is_one_credential_and_a_roles_name_is_its_own() {
    assert_eq!(render(&[agent("dev-e"), agent("dev-e")]), Err(Error::Twice(Name::of("dev-e").unwrap())));
    assert!(matches!(render(&[agent("operator")]), Err(Error::Taken { .. })));
    assert!(matches!(render(&[user(Role::Chat, "nora")]), Err(Error::Taken { .. })));
}
