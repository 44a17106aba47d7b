//! The demo's `rig.toml`: as anybody's, so that every command and every role can be started with it.

use std::{
    fmt::Write as _,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
};

use conductor::github::ingest::PATH;

use super::town::{REPOSITORY, Town};
use crate::{
    config::Config,
    exit::Failure,
    home::{Home, write_private},
};

/// Writes it into the home, and reads it. What the environment says of another rig does not count here.
///
/// # Errors
/// When it cannot be written, or the environment says of this machine what cannot be.
pub(super) fn write(home: &Home, town: &Town) -> Result<Config, Failure> {
    let path = path(home);
    write_private(&path, &text(town, free_port()?))?;
    Config::of_demo(&path).map_err(|error| Failure::usage(error.to_string()))
}

/// Where it stands.
pub(super) fn path(home: &Home) -> PathBuf {
    home.path().join("rig.toml")
}

/// A port for webhooks, known before anybody listens: GitHub is told it, and ingest may be started again. Any that is free:
/// of two demos that begin together both would find a usual one free, and one would get the other's webhooks.
fn free_port() -> Result<u16, Failure> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    bound.map(|at| at.port()).map_err(|error| Failure::failed("no port is free for webhooks").because(error))
}

fn text(town: &Town, port: u16) -> String {
    let mut text = format!(
        "# The demo's configuration, written at each start.\n[operator]\nname = \"you\"\n\n\
         [ingest]\nlisten = \"127.0.0.1:{port}\"\n\n\
         [github]\napi = \"{}\"\nweb = \"{}\"\nwebhook = \"http://127.0.0.1:{port}{PATH}\"\n\
         look_every = \"5s\"\nlist_every = \"1s\"\n",
        town.api, town.web
    );
    for (role, slug) in [("implementer", "dev-e"), ("reviewer", "review-e"), ("conductor", "conductor-e")] {
        let Some((id, _)) = town.apps.get(slug) else { continue };
        let _ =
            write!(text, "\n[github.{role}]\napp = {id}\nkey_file = \"keys/{slug}.pem\"\nlogin = \"{slug}[bot]\"\n");
    }
    let _ = write!(
        text,
        "\n[[repository]]\nname = \"{REPOSITORY}\"\nautonomy = \"land\"\nchecks = [\"test\"]\nsite = \"{}\"\n\
         smoke = [{{ name = \"hello\", path = \"/\", says = \"Hello\" }}]\n\n\
         [[agent]]\ncharacter = \"dev-e\"\n\n[[agent]]\ncharacter = \"review-e\"\n",
        town.site
    );
    text
}
