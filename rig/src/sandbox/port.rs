//! Where the sandbox listens: on loopback, since everybody who reaches it could have been let in.

use std::{io, net::Ipv4Addr};

use servers::port::holder;
use tokio::net::TcpListener;

use crate::exit::Failure;

/// The port where none is named.
const USUAL: u16 = 8480;

/// Listens at the port that was named; else at the usual one, or at any that is free.
///
/// # Errors
/// When a named port cannot be had: with who holds it.
pub(crate) fn listen(port: Option<u16>) -> Result<TcpListener, Failure> {
    let bound = match port {
        Some(port) => bind(port),
        None => bind(USUAL).or_else(|_| bind(0)),
    };
    bound.map_err(|error| refused(port.unwrap_or(USUAL), error))
}

fn bind(port: u16) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

fn refused(port: u16, error: io::Error) -> Failure {
    let advice = "Stop that, or name another with --port (0 takes any that is free).";
    if error.kind() == io::ErrorKind::AddrInUse {
        return Failure::failed(format!("port {port} is taken: {}", holder(port))).advice(advice);
    }
    Failure::failed(format!("port {port} cannot be had")).because(error).advice(advice)
}
