//! Where the rig itself listens.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use servers::{Port, port::holder};

use crate::{
    config::{Listen, Port as Configured},
    exit::Failure,
};

/// The port to try, and whether another will do: nobody asked for this one, it is only the usual one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wish {
    /// The port to try.
    pub(super) port: Port,
    /// Whether any other will do when it is taken.
    pub(super) bends: bool,
}

impl Wish {
    /// What is configured, or the port of the last start.
    pub(super) const fn of(configured: Option<Configured>, last: u16) -> Self {
        match configured {
            Some(Configured::Fixed(port)) => Self { port: Port::Fixed(port), bends: false },
            Some(Configured::Free) => Self { port: Port::Free, bends: false },
            None => Self { port: Port::Fixed(last), bends: true },
        }
    }

    /// Any free port instead, if this is the one that is taken and another will do.
    pub(super) fn bend(&mut self, taken: u16) -> bool {
        let bends = self.bends && self.port == Port::Fixed(taken);
        if bends {
            *self = Self { port: Port::Free, bends: false };
        }
        bends
    }
}

/// Listens where it is configured; else on loopback at the port of the last start, or at any that is free.
///
/// # Errors
/// When a configured address cannot be had: with who holds it.
pub(crate) fn listen(what: &str, key: &str, configured: Option<Listen>, last: u16) -> Result<TcpListener, Failure> {
    let bound = match configured {
        Some(listen) => bind(listen.into()).map_err(|error| (SocketAddr::from(listen), error)),
        None => bind(loopback(last)).or_else(|_| bind(loopback(0))).map_err(|error| (loopback(last), error)),
    };
    bound.map_err(|(address, error)| refused(what, key, address, error))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn refused(what: &str, key: &str, address: SocketAddr, error: io::Error) -> Failure {
    let advice = format!("Stop that, or set {key} to another address (port 0 takes any that is free).");
    if error.kind() == io::ErrorKind::AddrInUse {
        let holder = holder(address.port());
        return Failure::failed(format!("{what} cannot listen on {address}: {holder}")).advice(advice);
    }
    Failure::failed(format!("{what} cannot listen on {address}")).because(error).advice(advice)
}
