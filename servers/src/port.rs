//! Ports: which one to listen on, and who has it already.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

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
            Self::Unseen => {
                f.write_str("another process, which may not be looked at, listens there")
            }
        }
    }
}

/// Refuses an address on which somebody listens, and names them.
pub(crate) fn must_be_free(server: &'static str, address: SocketAddr) -> Result<()> {
    match TcpListener::bind(address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Error::PortInUse {
            server,
            address,
            holder: holder(address.port()),
        }),
        // Other refusals (a port below 1024, say) are the server's to report, with its own words.
        _ => Ok(()),
    }
}

/// A loopback port nobody listens on at this moment. Another may take it before it is used: then try again.
pub(crate) fn free() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// Who listens on a TCP port of this machine.
#[must_use]
pub fn holder(port: u16) -> Holder {
    sockets::listening(port)
        .and_then(|sockets| sockets::pid_with_one_of(&sockets))
        .and_then(process_table::one)
        .map_or(Holder::Unseen, |found| Holder::Process {
            pid: found.pid,
            program: found.program().to_owned(),
        })
}

#[cfg(target_os = "linux")]
mod sockets {
    use std::fs;

    /// The inodes of the sockets that listen on a port.
    pub(super) fn listening(port: u16) -> Option<Vec<String>> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"]
            .map(|table| fs::read_to_string(table).unwrap_or_default());
        let inodes: Vec<_> = tables
            .iter()
            .flat_map(|table| table.lines().skip(1))
            .filter_map(|line| inode(line, port))
            .collect();
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
        let pids = fs::read_dir("/proc")
            .ok()?
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.into_iter().find(|pid: &i32| has_one_of(*pid, sockets))
    }

    fn has_one_of(pid: i32, sockets: &[String]) -> bool {
        let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else {
            return false;
        };
        open.flatten()
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .any(|to| {
                sockets
                    .iter()
                    .any(|socket| to.as_os_str() == socket.as_str())
            })
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
