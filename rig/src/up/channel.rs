//! The channel's configuration and addresses: who may connect, and with what.

use bus::{
    accounts::{self, BadPassword, Password, User},
    roles::Role,
};

use servers::Secret;

use super::ground::Ground;
use crate::{
    config::Config,
    exit::Failure,
    home::{Error, Files, Home, write_private},
    roles,
};

/// nats-server's configuration: itself, and one user a role and a subscriber.
///
/// # Errors
/// When a secret can be neither read nor made, or two users share a name.
pub(super) fn conf(home: &Home, config: &Config) -> Result<Secret, Failure> {
    let mut users = Vec::new();
    for (role, name) in roles::users(config)? {
        let password = password(&home.secrets().password(name.as_str())?)?;
        users.push(User { role, name, password });
    }
    for role in Role::STATIC {
        if let Some(name) = role.only_user() {
            let password = password(&home.secrets().password(name.as_str())?)?;
            users.push(User { role, name, password });
        }
    }
    for subscriber in home.subscribers()? {
        let password = password(&subscriber.password()?)?;
        users.push(User { role: subscriber.role()?, name: subscriber.name, password });
    }
    let accounts = accounts::render(&users).map_err(|error| {
        Failure::failed(error.to_string()).advice(format!("Look into {}/subscribers.", home.path().display()))
    })?;
    Ok(format!("{}{accounts}", accounts::SERVER).into())
}

fn password(secret: &Secret) -> Result<Password, Failure> {
    secret.reveal().parse().map_err(|error: BadPassword| {
        Failure::failed(error.to_string()).advice("Remove the file with that password from the home; another is made.")
    })
}

/// The operator's address of the channel, password included.
///
/// # Errors
/// When its password can be neither read nor made.
pub(super) fn operator_url(home: &Home, ground: &Ground) -> Result<String, Error> {
    Ok(address("operator", home.secrets().password("operator")?.reveal(), ground))
}

/// Writes every address where those who need it look for it; anew at each start, since ports may change.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write_addresses(home: &Home, config: &Config, ground: &Ground) -> Result<Files, Error> {
    let secrets = home.secrets();
    let agents = config.agents.iter().map(|agent| agent.character.name.clone());
    for user in Role::STATIC.iter().filter_map(Role::only_user).chain(agents) {
        let url = address(user.as_str(), secrets.password(user.as_str())?.reveal(), ground);
        secrets.write(&secrets.nats_url_file(user.as_str()), &url)?;
    }
    write_subscribers(home, ground)?;
    secrets.write(&secrets.postgres_url_file(), &ground.postgres.url())?;
    secrets.webhook()?;
    Ok(Files {
        nats_url: secrets.nats_url_file("operator"),
        postgres_url: secrets.postgres_url_file(),
        webhook_secret: config.ingest.webhook_secret_file.clone().unwrap_or_else(|| secrets.webhook_file()),
    })
}

/// Writes the subscribers' addresses: who sees the file may connect.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write_subscribers(home: &Home, ground: &Ground) -> Result<(), Error> {
    for subscriber in home.subscribers()? {
        let url = address(subscriber.name.as_str(), subscriber.password()?.reveal(), ground);
        write_private(&subscriber.nats_url_file(), &format!("{url}\n"))?;
    }
    Ok(())
}

fn address(user: &str, password: &str, ground: &Ground) -> String {
    format!("nats://{user}:{password}@{}", ground.nats.client_address())
}
