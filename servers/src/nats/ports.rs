//! The ports a nats-server took, as it writes them, and what it says of itself there.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use serde::Deserialize;

use crate::{Error, Result, monitor};

/// Where a nats-server listens, as seen from this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) client: SocketAddr,
    pub(super) monitor: SocketAddr,
}

#[derive(Deserialize)]
struct Written {
    nats: Vec<String>,
    monitoring: Vec<String>,
}

impl Ports {
    /// What the server with this process id wrote; nothing while it has not, or is at it.
    pub(super) fn written(folder: &Path, pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join(format!("nats-server_{pid}.ports"))).ok()?;
        let written: Written = serde_json::from_str(&text).ok()?;
        Some(Self { client: here(written.nats.first()?)?, monitor: here(written.monitoring.first()?)? })
    }
}

/// `nats://0.0.0.0:4222` is reached at 127.0.0.1 from here.
fn here(url: &str) -> Option<SocketAddr> {
    let mut address: SocketAddr = url.split_once("://")?.1.parse().ok()?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    Some(address)
}

pub(super) async fn healthy(monitor: SocketAddr) -> Result<()> {
    match monitor::get(monitor, "/healthz").await {
        Ok((200, _)) => Ok(()),
        Ok((status, body)) => Err(unwell(format!("{status} {}", body.trim()))),
        Err(error) => Err(unwell(format!("its monitor at {monitor} does not answer: {error}"))),
    }
}

/// When the configuration in force came into force.
pub(super) async fn config_load_time(monitor: SocketAddr) -> Result<String> {
    #[derive(Deserialize)]
    struct Varz {
        config_load_time: String,
    }
    let answer = monitor::get(monitor, "/varz").await;
    let (_, body) = answer.map_err(|error| unwell(format!("its monitor at {monitor} does not answer: {error}")))?;
    let varz: Varz =
        serde_json::from_str(&body).map_err(|error| unwell(format!("its monitor says something else: {error}")))?;
    Ok(varz.config_load_time)
}

const fn unwell(why: String) -> Error {
    Error::Unwell { server: super::NAME, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_address_is_reached_on_loopback() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{"nats":["nats://0.0.0.0:4222","nats://10.0.0.1:4222"],"monitoring":["http://127.0.0.1:8222"]}"#;
        std::fs::write(folder.path().join("nats-server_7.ports"), text).unwrap();
        let ports = Ports::written(folder.path(), 7).unwrap();
        assert_eq!(ports.client.to_string(), "127.0.0.1:4222");
        assert_eq!(Ports::written(folder.path(), 8), None);
    }

    #[test]
    fn half_a_file_is_no_ports() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nats-server_7.ports"), r#"{"nats":["nats://127.0"#).unwrap();
        assert_eq!(Ports::written(folder.path(), 7), None);
    }
}
