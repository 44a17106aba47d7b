//! Ports: which one to listen on, and who has it already.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, TcpListener},
    ops::Range,
};

use rand::Rng;

use crate::{Error, Result, process_table};

/// The port a server should listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Any that is free.
    Free,
    /// This one, and no other.
    Fixed(u16),
}

/// Who listens on a port, as far as may be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A process that may be looked at.
    Process {
        /// Its id.
        pid: i32,
        /// The name of its program.
        program: String,
    },
    /// A process of somebody else, or this is not Linux.
    Unseen,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { pid, program } => write!(f, "process {pid} ({program}) listens there"),
            Self::Unseen => f.write_str("another process, which may not be looked at, listens there"),
        }
    }
}

/// Below the ports that Linux and macOS give to outgoing connections: a client that keeps trying to reach a server which
/// is down could be given that server's own port, be connected to itself, and keep the server from coming back.
const DRAWN_FROM: Range<u16> = 20_000..30_000;

/// How often another free port is drawn when somebody was quicker.
pub(crate) const TRIES: u32 = 16;

/// The port to start a server on now.
pub(crate) fn choose(server: &'static str, host: IpAddr, wished: Port) -> Result<u16> {
    match wished {
        Port::Fixed(port) => must_be_free(server, SocketAddr::new(host, port)).map(|()| port),
        Port::Free => draw(server, host),
    }
}

/// Refuses an address on which somebody listens, and names them.
pub(crate) fn must_be_free(server: &'static str, address: SocketAddr) -> Result<()> {
    if is_taken(address) {
        let holder = holder(address.port());
        return Err(Error::PortInUse { server, address, holder });
    }
    Ok(())
}

/// Other refusals (a port below 1024, say) are the server's to report, with its own words.
pub(crate) fn is_taken(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

#[expect(clippy::disallowed_methods, reason = "which port is free is this machine's matter; no record is made from it")]
fn draw(server: &'static str, host: IpAddr) -> Result<u16> {
    let mut address = SocketAddr::new(host, 0);
    for _ in 0..1000 {
        address.set_port(rand::rng().random_range(DRAWN_FROM));
        if !is_taken(address) {
            break;
        }
    }
    must_be_free(server, address).map(|()| address.port())
}

/// Who listens on a TCP port of this machine.
#[must_use]
pub fn holder(port: u16) -> Holder {
    sockets::listening(port)
        .and_then(|sockets| sockets::pid_with_one_of(&sockets))
        .and_then(process_table::one)
        .map_or(Holder::Unseen, |found| Holder::Process { pid: found.pid, program: found.program().to_owned() })
}

#[cfg(target_os = "linux")]
mod sockets {
    use std::fs;

    /// The inodes of the sockets that listen on a port.
    pub(super) fn listening(port: u16) -> Option<Vec<String>> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
        let inodes: Vec<_> =
            tables.iter().flat_map(|table| table.lines().skip(1)).filter_map(|line| inode(line, port)).collect();
        (!inodes.is_empty()).then_some(inodes)
    }

    /// Columns: number, local address, remote address, state (0A listens), …, the tenth is the inode.
    fn inode(line: &str, port: u16) -> Option<String> {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (_, local) = columns.get(1)?.rsplit_once(':')?;
        let listens = *columns.get(3)? == "0A" && u16::from_str_radix(local, 16).ok()? == port;
        listens.then(|| format!("socket:[{}]", columns[9..].first().unwrap_or(&"")))
    }

    pub(super) fn pid_with_one_of(sockets: &[String]) -> Option<i32> {
        let pids = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.into_iter().find(|pid: &i32| has_one_of(*pid, sockets))
    }

    fn has_one_of(pid: i32, sockets: &[String]) -> bool {
        let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else {
            return false;
        };
        open.flatten()
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .any(|to| sockets.iter().any(|socket| to.as_os_str() == socket.as_str()))
    }
}

#[cfg(not(target_os = "linux"))]
mod sockets {
    pub(super) fn listening(_: u16) -> Option<Vec<String>> {
        None
    }

    pub(super) fn pid_with_one_of(_: &[String]) -> Option<i32> {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn free_ports_are_below_those_of_outgoing_connections() {
        let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap();
        let lowest: u16 = range.split_whitespace().next().unwrap().parse().unwrap();
        assert!(DRAWN_FROM.end <= lowest);
        let port = choose("a server", Ipv4Addr::LOCALHOST.into(), Port::Free).unwrap();
        assert!(DRAWN_FROM.contains(&port));
    }

    #[test]
    fn a_port_in_use_is_neither_drawn_nor_taken() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        assert!(is_taken(address));
        let refused = choose("a server", address.ip(), Port::Fixed(address.port())).unwrap_err();
        assert!(matches!(refused, Error::PortInUse { .. }));
        drop(taken);
        assert!(!is_taken(address));
    }
}
