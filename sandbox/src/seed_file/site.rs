//! Sites.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, TcpListener},
    time::Duration,
};

use toml::Value;

use super::Unsettled;
use crate::{
    played::{self, Played},
    workflow::table::{Reader, number, text},
    world::RepositoryId,
};

const KEYS: &str = "port and delay";
/// The port where none is named.
const USUAL: u16 = 8481;
const DELAY: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// A site of a repository's default branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Where it listens, on loopback; none is the usual port, or any that is free where that is taken.
    pub port: Option<u16>,
    /// How long a deployment takes.
    pub delay: Duration,
}

impl Site {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let port = reader.optional("port", port);
        let delay = reader.optional("delay", |value| delay(&text(value)?)).unwrap_or(DELAY);
        reader.finish(KEYS);
        Self { port, delay }
    }

    /// Serves it; returns its address.
    pub(super) fn open(self, played: &Played, id: RepositoryId, repository: &str) -> Result<String, Unsettled> {
        let listener = listen(self.port).map_err(|source| Unsettled::Port {
            repository: repository.to_owned(),
            port: self.port.unwrap_or(USUAL),
            source,
        })?;
        Ok(played.site(id, played::Site { listener, delay: self.delay })?)
    }
}

fn listen(port: Option<u16>) -> io::Result<tokio::net::TcpListener> {
    let bind = |port| TcpListener::bind((IpAddr::from(Ipv4Addr::LOCALHOST), port));
    let listener = match port {
        Some(port) => bind(port),
        None => bind(USUAL).or_else(|_| bind(0)),
    }?;
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

fn port(value: Value) -> Result<u16, String> {
    let read = number(value)?;
    u16::try_from(read).map_err(|_| format!("{read} is no port; there are 1 to 65535, and 0 for any that is free"))
}

/// `250ms`, `2s`, `1m`.
fn delay(text: &str) -> Result<Duration, String> {
    let read = [("ms", 1), ("s", 1000), ("m", 60_000)].into_iter().find_map(|(unit, millis)| {
        let number = text.strip_suffix(unit)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = digits.then_some(number)?.parse().ok()?;
        Some(Duration::from_millis(number.checked_mul(millis)?))
    });
    read.filter(|delay| *delay <= LONGEST)
        .ok_or_else(|| format!("{text:?} is no delay; write one like \"2s\" or \"250ms\", at most a day"))
}
