//! The accounts in the server's configuration: the wall between those who speak.
//!
//! All of it is made from [`crate::roles::TABLE`] and the users. The reasons are in `docs/decisions/accounts.md`; the
//! shortest of them: the server answers a publish's reply subject with rights of its own, so what holds is not what a
//! user may publish but which account it is in. RIG has JetStream. Every other user has an account to itself, and from
//! there reaches, by service imports, exactly the subjects that its role grants it.

mod password;
mod text;

use std::collections::{BTreeMap, BTreeSet};

pub use password::{BadPassword, Password};

use crate::roles::{Account, Grants, Name, Role, TABLE};
use text::{list, quote};

/// The server's configuration but for who may connect: `nats/server.conf`. [`render`] makes the rest.
pub const SERVER: &str = include_str!("../../nats/server.conf");

/// Where JetStream is.
const RIG: &str = "RIG";

/// How long the answers to a pull find their way back. At the server's default, two minutes, a pull that waited longer
/// without a heartbeat is still served by the stream, and what it is given goes nowhere. The server keeps about 0.7 KB a
/// pull for that long, so it is not for ever.
const WAITS_FOR: &str = "10m";

/// A credential.
#[derive(Clone, Debug)]
pub struct User {
    /// What it is for.
    pub role: Role,
    /// Who it is. A role that has only one user has it under its own name.
    pub name: Name,
    /// What it proves itself with.
    pub password: Password,
}

/// Why no configuration can be made of some users.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// Two users have one name.
    #[error("two users are called `{0}`; a name is one credential")]
    Twice(Name),
    /// A role that has only one user got another, or its name is somebody else's.
    #[error("`{name}` cannot be the name of a user in the role {role}; that name belongs to a role of the rig")]
    Taken {
        /// The name.
        name: Name,
        /// The role.
        role: &'static str,
    },
}

/// The accounts of these users, for the server's configuration.
///
/// # Errors
/// When two users share a name, or one has a name that a role has for itself.
pub fn render(users: &[User]) -> Result<String, Error> {
    check(users)?;
    let services = Services::of(users);
    let mut walls: BTreeMap<String, Vec<&User>> = BTreeMap::from([(RIG.to_owned(), Vec::new())]);
    for user in users {
        walls.entry(wall(&user.role, &user.name)).or_default().push(user);
    }
    let accounts: String = walls.iter().map(|(name, users)| account(name, users, &services)).collect();
    let has_sys = users.iter().any(|user| user.role == Role::Sys);
    let system = if has_sys { "system_account: SYS\n" } else { "" };
    Ok(format!("accounts {{\n{accounts}}}\n{system}"))
}

fn check(users: &[User]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for User { role, name, .. } in users {
        if !seen.insert(name) {
            return Err(Error::Twice(name.clone()));
        }
        let mine = role.only_user();
        let fits = mine.as_ref().map_or_else(|| !is_a_role(name), |own| own == name);
        if !fits {
            return Err(Error::Taken { name: name.clone(), role: role.row().role });
        }
    }
    Ok(())
}

fn is_a_role(name: &Name) -> bool {
    TABLE.iter().any(|row| row.role == name.as_str())
}

fn wall(role: &Role, name: &Name) -> String {
    match role.account() {
        Account::Rig => RIG.to_owned(),
        Account::Edge => format!("EDGE-{name}"),
        Account::Guest => format!("GUEST-{name}"),
        Account::Sys => "SYS".to_owned(),
    }
}

/// Which account answers which service. A service whose user is not configured is answered by nobody.
struct Services(BTreeMap<String, String>);

impl Services {
    fn of(users: &[User]) -> Self {
        let of_user = |user: &User| {
            let wall = wall(&user.role, &user.name);
            user.role.grants(&user.name).serves.into_iter().map(move |service| (service, wall.clone()))
        };
        Self(users.iter().flat_map(of_user).collect())
    }

    /// How this account reaches the services that it asks and does not answer itself.
    fn imports(&self, account: &str, asks: &[String]) -> Vec<String> {
        let there = asks.iter().filter_map(|service| Some((service, self.0.get(service)?)));
        there.filter(|(_, wall)| *wall != account).map(|(service, wall)| ask(wall, service)).collect()
    }
}

fn account(name: &str, users: &[&User], services: &Services) -> String {
    let grants: Vec<Grants> = users.iter().map(|user| user.role.grants(&user.name)).collect();
    let asks: BTreeSet<String> = grants.iter().flat_map(|grants| grants.asks.clone()).collect();
    let serves: BTreeSet<String> = grants.iter().flat_map(|grants| grants.serves.clone()).collect();
    let asks: Vec<String> = asks.into_iter().collect();
    let mut exports: Vec<String> = serves.iter().map(|service| export(service)).collect();
    let mut imports = services.imports(name, &asks);
    if name == RIG {
        exports.extend(doors_into_log());
    } else {
        imports.extend(grants.iter().flat_map(ways_into_log));
    }
    let jetstream = if name == RIG { "    jetstream: enabled\n" } else { "" };
    let users: Vec<String> = users.iter().zip(&grants).map(|(user, grants)| entry(user, grants)).collect();
    format!(
        "  {name} {{\n{jetstream}    users: {}\n    exports: {}\n    imports: {}\n  }}\n",
        list(&users),
        list(&exports),
        list(&imports)
    )
}

/// What RIG lets others reach: what the table lets anybody outside publish, pulling, and acknowledging.
fn doors_into_log() -> Vec<String> {
    let outside = TABLE.iter().filter(|row| row.account != Account::Rig);
    let subjects: BTreeSet<String> =
        outside.flat_map(|row| row.publish).map(|pattern| pattern.replace("{name}", "*")).collect();
    let mut exports: Vec<String> = subjects.iter().map(|subject| export(subject)).collect();
    let pulls = quote(&pull("*"));
    exports.push(format!("{{ service: {pulls}, response_type: stream, response_threshold: \"{WAITS_FOR}\" }}"));
    exports.push(export(&ack("*")));
    exports
}

fn ways_into_log(grants: &Grants) -> Vec<String> {
    let durable = grants.durable.iter().flat_map(|durable| [pull(&durable.name), ack(&durable.name)]);
    grants.publish.iter().cloned().chain(durable).map(|subject| import(RIG, &subject)).collect()
}

fn export(subject: &str) -> String {
    format!("{{ service: {} }}", quote(subject))
}

fn import(account: &str, subject: &str) -> String {
    format!("{{ service: {{ account: {account}, subject: {} }} }}", quote(subject))
}

/// A request's subject does not name the asker, so the server does: in the header `Nats-Request-Info`, whatever the asker
/// wrote there.
fn ask(account: &str, service: &str) -> String {
    format!("{{ service: {{ account: {account}, subject: {} }}, share: true }}", quote(service))
}

/// Where a consumer's records are asked for.
fn pull(consumer: &str) -> String {
    format!("$JS.API.CONSUMER.MSG.NEXT.LOG.{consumer}")
}

/// Where a consumer's deliveries are acknowledged.
fn ack(consumer: &str) -> String {
    format!("$JS.ACK.LOG.{consumer}.>")
}

fn entry(user: &User, grants: &Grants) -> String {
    let credential = format!("user: {}, password: {}", quote(user.name.as_str()), quote(user.password.expose()));
    match user.role.account() {
        Account::Rig | Account::Sys => format!("{{ {credential} }}"),
        Account::Edge | Account::Guest => {
            format!("{{ {credential}, permissions: {} }}", permissions(&user.name, grants))
        }
    }
}

/// The wall alone would hold; the permissions make the server say what it refuses, to the speaker and in its log.
fn permissions(name: &Name, grants: &Grants) -> String {
    let durable = grants.durable.iter().flat_map(|durable| [pull(&durable.name), ack(&durable.name)]);
    // Where a service's answers go when the asker is in another account.
    let answers = (!grants.serves.is_empty()).then(|| "_R_.>".to_owned());
    let publish = grants.publish.iter().chain(&grants.asks).cloned().chain(durable).chain(answers);
    let subscribe = grants.serves.iter().cloned().chain([format!("_INBOX.{name}.>")]);
    let quoted = |subjects: Vec<String>| list(&subjects.iter().map(|subject| quote(subject)).collect::<Vec<_>>());
    format!(
        "{{ publish: {{ allow: {} }}, subscribe: {{ allow: {} }} }}",
        quoted(publish.collect()),
        quoted(subscribe.collect())
    )
}

#[cfg(test)]
mod tests;
